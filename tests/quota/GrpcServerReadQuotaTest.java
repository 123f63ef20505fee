package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.ReadServerMetric;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.BlockingReadService;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import com.linkedin.venice.rust.tests.served.ServedStoreRule;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;

/**
 * Read quota set from Java, as Fast Clients feel it. Methods are named after those of Venice's
 * {@code FastClientGrpcServerReadQuotaTest}, {@code FastClientIndividualFeatureConfigurationTest}
 * and {@code StoreOverloadTest}.
 *
 * <p>Buckets are refilled once an hour here, and a test takes less: what is used stays used.
 */
public class GrpcServerReadQuotaTest {
  /** Keys that one RCU per second allows until the next refill. */
  private static final int KEYS_OF_ONE_RCU = 60 * 60;

  private static final StoreVersionConfig CONFIG = new StoreVersionConfig("quota", 1, 3);

  @Rule
  public final ServedStoreRule served =
      new ServedStoreRule(
          ReadServerConfig.builder().quotaInterval(Duration.ofHours(1)).quotaCapacityMultiple(1));

  private final SampleRows rows = new SampleRows(100, 0, 50);
  private RustReadServer server;
  private FastClient client;

  @Before
  public void start() throws Exception {
    server = served.server();
    served.push(CONFIG, rows);
    client = served.client(CONFIG, KEYS_OF_ONE_RCU);
  }

  @Test
  public void testGrpcServerReadQuota() {
    server.setNodeQuota(1000);
    server.setStoreQuota("quota_v1", 1000, 1.0);
    for (int i = 0; i < 500; i++) {
      assertEquals(rows.value(i % 100), client.get(rows.key(i % 100)));
    }
    // A smaller quota, of which one replica of two has the share, is a new and full bucket.
    server.setStoreQuota("quota_v1", 2, 0.5);
    useAllButOne();
    assertEquals(rows.value(7), client.get(rows.key(7)));
    assertThrows(VeniceClientRateExceededException.class, () -> client.get(rows.key(7)));
    // The same part of the node again: used is used.
    server.setStoreQuota("quota_v1", 1, 1.0);
    assertThrows(VeniceClientRateExceededException.class, () -> client.get(rows.key(7)));
    assertEquals(500 + KEYS_OF_ONE_RCU, counted("read.quota.key.count", "allowed"));
    assertEquals(500 + 2, counted("read.quota.request.count", "allowed"));
    assertEquals(2, counted("read.quota.key.count", "rejected"));
    assertEquals(2, counted("read.quota.request.count", "rejected"));
    assertEquals(0, counted("read.quota.request.count", "over_capacity"));
    server.removeStoreQuota("quota_v1");
    assertEquals(rows.value(7), client.get(rows.key(7)));
    Map<String, String> unintentionally = Map.of("outcome", "allowed_unintentionally");
    assertTrue(
        server
            .metrics()
            .contains(new ReadServerMetric("read.quota.key.count", unintentionally, 1)));
    assertTrue(
        server.metrics().stream()
            .noneMatch(metric -> metric.dimensions().containsKey("store_version")));
  }

  @Test
  public void testServerReadQuotaOfBatches() {
    server.setStoreQuota("quota_v1", 1, 1.0);
    useAllButOne();
    // Not enough for two keys, which takes nothing, and enough for one.
    assertThrows(VeniceClientRateExceededException.class, () -> client.batchGet(rows.keys(0, 2)));
    assertEquals(rows.values(0, 1), client.batchGet(rows.keys(0, 1)));
    VeniceServerResponse refused =
        served.stub().get(ReadRequests.singleGet("quota_v1", 0, rows.key(0)));
    assertEquals(VeniceServerResponse.newBuilder().setErrorCode(429).build(), refused);
  }

  /** A batch larger than the whole bucket can never pass. */
  @Test
  public void testStreamingBatchGetWithRetryAndQuotaRejection() {
    server.setStoreQuota("quota_v1", 1, 0.0001);
    assertThrows(VeniceClientRateExceededException.class, () -> client.batchGet(rows.keys()));
    assertEquals(rows.value(1), client.get(rows.key(1)));
    assertThrows(VeniceClientRateExceededException.class, () -> client.get(rows.key(1)));
  }

  @Test
  public void testStoreOverload() {
    server.setStoreQuota("quota_v1", 1, 1.0);
    useAllButOne();
    client.get(rows.key(0));
    for (int i = 0; i < 100; i++) {
      int key = i;
      assertThrows(VeniceClientRateExceededException.class, () -> client.get(rows.key(key)));
    }
    // Another store version has its own bucket.
    server.setStoreQuota("quota_v2", 1, 1.0);
    BlockingReadService stub = served.stub();
    assertEquals(
        "Internal Error: com.linkedin.venice.exceptions.VeniceNoStoreException: Store: quota_v2"
            + " does not exist.",
        stub.get(ReadRequests.singleGet("quota_v2", 0, rows.key(0))).getErrorMessage());
  }

  @Test
  public void aNodeAtItsCapacityRefusesEveryStoreButThoseWithoutEnforcement() {
    server.setNodeQuota(1);
    useAllButOne();
    BlockingReadService stub = served.stub();
    var request = ReadRequests.singleGet("quota_v1", 0, rows.key(0));
    assertTrue(stub.get(request).getErrorCode() != 503);
    VeniceServerResponse refused = stub.get(request);
    assertEquals(503, refused.getErrorCode());
    assertEquals("Server over capacity", refused.getErrorMessage());
    VeniceServerResponse unknown = stub.get(ReadRequests.singleGet("unknown_v1", 0, rows.key(0)));
    assertEquals(400, unknown.getErrorCode());
    assertEquals("Invalid request resource: unknown_v1", unknown.getErrorMessage());

    server.disableStoreQuota("quota_v1");
    assertEquals(rows.value(0), client.get(rows.key(0)));
    server.removeStoreQuota("quota_v1");
    assertEquals(503, stub.get(request).getErrorCode());
    server.removeNodeQuota();
    assertEquals(rows.value(0), client.get(rows.key(0)));
  }

  @Test
  public void badQuotasAreRefusedAndLeaveWhatWasSet() {
    server.setStoreQuota("quota_v1", 1, 1.0);
    refuses("quota of store version quota_v1 is 0 RCU per second; give at least 1", 0, 1.0);
    refuses("quota of store version quota_v1 is -1 RCU per second; give 1 or more", -1, 1.0);
    refuses("this node's share of quota_v1 is 1.01; give the part", 1, 1.01);
    refuses("this node's share of quota_v1 is NaN; give the part", 1, Double.NaN);
    assertThrows(ReadServerException.class, () -> server.setNodeQuota(0));
    ReadServerException noVersion =
        assertThrows(ReadServerException.class, () -> server.setStoreQuota("quota", 1, 1.0));
    assertEquals("\"quota\" is no store version; give <store>_v<number>", noVersion.getMessage());
    assertThrows(NullPointerException.class, () -> server.setStoreQuota(null, 1, 1.0));
    useAllButOne();
    client.get(rows.key(0));
    assertThrows(VeniceClientRateExceededException.class, () -> client.get(rows.key(0)));
  }

  @Test
  public void quotasOfAStoppedServerAreRefused() {
    server.close();
    for (Runnable call :
        List.<Runnable>of(
            () -> server.setNodeQuota(1),
            () -> server.removeNodeQuota(),
            () -> server.metrics(),
            () -> server.setStoreQuota("quota_v1", 1, 1.0),
            () -> server.disableStoreQuota("quota_v1"),
            () -> server.removeStoreQuota("quota_v1"))) {
      assertThrows(ReadServerException.class, call::run);
    }
  }

  private void refuses(String start, long rcuPerSecond, double share) {
    ReadServerException refused =
        assertThrows(
            ReadServerException.class, () -> server.setStoreQuota("quota_v1", rcuPerSecond, share));
    assertTrue(refused.getMessage(), refused.getMessage().startsWith(start));
  }

  /** What the server counted for the store version. */
  private long counted(String name, String outcome) {
    Map<String, String> dimensions = Map.of("outcome", outcome, "store_version", "quota_v1");
    return server.metrics().stream()
        .filter(metric -> metric.name().equals(name) && metric.dimensions().equals(dimensions))
        .mapToLong(ReadServerMetric::value)
        .sum();
  }

  /** Reads so many keys that one RCU per second leaves a single one. */
  private void useAllButOne() {
    List<byte[]> keys = Collections.nCopies(KEYS_OF_ONE_RCU - 1, rows.key(3));
    assertEquals(keys.size(), client.batchGet(keys).size());
  }
}
