package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** A client that spares a store which has no quota left. */
public class StoreOverloadTest extends PermutationTest {
  private static final int KEYS = 5;
  private static final int READS = 40;

  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.GETS).permutations();
  }

  @Test
  public void testStoreOverload() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    String storeVersion = store.config().resource();
    StoreMetadata metadata = Cluster.shared().metadata(permutation, store, 1);
    ReadServer server = Cluster.shared().server(permutation, 0);
    server.setStoreQuota(storeVersion, 1);
    try (AvroStoreClient<GenericRecord> client =
        AvroStoreClient.loadControlled(metadata, permutation.read())) {
      // The quota of one RCU allows this, and one more of these before the next refill.
      assertEquals(keys(0, KEYS), client.read(keys(0, KEYS)).keySet());
      int failed = 0;
      for (int i = 0; i < READS; i++) {
        try {
          client.read(keys(0, KEYS));
        } catch (VeniceClientException refused) {
          failed++;
        }
      }
      ClientStats stats = client.stats();
      assertTrue("servers refused some", stats.rateExceeded.get() > 0);
      assertTrue("the client refused more", stats.rejectedByLoadController.get() > 0);
      assertTrue("readers heard of it", failed > 0);
      assertEquals(
          stats.requests.get(),
          stats.healthyRequests.get()
              + stats.rateExceeded.get()
              + stats.rejectedByLoadController.get());
    } finally {
      server.removeStoreQuota(storeVersion);
    }
  }
}
