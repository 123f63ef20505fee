package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.adapter.VeniceDescriptions;
import com.linkedin.venice.rust.protocols.StoreMetadataResponse;
import com.linkedin.venice.rust.protocols.StorePropertiesRequest;
import com.linkedin.venice.rust.testing.StoreMetadataMethods;
import com.linkedin.venice.serializer.SerializerDeserializerFactory;
import com.linkedin.venice.systemstore.schemas.StoreMetaValue;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import java.util.Map;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A Da Vinci client learns from the Rust server what Venice's server says of a store. */
public class AdapterPropertiesTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final AdapterMetadata metadata = new AdapterMetadata(1);

  /** With Helix connected, which knows of version 1 of {@link AdapterNode#STORE}. */
  private AdapterNode node() throws Exception {
    AdapterNode node = new AdapterNode(temporary.newFolder().toPath(), Map.of());
    node.context.schemas = AdapterMetadata.SCHEMAS;
    node.context.metadata = metadata;
    node.assign(1, 1, 2);
    node.context.view.complete(node.view);
    return node;
  }

  @Test
  public void aStoreThatFastClientsReadIsTold() throws Exception {
    tells(true);
  }

  @Test
  public void aStoreThatOnlyDaVinciClientsReadIsToldAsWell() throws Exception {
    tells(false);
  }

  private void tells(boolean fastClients) throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put(AdapterNode.STORE, 1000, fastClients, 1);
      node.start();
      ManagedChannel channel =
          Grpc.newChannelBuilder(node.address(), InsecureChannelCredentials.create()).build();
      try {
        StoreMetadataResponse answer = ask(channel);
        assertEquals(answer.getErrorMessage(), 200, answer.getErrorCode());
        BinaryDecoder in = DecoderFactory.get().binaryDecoder(answer.getData().toByteArray(), null);
        assertEquals(47, in.readInt());
        StoreMetaValue value =
            SerializerDeserializerFactory.getAvroSpecificDeserializer(StoreMetaValue.class)
                .deserialize(in.readBytes(null));
        assertEquals(metadata.properties(AdapterNode.STORE), value.getStoreProperties());
        assertEquals("{1=\"string\"}", value.getStoreKeySchemas().getKeySchemaMap().toString());
        assertEquals(2, value.getStoreValueSchemas().getValueSchemaMap().size());

        metadata.owner("another owner");
        node.stores.put(AdapterNode.STORE, 1000, fastClients, 1);
        Await.until(
            "the change of the store is told",
            () -> ask(channel).getData().toStringUtf8().contains("another owner"));
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static StoreMetadataResponse ask(ManagedChannel channel) {
    return ClientCalls.blockingUnaryCall(
        channel,
        StoreMetadataMethods.STORE_PROPERTIES,
        CallOptions.DEFAULT,
        StorePropertiesRequest.newBuilder().setStoreName(AdapterNode.STORE).build());
  }

  @Test
  public void twoAnswersOfTheSameStateAreTheSameDescription() throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put(AdapterNode.STORE, 1000, true, 1);
      String json = described(node);
      assertTrue(json, json.contains("\"properties\":{\"schemaVersion\":47,\"avro\":\""));
      assertEquals(json, described(node));
    }
  }

  @Test
  public void aStoreOfWhichHelixKnowsNothingIsNotAskedFor() throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put("elsewhere", 1000, false, 1);
      String json = descriptions(node).describe("elsewhere").json();
      assertFalse(json, json.contains("\"properties\""));
      assertEquals(0, metadata.propertiesAsked.get());
    }
  }

  @Test
  public void aRefusalLeavesTheRestOfTheDescription() throws Exception {
    try (AdapterNode node = node()) {
      node.stores.put(AdapterNode.STORE, 1000, true, 1);
      String before = described(node);
      metadata.refuseProperties("Failed to populate metadata by client for store: it");
      int properties = before.indexOf(",\"properties\"");
      assertEquals(before.substring(0, properties) + "}", described(node));
    }
  }

  private static String described(AdapterNode node) {
    return descriptions(node).describe(AdapterNode.STORE).json();
  }

  private static VeniceDescriptions descriptions(AdapterNode node) {
    return new VeniceDescriptions(
        node.stores, node.context.schemas, node.context.metadata, node.context.view);
  }
}
