package com.linkedin.venice.rust.tests.permutations;

import static com.linkedin.venice.rust.tests.permutations.TestStores.NON_EXISTING_KEY;
import static com.linkedin.venice.rust.tests.permutations.TestStores.RECORDS;
import static com.linkedin.venice.rust.tests.permutations.TestStores.keys;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import io.grpc.ChannelCredentials;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericRecord;
import org.junit.Test;
import org.junit.runners.Parameterized.Parameters;

/** Several clients at the same time, over TLS and nothing else. */
public class MultipleFastClientSslEndToEndTest extends PermutationTest {
  private static final int CLIENTS = 5;
  private static final long HANG_GUARD_SECONDS = 120;

  /** Returns what the tests run with. */
  @Parameters(name = "{0}")
  public static Iterable<Permutation> permutations() {
    return Axes.of(Read.GETS).permutations();
  }

  @Override
  Optional<String> notApplicable() {
    return permutation.transport() == Transport.PLAIN
        ? Optional.of("the test is about TLS")
        : super.notApplicable();
  }

  @Test
  public void testMultipleFastClientsCanConcurrentlyReadOverSsl() throws Exception {
    StoreMetadata metadata =
        Cluster.shared()
            .metadata(permutation, Cluster.shared().records(permutation.compression()), 2);
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        readers.add(threads.submit(() -> readsEveryRecord(metadata)));
      }
      for (Future<?> reader : readers) {
        reader.get(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    refuses(metadata, Transport.PLAIN.client());
    if (permutation.transport() == Transport.MTLS) {
      refuses(metadata, Transport.TLS.client());
    }
  }

  private void readsEveryRecord(StoreMetadata metadata) {
    try (AvroStoreClient<GenericRecord> client =
        AvroStoreClient.generic(metadata, permutation.read())) {
      Set<String> wanted = new LinkedHashSet<>(keys(0, RECORDS));
      wanted.add(NON_EXISTING_KEY);
      Map<String, GenericRecord> values = client.read(wanted);
      assertEquals(keys(0, RECORDS), values.keySet());
      values.forEach((key, value) -> assertEquals(key, "key_" + value.get("int_field")));
    }
  }

  private void refuses(StoreMetadata metadata, ChannelCredentials credentials) {
    StoreMetadata other =
        new StoreMetadata(
            metadata.config(),
            metadata.valueSchemas(),
            metadata.replicas(),
            credentials,
            metadata.batchGetLimit());
    try (AvroStoreClient<GenericRecord> client =
        AvroStoreClient.generic(other, permutation.read())) {
      assertThrows(VeniceClientException.class, () -> client.read(keys(0, 1)));
    }
  }
}
