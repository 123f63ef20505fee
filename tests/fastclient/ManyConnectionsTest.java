package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.tests.served.ServedStoreRule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;

/** Many clients at once, each with a connection of its own. */
public class ManyConnectionsTest {
  private static final int CONNECTIONS = 64;

  @Rule public final ServedStoreRule served = new ServedStoreRule();

  private final SampleRows rows = new SampleRows(1000, 0, 500);
  private final StoreVersionConfig config = new StoreVersionConfig("connections", 1, 6);

  @Before
  public void start() throws Exception {
    served.push(config, rows);
  }

  @Test
  public void clientsReadAtTheSameTime() throws Exception {
    List<FastClient> clients = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.add(served.client(config));
    }
    inParallel(
        8,
        clients.stream()
            .<Callable<Void>>map(
                client ->
                    () -> {
                      readSome(client);
                      return null;
                    })
            .toList());
  }

  @Test
  public void connectionsComeAndGo() throws Exception {
    Callable<Void> visit =
        () -> {
          try (FastClient client = anotherClient()) {
            assertEquals(rows.values(0, 20), client.batchGet(rows.keys(0, 20)));
            // Closing while requests are in flight resets them on the server.
            for (int i = 0; i < 20; i++) {
              client.getAsync(rows.key(i));
            }
          }
          return null;
        };
    List<Callable<Void>> visits = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      visits.add(visit);
    }
    inParallel(8, visits);
    assertEquals(rows.value(1), served.client(config).get(rows.key(1)));
  }

  @Test
  public void oneConnectionCarriesThousandsOfRequestsAtOnce() {
    FastClient client = served.client(config);
    List<CompletableFuture<StoredValue>> answers = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      answers.add(client.getAsync(rows.key(i % rows.count())));
    }
    for (int i = 0; i < answers.size(); i++) {
      assertEquals(rows.value(i % rows.count()), answers.get(i).join());
    }
  }

  private void readSome(FastClient client) {
    List<CompletableFuture<StoredValue>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(client.getAsync(rows.key(i)));
    }
    for (int i = 0; i < answers.size(); i++) {
      assertEquals(rows.value(i), answers.get(i).join());
    }
    assertEquals(rows.values(100, 250), client.batchGet(rows.keys(100, 250)));
  }

  private FastClient anotherClient() {
    return new FastClient(
        StoreRoutes.oneServer(config.resource(), config.partitionCount(), served.address()));
  }

  private static void inParallel(int threads, List<Callable<Void>> tasks) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (Future<Void> task : executor.invokeAll(tasks)) {
        task.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
