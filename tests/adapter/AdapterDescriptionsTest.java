package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.StoreDescription;
import com.linkedin.venice.rust.adapter.VeniceDescriptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What Venice knows of its stores is told to the Rust server: at the start, and with each change. */
public class AdapterDescriptionsTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private AdapterNode node() throws Exception {
    AdapterNode node = new AdapterNode(temporary.newFolder().toPath(), Map.of());
    node.context.schemas = AdapterMetadata.SCHEMAS;
    node.context.metadata = new AdapterMetadata(7);
    return node;
  }

  private static void awaitStores(AdapterNode node, String... names) throws Exception {
    Await.until(
        "the server knows " + List.of(names),
        () -> node.readPath().server().describedStores().equals(List.of(names)));
  }

  @Test
  public void storesAreDescribedFromTheStartUntilTheyAreDeleted() throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put("a", 1000, true, 7);
      node.start();
      awaitStores(node, "a");
      node.stores.put("b", 1000, false, 1, 2);
      awaitStores(node, "a", "b");
      node.stores.delete("a");
      awaitStores(node, "b");
    }
  }

  @Test
  public void aServerThatIsStartedAnewIsToldAllOfIt() throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put("a", 1000, true, 7);
      node.start();
      awaitStores(node, "a");
      node.readPath().drain(Duration.ofSeconds(90));
      node.stores.put("b", 1000, true, 7);
      node.readPath().resume();
      awaitStores(node, "a", "b");
    }
  }

  @Test
  public void theReplicasOfTheCurrentVersionAreFollowed() throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put(AdapterNode.STORE, 1000, true, 1);
      node.start();
      node.context.view.complete(node.view);
      awaitListeners(node, 1, 1);
      node.stores.put(AdapterNode.STORE, 1000, true, 1, 2);
      awaitListeners(node, 2, 1);
      awaitListeners(node, 1, 0);
      node.stores.delete(AdapterNode.STORE);
      awaitListeners(node, 2, 0);
    }
  }

  private static void awaitListeners(AdapterNode node, int version, int count) throws Exception {
    String topic = AdapterNode.config(version).resource();
    Await.until(count + " follow " + topic, () -> node.view.listenerCount(topic) == count);
  }

  @Test
  public void aDescriptionHasWhatVeniceWouldAnswer() throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put("a", 1000, true, 6, 7);
      assertEquals(
          "{\"name\":\"a\",\"currentVersion\":7,\"versions\":[{\"number\":6,\"partitionCount\":3,"
              + "\"compression\":\"GZIP\",\"storageMode\":0},{\"number\":7,\"partitionCount\":3,"
              + "\"compression\":\"GZIP\",\"storageMode\":0}],\"keySchemas\":{\"1\":\"\\\"string\\\"\"},"
              + "\"valueSchemas\":{\"1\":\"\\\"int\\\"\",\"3\":\"\\\"long\\\"\"},"
              + "\"latestValueSchemaId\":3,\"supersetSchemaId\":-1,\"readComputeEnabled\":true,"
              + "\"storageNodeReadQuotaEnabled\":true,\"batchGetLimit\":-1,"
              + "\"externalStorageReadMode\":0,\"moved\":false,"
              + "\"routing\":{\"replicas\":{\"0\":[\"https://a:1\",\"https://b:1\"]},"
              + "\"helixGroups\":{\"https://a:1\":2}}}",
          described(node, "a").json());
    }
  }

  @Test
  public void aStoreThatFastClientsMayNotReadHasTheSchemasThatAreThere() throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put("a", 1000, false, 7);
      String json = described(node, "a").json();
      assertEquals(
          json,
          "\"valueSchemas\":{\"1\":\"\\\"int\\\"\",\"3\":\"\\\"int\\\"\"},",
          json.substring(json.indexOf("\"valueSchemas"), json.indexOf("\"latestValueSchemaId")));
    }
  }

  @Test
  public void replicasOfAnotherVersionAreNotTold() throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put("a", 1000, true, 8);
      String json = described(node, "a").json();
      assertEquals(json, json.indexOf("\"replicas\":{}"), json.indexOf("\"replicas\":"));
    }
  }

  private static StoreDescription described(AdapterNode node, String store) {
    return new VeniceDescriptions(
            node.stores, AdapterMetadata.SCHEMAS, node.context.metadata, node.context.view)
        .describe(store);
  }
}
