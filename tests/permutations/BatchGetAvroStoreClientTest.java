package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.NON_EXISTING_KEY;
import static com.linkedin.venice.rust.tests.permutations.TestStores.RECORDS;
import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.testing.VeniceKeyCountLimitException;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.generic.GenericRecord;
import org.junit.Before;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** Batches, at once and key by key. */
public class BatchGetAvroStoreClientTest extends PermutationTest {
  /** Venice's default for batches of 21 to 150 keys. */
  private static final Duration RETRY_THRESHOLD = Duration.ofMillis(50);

  private static final long HANG_GUARD_SECONDS = 120;

  private final Set<String> wanted = new LinkedHashSet<>(keys(0, RECORDS));
  private StoreMetadata metadata;

  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.BATCH_GET, Read.STREAMING_BATCH_GET)
        .withRetries(false, true)
        .permutations();
  }

  /** Makes what clients know of the store. */
  @Before
  public void describeStore() throws Exception {
    wanted.add(NON_EXISTING_KEY);
    metadata =
        Cluster.shared()
            .metadata(permutation, Cluster.shared().records(permutation.compression()), 2);
  }

  @Test
  public void testBatchGetGenericClient() {
    try (AvroStoreClient<GenericRecord> client = client(metadata)) {
      everyRecord(client.batchGet(wanted));
      assertEquals(1, client.stats().healthyRequests.get());
      assertEquals(101, client.stats().requestKeys.get());
      assertEquals(100, client.stats().foundKeys.get());
    }
  }

  @Test
  public void testBatchGetSpecificClient() {
    try (AvroStoreClient<TestValueRecord> client =
        AvroStoreClient.specific(metadata, permutation.read())) {
      Map<String, TestValueRecord> values = client.batchGet(wanted);
      assertEquals(keys(0, RECORDS), values.keySet());
      values.forEach((key, value) -> assertEquals(key, "key_" + value.intField()));
    }
  }

  @Test
  public void testStreamingBatchGetGenericClient() {
    try (AvroStoreClient<GenericRecord> client = client(metadata)) {
      AvroStoreClient.ResponseMap<GenericRecord> response = client.streamingBatchGet(wanted);
      assertEquals(101, response.totalEntryCount());
      assertEquals(Set.of(NON_EXISTING_KEY), response.nonExistingKeys());
      everyRecord(response.values());
    }
  }

  @Test
  public void testStreamingBatchGetLimit() {
    try (AvroStoreClient<GenericRecord> client = client(metadata.withBatchGetLimit(RECORDS))) {
      VeniceKeyCountLimitException refused =
          assertThrows(VeniceKeyCountLimitException.class, () -> client.streamingBatchGet(wanted));
      assertEquals("batch get of 101 keys: the store's limit is 100 keys", refused.getMessage());
    }
    try (AvroStoreClient<GenericRecord> client = client(metadata.withBatchGetLimit(RECORDS + 1))) {
      everyRecord(client.streamingBatchGet(wanted).values());
    }
  }

  @Test
  public void testStreamingBatchGetWithCallbackGenericClient() throws Exception {
    Map<String, Optional<GenericRecord>> received = new ConcurrentHashMap<>();
    AtomicInteger receivedTwice = new AtomicInteger();
    AtomicReference<Optional<Throwable>> completion = new AtomicReference<>();
    try (AvroStoreClient<GenericRecord> client = client(metadata)) {
      client
          .streamingBatchGet(
              wanted,
              new AvroStoreClient.StreamingCallback<>() {
                @Override
                public void onRecordReceived(String key, GenericRecord value) {
                  if (received.put(key, Optional.ofNullable(value)) != null) {
                    receivedTwice.incrementAndGet();
                  }
                }

                @Override
                public void onCompletion(Optional<Throwable> failure) {
                  assertNull("once", completion.getAndSet(failure));
                }
              })
          .get(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
    }
    assertEquals(Optional.empty(), completion.get());
    assertEquals(0, receivedTwice.get());
    assertEquals(wanted, received.keySet());
    assertTrue(received.remove(NON_EXISTING_KEY).isEmpty());
    received.forEach(
        (key, value) -> assertEquals(key, "key_" + value.orElseThrow().get("int_field")));
  }

  private AvroStoreClient<GenericRecord> client(StoreMetadata known) {
    return permutation.retry()
        ? AvroStoreClient.retrying(known, permutation.read(), RETRY_THRESHOLD)
        : AvroStoreClient.generic(known, permutation.read());
  }

  private static void everyRecord(Map<String, GenericRecord> values) {
    assertEquals(keys(0, RECORDS), values.keySet());
    values.forEach((key, value) -> assertEquals(key, "key_" + value.get("int_field")));
  }
}
