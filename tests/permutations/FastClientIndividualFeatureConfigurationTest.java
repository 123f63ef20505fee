package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.RECORDS;
import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** Quota, schemas and fan-out, one by one. */
public class FastClientIndividualFeatureConfigurationTest extends PermutationTest {
  /** Never reached: what fails is refused. */
  private static final Duration NO_LONG_TAIL = Duration.ofHours(1);

  private static final long HANG_GUARD_SECONDS = 120;

  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.BATCH_GET, Read.STREAMING_BATCH_GET).permutations();
  }

  @Test
  public void testServerReadQuota() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    String storeVersion = store.config().resource();
    try (ReadServer server = Cluster.shared().newServer(permutation);
        AvroStoreClient<GenericRecord> client = client(store, server)) {
      server.setStoreQuota(storeVersion, 1000);
      QuotaReads.read(client, 5);
      assertEquals(0, client.stats().rateExceeded.get());
      server.setStoreQuota(storeVersion, 50);
      QuotaReads.readUntilRefused(client, 50 * ReadServer.KEYS_OF_ONE_RCU);
      assertTrue(client.stats().rateExceeded.get() > 0);
    }
    // The server is started again.
    try (ReadServer server = Cluster.shared().newServer(permutation);
        AvroStoreClient<GenericRecord> client = client(store, server)) {
      server.setStoreQuota(storeVersion, 50);
      QuotaReads.read(client, 5);
      assertEquals(0, client.stats().rateExceeded.get());
    }
  }

  @Test
  public void testStreamingBatchGetWithMultiValueSchemaVersions() throws Exception {
    TestStores.Store first = Cluster.shared().records(permutation.compression());
    try (AvroStoreClient<GenericRecord> client =
        AvroStoreClient.generic(
            Cluster.shared().metadata(permutation, first, 1), permutation.read())) {
      Map<String, GenericRecord> values = client.streamingBatchGet(keys(0, RECORDS)).values();
      assertEquals(keys(0, RECORDS), values.keySet());
      values.forEach((key, value) -> assertEquals(key, "key_" + value.get("int_field")));
    }
    TestStores.Store second = Cluster.shared().recordsOfTwoSchemas(permutation.compression());
    try (AvroStoreClient<GenericRecord> client =
        AvroStoreClient.generic(
            Cluster.shared().metadata(permutation, second, 1), permutation.read())) {
      Map<String, GenericRecord> values = client.streamingBatchGet(keys(0, RECORDS)).values();
      assertEquals(keys(0, RECORDS), values.keySet());
      for (int i = 0; i < RECORDS; i++) {
        GenericRecord value = values.get("key_" + i);
        assertEquals(i, value.get("int_field"));
        assertEquals(
            i % 2 == 0 ? 2 * i : TestStores.DEFAULT_OPTIONAL_INT, value.get("opt_int_field"));
      }
    }
  }

  @Test
  public void testStreamingBatchGetWithRetryAndQuotaRejection() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    String storeVersion = store.config().resource();
    StoreMetadata metadata = Cluster.shared().metadata(permutation, store, 2);
    List<ReadServer> servers =
        List.of(Cluster.shared().server(permutation, 0), Cluster.shared().server(permutation, 1));
    try (AvroStoreClient<GenericRecord> client =
        AvroStoreClient.retrying(metadata, permutation.read(), NO_LONG_TAIL)) {
      for (ReadServer server : servers) {
        server.setStoreQuota(storeVersion, 10);
      }
      int keysOfBoth = 2 * 10 * ReadServer.KEYS_OF_ONE_RCU;
      QuotaReads.readUntilRefused(client, keysOfBoth);

      Map<String, GenericRecord> received = new ConcurrentHashMap<>();
      AtomicReference<Optional<Throwable>> completion = new AtomicReference<>();
      // One that is refused entirely or in the part of one replica.
      for (int i = 0; i < 10 * keysOfBoth && completion.get() == null; i++) {
        received.clear();
        Optional<Throwable> failure = streamingBatchGet(client, received);
        if (failure.isPresent()) {
          completion.set(failure);
        }
      }
      assertNotNull("a batch was refused", completion.get());
      Throwable failure = completion.get().orElseThrow();
      assertTrue(failure.toString(), failure instanceof VeniceClientRateExceededException);
      assertTrue("keys of a refused part are missing", received.size() < RECORDS);
      assertTrue(client.stats().rateExceeded.get() >= 2);
      assertEquals("a refusal is not retried", 0, client.stats().errorRetries.get());
      assertEquals(0, client.stats().longTailRetries.get());
    } finally {
      for (ReadServer server : servers) {
        server.removeStoreQuota(storeVersion);
      }
    }
  }

  @Test
  public void testMultiKeyFanoutStats() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    for (int replicas = 1; replicas <= 2; replicas++) {
      try (AvroStoreClient<GenericRecord> client =
          AvroStoreClient.generic(
              Cluster.shared().metadata(permutation, store, replicas), permutation.read())) {
        assertEquals(RECORDS, client.batchGet(keys(0, RECORDS)).size());
        assertEquals(replicas, client.stats().largestFanout.get());
      }
    }
  }

  /** Reads every key, and returns why some are missing. */
  private static Optional<Throwable> streamingBatchGet(
      AvroStoreClient<GenericRecord> client, Map<String, GenericRecord> received) throws Exception {
    CompletableFuture<Optional<Throwable>> completion = new CompletableFuture<>();
    client.streamingBatchGet(
        keys(0, RECORDS),
        new AvroStoreClient.StreamingCallback<>() {
          @Override
          public void onRecordReceived(String key, GenericRecord value) {
            received.put(key, value);
          }

          @Override
          public void onCompletion(Optional<Throwable> failure) {
            completion.complete(failure);
          }
        });
    return completion.get(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
  }

  private AvroStoreClient<GenericRecord> client(TestStores.Store store, ReadServer server)
      throws Exception {
    StoreMetadata metadata =
        StoreMetadata.of(store, List.of(server.address()), permutation.transport().client());
    return AvroStoreClient.generic(metadata, permutation.read());
  }
}
