package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import com.linkedin.venice.rust.testing.VeniceClientException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Servers start and stop, many times and side by side, in one JVM. */
public class StartStopTest {
  private static final ReadServerConfig LOOPBACK =
      ReadServerConfig.builder().bindAddress("127.0.0.1").workerThreads(2).diskThreads(2).build();

  /** Above any clean stop's time, so that a drain ends by the last answer, not by the clock. */
  private static final Duration DRAIN = Duration.ofMinutes(2);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(100, 10, 100);
  private final StoreVersionConfig config = new StoreVersionConfig("lifecycle", 1, 2);

  @Test
  public void startsAndStopsManyTimesAndServesEachTime() throws Exception {
    try (RocksResources resources = new RocksResources();
        StoreVersion version = push(resources)) {
      for (int round = 0; round < 100; round++) {
        RustReadServer server = RustReadServer.start(LOOPBACK);
        try (FastClient client = client(version, server.port())) {
          assertEquals(rows.value(round), client.get(rows.key(round)));
        }
        assertTrue("round " + round, server.stop(DRAIN));
      }
    }
  }

  @Test
  public void serversInOneJvmServeTheSameDatabases() throws Exception {
    try (RocksResources resources = new RocksResources();
        StoreVersion version = push(resources);
        RustReadServer first = RustReadServer.start(LOOPBACK);
        RustReadServer second = RustReadServer.start(LOOPBACK)) {
      assertNotEquals(first.port(), second.port());
      try (FastClient ofFirst = client(version, first.port());
          FastClient ofSecond = client(version, second.port())) {
        assertEquals(rows.values(0, 100), ofFirst.batchGet(rows.keys()));
        assertEquals(rows.values(0, 100), ofSecond.batchGet(rows.keys()));
        first.stop(DRAIN);
        assertThrows(VeniceClientException.class, () -> ofFirst.get(rows.key(1)));
        assertEquals(rows.value(1), ofSecond.get(rows.key(1)));
      }
    }
  }

  @Test
  public void aStoreVersionOpenedAfterTheStartIsServed() throws Exception {
    try (RustReadServer server = RustReadServer.start(LOOPBACK);
        RocksResources resources = new RocksResources();
        StoreVersion version = push(resources);
        FastClient client = client(version, server.port())) {
      assertEquals(rows.values(0, 100), client.batchGet(rows.keys()));
    }
  }

  @Test
  public void aStoppedServerFreesItsPort() {
    RustReadServer server = RustReadServer.start(LOOPBACK);
    int port = server.port();
    server.stop(DRAIN);
    for (int round = 0; round < 20; round++) {
      try (RustReadServer again = RustReadServer.start(onPort(port))) {
        assertEquals(port, again.port());
      }
    }
  }

  @Test
  public void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress("127.0.0.1", 0));
      int port = taken.getLocalPort();
      requirePortInUse(port);
    }
    try (RustReadServer server = RustReadServer.start(LOOPBACK)) {
      requirePortInUse(server.port());
    }
  }

  private static void requirePortInUse(int port) {
    ReadServerException refusal =
        assertThrows(ReadServerException.class, () -> RustReadServer.start(onPort(port)));
    assertTrue(refusal.getMessage(), refusal.getMessage().contains(Integer.toString(port)));
    assertTrue(refusal.getMessage(), refusal.getMessage().contains("in use"));
    assertFalse("one line: " + refusal.getMessage(), refusal.getMessage().contains("\n"));
  }

  @Test
  public void stoppingAgainReturnsTheFirstResult() {
    RustReadServer server = RustReadServer.start(LOOPBACK);
    assertTrue(server.stop(DRAIN));
    assertTrue(server.stop(Duration.ZERO));
    server.close();
    server.close();
  }

  @Test
  public void stoppingFromManyThreadsStopsOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 20; round++) {
        RustReadServer server = RustReadServer.start(LOOPBACK);
        List<Future<Boolean>> stops = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          stops.add(threads.submit(() -> server.stop(DRAIN)));
        }
        for (Future<Boolean> stop : stops) {
          assertTrue(stop.get());
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  public void aStoppedServerHasNoPort() {
    RustReadServer server = RustReadServer.start(LOOPBACK);
    server.close();
    ReadServerException refusal = assertThrows(ReadServerException.class, server::port);
    assertTrue(refusal.getMessage(), refusal.getMessage().contains("stopped"));
  }

  @Test
  public void aNegativeDrainTimeIsRefusedAndStopsNothing() {
    try (RustReadServer server = RustReadServer.start(LOOPBACK)) {
      assertThrows(IllegalArgumentException.class, () -> server.stop(Duration.ofMillis(-1)));
      assertTrue(server.port() > 0);
    }
  }

  @Test
  public void theVersionIsNamed() {
    assertFalse(RustReadServer.version().isBlank());
  }

  private StoreVersion push(RocksResources resources) throws Exception {
    try (StoreVersionWriter writer =
        new StoreVersionWriter(temporary.getRoot().toPath(), config, resources)) {
      rows.addTo(writer);
      return writer.endOfPush();
    }
  }

  private static FastClient client(StoreVersion version, int port) {
    return new FastClient(
        StoreRoutes.oneServer(
            version.resource(), version.config().partitionCount(), "127.0.0.1:" + port));
  }

  private static ReadServerConfig onPort(int port) {
    return ReadServerConfig.builder().bindAddress("127.0.0.1").port(port).build();
  }
}
