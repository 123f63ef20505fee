package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * The same quota lets the same requests pass in both servers, and refuses the others with the same
 * bytes. Buckets are refilled once an hour here, and a test takes less.
 */
public class QuotaParityTest {
  private static final StoreVersionConfig CONFIG = new StoreVersionConfig("quota", 1, 3);
  private static final int ROWS = 50;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int OVER_CAPACITY = 503;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(ROWS, 0, 50);
  private BothServers both;

  @Before
  public void start() throws Exception {
    both = BothServers.withQuotas(Duration.ofHours(1));
    both.store().push(temporary.getRoot().toPath(), CONFIG, rows);
  }

  @After
  public void stop() throws Exception {
    both.close();
  }

  @Test
  public void randomRequestsUseQuotasUpAlike() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      // Up to 200 keys in this hour, of more than 400 that are asked for.
      both.setStoreQuota("quota_v1", 1 + random.nextInt(2), random.nextInt(1, 100) / 3600.0);
      int refused = 0;
      for (int i = 0; i < 60; i++) {
        int keys = random.nextInt(3) == 0 ? 1 : random.nextInt(20);
        refused +=
            both.same("batchGet", request(random, keys)).errorCode() == TOO_MANY_REQUESTS ? 1 : 0;
      }
      assertTrue("seed " + seed + ": " + refused + " refused", refused > 0);
    }
  }

  @Test
  public void aNodeWithoutCapacityRefusesAlike() {
    both.setStoreQuota("quota_v1", 1000, 1.0);
    both.setNodeQuota(1);
    Random random = new Random(1);
    int refused = 0;
    // 3600 keys in this hour.
    for (int i = 0; i < 80; i++) {
      refused += both.same("batchGet", request(random, ROWS)).errorCode() == OVER_CAPACITY ? 1 : 0;
    }
    assertEquals(80 - 3600 / ROWS, refused);
  }

  @Test
  public void aRefusedRequestReadsNothing() {
    both.setStoreQuota("quota_v1", 1, 1 / 3600.0);
    VeniceClientRequest oneKey = ReadRequests.singleGet("quota_v1", 77, rows.key(1));
    // The only token; nobody hosts the partition.
    both.ask("get", oneKey.toByteString());
    both.differ(
        Difference.QUOTA_STOPS,
        oneKey,
        Answer.internalError(
            "com.linkedin.venice.exceptions.VeniceException: Failed to get read-write lock for"
                + " partition: 77, store: quota_v1"),
        refusal(TOO_MANY_REQUESTS, ""));
  }

  @Test
  public void aStoreThatNobodyKnows() {
    both.setNodeQuota(1000);
    both.differ(
        Difference.UNKNOWN_STORE,
        ReadRequests.singleGet("unknown_v1", 0, rows.key(1)),
        Answer.internalError(
            "com.linkedin.venice.exceptions.VeniceNoStoreException: Store: unknown_v1 does not"
                + " exist."),
        refusal(400, "Invalid request resource: unknown_v1"));
  }

  private static Answer refusal(int code, String text) {
    return Answer.of(
        VeniceServerResponse.newBuilder().setErrorCode(code).setErrorMessage(text).build());
  }

  /** Returns a single get, or a batch get of any other number of keys; some do not exist. */
  private VeniceClientRequest request(Random random, int count) {
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] key = rows.key(random.nextInt(2 * ROWS));
      keys.add(
          new MultiGetRecords.Key(
              i, key, VenicePartitioner.partition(key, CONFIG.partitionCount())));
    }
    return count == 1
        ? ReadRequests.singleGet("quota_v1", keys.get(0).partitionId(), keys.get(0).keyBytes())
        : ReadRequests.batchGet("quota_v1", MultiGetRecords.encodeKeys(keys));
  }
}
