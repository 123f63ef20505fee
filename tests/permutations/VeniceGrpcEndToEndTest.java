package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.STRINGS;
import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.Before;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** A store of strings, in batches of as many keys as a store allows. */
public class VeniceGrpcEndToEndTest extends PermutationTest {
  private static final int SOME = 50;

  private TestStores.Store store;
  private StoreMetadata metadata;

  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.BATCH_GET, Read.STREAMING_BATCH_GET)
        .withCompressions(CompressionStrategy.values())
        .permutations();
  }

  /** Makes what clients know of the store. */
  @Before
  public void describeStore() throws Exception {
    store = Cluster.shared().strings(permutation.compression());
    metadata = Cluster.shared().metadata(permutation, store, 2);
  }

  /** Batches bring what single gets bring, and what was written. */
  @Test
  public void testGrpcFastClient() {
    try (AvroStoreClient<Object> client = AvroStoreClient.generic(metadata, permutation.read());
        AvroStoreClient<Object> singles = AvroStoreClient.generic(metadata, Read.SINGLE_GET)) {
      Map<String, Object> values = new HashMap<>();
      for (int from = 0; from < STRINGS; from += FastClient.DEFAULT_BATCH_GET_LIMIT) {
        int to = Math.min(from + FastClient.DEFAULT_BATCH_GET_LIMIT, STRINGS);
        values.putAll(client.batchGet(keys(from, to)));
      }
      assertEquals(store.rows().keySet(), values.keySet());
      store.rows().forEach((key, row) -> assertEquals(row.datum(), values.get(key).toString()));
      Set<String> some = keys(0, SOME);
      values.keySet().retainAll(some);
      assertEquals(values, singles.read(some));
    }
  }

  /** What comes key by key is what comes at once. */
  @Test
  public void fastClientWithBatchStreaming() {
    Set<String> wanted = keys(0, FastClient.DEFAULT_BATCH_GET_LIMIT);
    try (AvroStoreClient<Object> client = AvroStoreClient.generic(metadata, permutation.read());
        AvroStoreClient<Object> unary = AvroStoreClient.generic(metadata, Read.BATCH_GET)) {
      AvroStoreClient.ResponseMap<Object> streamed = client.streamingBatchGet(wanted);
      assertEquals(Set.of(), streamed.nonExistingKeys());
      assertEquals(unary.batchGet(wanted), streamed.values());
    }
  }
}
