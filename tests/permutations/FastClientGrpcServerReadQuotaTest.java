package com.linkedin.venice.rust.tests.permutations;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** A server's quota, as a client feels it. */
public class FastClientGrpcServerReadQuotaTest extends PermutationTest {
  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.GETS).permutations();
  }

  @Test
  public void testGrpcServerReadQuota() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    String storeVersion = store.config().resource();
    StoreMetadata metadata = Cluster.shared().metadata(permutation, store, 1);
    ReadServer server = Cluster.shared().server(permutation, 0);
    try (AvroStoreClient<GenericRecord> client =
        AvroStoreClient.generic(metadata, permutation.read())) {
      server.setStoreQuota(storeVersion, 1000);
      QuotaReads.read(client, 5);
      assertEquals(0, client.stats().rateExceeded.get());

      server.setStoreQuota(storeVersion, 50);
      QuotaReads.readUntilRefused(client, 50 * ReadServer.KEYS_OF_ONE_RCU);
      assertTrue(client.stats().rateExceeded.get() > 0);

      server.removeStoreQuota(storeVersion);
      QuotaReads.read(client, 1);
    } finally {
      server.removeStoreQuota(storeVersion);
    }
  }
}
