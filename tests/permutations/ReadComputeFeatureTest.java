package com.linkedin.venice.rust.tests.permutations;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.util.List;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** A store's owner forbids to compute. */
@Original("FastClientIndividualFeatureConfigurationTest")
public class ReadComputeFeatureTest extends PermutationTest {
  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.COMPUTES).permutations();
  }

  @Test
  public void testServerRejectReadComputeRequest() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    boolean streaming = permutation.read() == Read.STREAMING_COMPUTE;
    List<String> key = List.of("key_0");
    try (ReadServer server = Cluster.shared().newServer(permutation);
        StoreService service = server.storeService(permutation.transport().client())) {
      server.describe(TestStores.described(store).build());
      assertEquals(1, ReadComputeTest.project(service, streaming, store, key).size());
      server.describe(TestStores.described(store).readComputationEnabled(false).build());
      VeniceClientException refused =
          assertThrows(
              VeniceClientException.class,
              () -> ReadComputeTest.project(service, streaming, store, key));
      assertTrue(
          refused.getMessage(),
          refused.getMessage().contains("Read compute is not enabled for the store"));
    }
  }
}
