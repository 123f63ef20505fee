package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.NON_EXISTING_KEY;
import static com.linkedin.venice.rust.tests.permutations.TestStores.RECORDS;
import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/**
 * Two replicas, and a client that asks the second when the first takes long. Venice's test waits
 * for requests to take more than a microsecond; here the second replica is asked at once, or the
 * first one never answers.
 */
@Original("AvroStoreClientEndToEndTest")
public class LongTailRetryTest extends PermutationTest {
  private final Set<String> wanted = new LinkedHashSet<>(keys(0, RECORDS));

  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.GETS).withRetries(true).permutations();
  }

  @Test
  public void testFastClientWithLongTailRetry() throws Exception {
    TestStores.Store store = Cluster.shared().records(permutation.compression());
    StoreMetadata metadata = Cluster.shared().metadata(permutation, store, 2);
    wanted.add(NON_EXISTING_KEY);
    everyRequestIsRetried(metadata);
    try (SilentReplica silent = new SilentReplica(permutation.transport().javaServer())) {
      aSilentReplicaCostsNoAnswer(
          new StoreMetadata(
              metadata.config(),
              metadata.valueSchemas(),
              List.of(silent.address(), metadata.replicas().get(0)),
              metadata.credentials(),
              metadata.batchGetLimit()));
    }
  }

  private void everyRequestIsRetried(StoreMetadata metadata) {
    try (AvroStoreClient<GenericRecord> client =
        AvroStoreClient.retrying(metadata, permutation.read(), Duration.ZERO)) {
      readsEveryRecord(client);
      ClientStats stats = client.stats();
      boolean single = permutation.read() == Read.SINGLE_GET;
      // A batch goes to both replicas, and the part of each is retried at the other.
      assertEquals(single ? wanted.size() : 2, stats.longTailRetries.get());
      assertEquals(0, stats.errorRetries.get());
    }
  }

  private void aSilentReplicaCostsNoAnswer(StoreMetadata metadata) {
    try (AvroStoreClient<GenericRecord> client =
        AvroStoreClient.retrying(metadata, permutation.read(), Duration.ofMillis(1))) {
      readsEveryRecord(client);
      ClientStats stats = client.stats();
      long ofSilent =
          wanted.stream()
              .mapToInt(
                  key ->
                      VenicePartitioner.partition(
                          SampleRows.avroString(key), metadata.config().partitionCount()))
              .filter(partition -> metadata.firstReplica(partition) == 0)
              .count();
      assertTrue("some keys are the silent replica's", ofSilent > 0);
      long waited = permutation.read() == Read.SINGLE_GET ? ofSilent : 1;
      assertEquals("only retries answered them", waited, stats.retryWins.get());
      assertTrue("and maybe more were retried", stats.longTailRetries.get() >= waited);
      assertEquals(0, stats.errorRetries.get());
    }
  }

  private void readsEveryRecord(AvroStoreClient<GenericRecord> client) {
    Map<String, GenericRecord> values = client.read(wanted);
    assertEquals(keys(0, RECORDS), values.keySet());
    values.forEach((key, value) -> assertEquals(key, "key_" + value.get("int_field")));
  }
}
