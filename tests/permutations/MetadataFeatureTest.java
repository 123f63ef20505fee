package com.linkedin.venice.rust.tests.permutations;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** A store's owner forbids Fast Clients to read; they learn it from the metadata. */
@Original("FastClientIndividualFeatureConfigurationTest")
public class MetadataFeatureTest extends PermutationTest {
  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.METADATA).permutations();
  }

  @Test
  public void testSNQuotaNotEnabled() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    try (ReadServer server = Cluster.shared().newServer(permutation);
        StoreService service = server.storeService(permutation.transport().client())) {
      server.describe(TestStores.described(store).storageNodeReadQuotaEnabled(false).build());
      StoreService.Answer answer = service.metadata(TestStores.name(store));
      // By this a client knows that it may not start.
      assertEquals(403, answer.status());
      assertTrue(answer.text(), answer.text().startsWith("Fast client is not enabled for store"));
    }
  }
}
