package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.NON_EXISTING_KEY;
import static com.linkedin.venice.rust.tests.permutations.TestStores.RECORDS;
import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** Every record of a store, by generic and specific clients. */
public class AvroStoreClientEndToEndTest extends PermutationTest {
  /** Venice's default for single gets; what is slower is asked for twice. */
  private static final Duration RETRY_THRESHOLD = Duration.ofNanos(1_000_000);

  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.GETS).withRetries(false, true).permutations();
  }

  @Test
  public void testFastClientGet() throws Exception {
    StoreMetadata metadata =
        Cluster.shared()
            .metadata(permutation, Cluster.shared().records(permutation.compression()), 2);
    try (AvroStoreClient<GenericRecord> generic =
        permutation.retry()
            ? AvroStoreClient.retrying(metadata, permutation.read(), RETRY_THRESHOLD)
            : AvroStoreClient.generic(metadata, permutation.read())) {
      readsEveryRecord(generic, record -> (Integer) record.get("int_field"));
    }
    try (AvroStoreClient<TestValueRecord> specific =
        AvroStoreClient.specific(metadata, permutation.read())) {
      readsEveryRecord(specific, TestValueRecord::intField);
    }
  }

  private <V> void readsEveryRecord(AvroStoreClient<V> client, ToIntFunction<V> intField) {
    ClientStats stats = client.stats();
    Set<String> wanted = new LinkedHashSet<>(keys(0, RECORDS));
    wanted.add(NON_EXISTING_KEY);
    Map<String, V> values = client.read(wanted);
    assertEquals(keys(0, RECORDS), values.keySet());
    values.forEach((key, value) -> assertEquals(key, "key_" + intField.applyAsInt(value)));
    boolean single = permutation.read() == Read.SINGLE_GET;
    assertEquals(single ? RECORDS + 1 : 1, stats.requests.get());
    assertEquals(stats.requests.get(), stats.healthyRequests.get());
    assertEquals(RECORDS + 1, stats.requestKeys.get());
    assertEquals(RECORDS, stats.foundKeys.get());
    assertEquals(0, stats.errorRetries.get());
    if (!permutation.retry()) {
      assertEquals(0, stats.longTailRetries.get());
    }
  }
}
