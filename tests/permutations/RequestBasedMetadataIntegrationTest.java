package com.linkedin.venice.rust.tests.permutations;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.MetadataRecords;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** What a client learns of a store from a server. */
public class RequestBasedMetadataIntegrationTest extends PermutationTest {
  private static final List<String> BOTH = List.of("https://first:1", "https://second:2");

  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.METADATA)
        .withCompressions(CompressionStrategy.NO_OP, CompressionStrategy.ZSTD_WITH_DICT)
        .permutations();
  }

  @Test
  public void testMetadata() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    String name = TestStores.name(store);
    try (ReadServer server = Cluster.shared().newServer(permutation);
        StoreService service = server.storeService(permutation.transport().client())) {
      server.describe(
          TestStores.described(store).routing(Map.of(0, BOTH, 1, BOTH, 2, BOTH)).build());
      MetadataRecords first = MetadataRecords.decode(service.metadata(name).orThrow());
      assertEquals(1, first.currentVersion());
      assertEquals(List.of(1), first.versions());
      assertEquals(store.config().partitionCount(), first.partitionCount());
      assertEquals(permutation.compression().id(), first.compressionStrategy());
      assertEquals(Map.of("0", BOTH, "1", BOTH, "2", BOTH), first.routing());
      // A new version, of which one instance is ready.
      Store.Version next = Store.Version.of(2, permutation.compression().id(), 1);
      server.describe(
          TestStores.described(store)
              .versions(2, TestStores.version(store), next)
              .routing(Map.of(0, BOTH.subList(1, 2)))
              .build());
      MetadataRecords second = MetadataRecords.decode(service.metadata(name).orThrow());
      assertEquals(2, second.currentVersion());
      assertEquals(List.of(1, 2), second.versions());
      assertEquals(1, second.partitionCount());
      assertEquals(Map.of("0", BOTH.subList(1, 2)), second.routing());
    }
  }

  @Test
  public void testMetadataSchemaRetriever() throws Exception {
    TestStores.Store store = Cluster.shared().recordsOfTwoSchemas(permutation.compression());
    try (ReadServer server = Cluster.shared().newServer(permutation);
        StoreService service = server.storeService(permutation.transport().client())) {
      server.describe(TestStores.described(store).build());
      MetadataRecords metadata =
          MetadataRecords.decode(service.metadata(TestStores.name(store)).orThrow());
      assertEquals(Map.of("1", "\"string\""), metadata.keySchemas());
      assertEquals(2, metadata.valueSchemas().size());
      store
          .valueSchemas()
          .forEach(
              (id, schema) ->
                  assertEquals(
                      schema,
                      new Schema.Parser().parse(metadata.valueSchemas().get(id.toString()))));
      assertEquals(Store.NO_SCHEMA, metadata.latestSuperSetValueSchemaId());
    }
  }

  @Test
  public void testMetadataZstdDictionaryFetch() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    try (ReadServer server = Cluster.shared().newServer(permutation);
        StoreService service = server.storeService(permutation.transport().client())) {
      server.describe(TestStores.described(store).build());
      StoreService.Answer answer = service.dictionary(TestStores.name(store), 1);
      if (permutation.compression() == CompressionStrategy.ZSTD_WITH_DICT) {
        assertArrayEquals(store.config().dictionary(), answer.orThrow());
      } else {
        assertEquals(404, answer.status());
      }
    }
  }
}
