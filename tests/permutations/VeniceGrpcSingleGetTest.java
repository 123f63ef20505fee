package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.NON_EXISTING_KEY;
import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.util.Map;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** A store of strings, key by key. */
@Original("VeniceGrpcEndToEndTest")
public class VeniceGrpcSingleGetTest extends PermutationTest {
  private static final int SOME = 100;

  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.SINGLE_GET).withCompressions(CompressionStrategy.values()).permutations();
  }

  @Test
  public void testSingleGet() throws Exception {
    TestStores.Store store = Cluster.shared().strings(permutation.compression());
    StoreMetadata metadata = Cluster.shared().metadata(permutation, store, 1);
    try (AvroStoreClient<Object> client = AvroStoreClient.generic(metadata, permutation.read())) {
      Map<String, Object> values = client.read(keys(0, SOME));
      assertEquals(keys(0, SOME), values.keySet());
      values.forEach((key, value) -> assertEquals(store.rows().get(key).datum(), value.toString()));
      assertNull(client.get(NON_EXISTING_KEY));
    }
  }
}
