package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerDrain;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.discovery.DiscoveryMode;
import com.linkedin.venice.rust.discovery.GrpcTargets;
import com.linkedin.venice.rust.discovery.RustServerAnnouncer;
import com.linkedin.venice.rust.discovery.ServerDirectory;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Clients that were built once with the map of a {@link ServerDirectory} read all the while, from
 * Rust servers and from a Java server, and no read fails while discovery changes under them.
 */
public class ReadsWhileServersComeAndGoTest {
  private static final long HELD_NANOS = 100_000_000;
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final int ROUNDS = Integer.getInteger("discovery.rounds", 1);
  private static final String JAVA = DiscoveryConfig.JAVA_SERVICE;
  private static final String STORE = "found";

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = ServerProgram.ROWS;
  private final StoreVersionConfig store = ServerProgram.STORE;
  private final List<Node> nodes = new ArrayList<>();

  private TestZooKeeper zooKeeper;
  private RocksResources resources;
  private StoreVersion version;
  private ReferenceReadServer javaServer;

  /** A Venice server: a Java server known by its HTTP port, and a Rust server beside it. */
  private final class Node {
    final int httpPort;
    final RustServerAnnouncer java;
    final RustServerAnnouncer rust;
    RustReadServer server = RustReadServer.start(loopback());

    Node(int httpPort, DiscoveryMode mode) {
      this.httpPort = httpPort;
      rust = new RustServerAnnouncer(config(mode).store(STORE).build(), server.port());
      java = new RustServerAnnouncer(config(DiscoveryMode.SHARED).build(), 1);
      java.setRustServes(false);
      if (mode != DiscoveryMode.SHARED) {
        java.register();
      }
      rust.register();
    }

    private DiscoveryConfig.Builder config(DiscoveryMode mode) {
      return DiscoveryConfig.builder()
          .mode(mode)
          .zooKeeper(zooKeeper.connectString())
          .host("127.0.0.1")
          .httpPort(httpPort)
          .sessionTimeout(Duration.ofSeconds(60))
          .waitTime(LONG);
    }

    String name() {
      return "127.0.0.1:" + httpPort;
    }

    String rustAddress() {
      return "127.0.0.1:" + server.port();
    }

    void close() {
      rust.close();
      java.close();
      server.close();
    }
  }

  private static ReadServerConfig loopback() {
    return ReadServerConfig.builder()
        .bindAddress("127.0.0.1")
        .workerThreads(1)
        .diskThreads(2)
        .build();
  }

  @Before
  public void start() throws Exception {
    zooKeeper = new TestZooKeeper(temporary.newFolder());
    resources = new RocksResources();
    try (StoreVersionWriter writer =
        new StoreVersionWriter(temporary.newFolder().toPath(), store, resources)) {
      rows.addTo(writer);
      version = writer.endOfPush();
    }
    javaServer = ReferenceReadServer.start(name -> name.equals(version.resource()) ? version : null);
  }

  @After
  public void stop() throws Exception {
    nodes.forEach(Node::close);
    javaServer.close();
    version.close();
    resources.close();
    zooKeeper.close();
  }

  private ServerDirectory.Builder directory() {
    return ServerDirectory.builder(zooKeeper.connectString())
        .sessionTimeout(Duration.ofSeconds(60))
        .position(0.5)
        .javaServers(JAVA, javaServer.port());
  }

  private List<String> names() {
    return nodes.stream().map(Node::name).toList();
  }

  @Test
  public void ownResource() throws Exception {
    comeAndGo(DiscoveryMode.OWN, directory());
  }

  @Test
  public void storeResources() throws Exception {
    comeAndGo(DiscoveryMode.STORE, directory().store(STORE));
  }

  @Test
  public void sharedResource() throws Exception {
    comeAndGo(DiscoveryMode.SHARED, directory().service(JAVA));
  }

  private void comeAndGo(DiscoveryMode mode, ServerDirectory.Builder builder) throws Exception {
    for (int i = 0; i < 3; i++) {
      nodes.add(new Node(1001 + i, mode));
    }
    try (ServerDirectory directory = builder.open()) {
      assertTrue(directory.awaitServers(names(), LONG));
      for (Node node : nodes) {
        assertEquals(node.rustAddress(), directory.addresses().get(node.name()));
      }
      directory.addListener(addresses -> hold());
      try (GrpcTargets targets = GrpcTargets.of(directory);
          ReadersOfServers readers = new ReadersOfServers(rows, store, targets.map())) {
        readers.awaitReads();
        for (int round = 0; round < ROUNDS; round++) {
          for (Node node : nodes) {
            drainAndComeBack(node, directory, readers);
          }
          weigh(nodes.get(round % 3), directory, readers);
          zooKeeper.expireSessions();
          readers.awaitReads();
          zooKeeper.stop();
          readers.awaitReads();
          zooKeeper.start();
          for (Node node : nodes) {
            assertTrue(node.rust.setRustServes(true));
          }
          readers.awaitReads();
          if (mode == DiscoveryMode.STORE) {
            switchStores(directory, readers);
          }
        }
        for (Node node : nodes) {
          assertEquals(node.name(), List.of(), readers.failures(node.name()));
        }
        System.out.println(mode + ": " + readers.reads() + " rounds of reads, none failed");
      }
    }
  }

  /** Has those who listen to the directory behind this hear of a change some time after it holds. */
  private static void hold() {
    LockSupport.parkNanos(HELD_NANOS);
  }

  /** Marked down, drained; started anew on another port, and marked up. */
  private void drainAndComeBack(Node node, ServerDirectory directory, ReadersOfServers readers)
      throws Exception {
    assertTrue(node.rust.setRustServes(false));
    String java = "127.0.0.1:" + javaServer.port();
    Await.until(
        "the Java server takes over",
        () -> java.equals(directory.addresses().get(node.name())));
    // Clients hear of it later than the directory does: a drain waits until they have gone.
    ReadServerDrain drain = node.server.drain(Duration.ofMinutes(2));
    assertTrue(drain.toString(), drain.idle() && drain.callsCut() == 0);
    node.server.close();
    readers.awaitReads();
    node.server = RustReadServer.start(loopback());
    assertTrue(node.rust.setGrpcPort(node.server.port()));
    assertTrue(node.rust.setRustServes(true));
    Await.until(
        "the Rust server is back",
        () -> node.rustAddress().equals(directory.addresses().get(node.name())));
    readers.awaitReads();
  }

  private void weigh(Node node, ServerDirectory directory, ReadersOfServers readers)
      throws Exception {
    for (double weight : new double[] {0.4, 0.6, 0.05, 1}) {
      assertTrue(node.rust.setWeight(weight));
      boolean rust = weight > 0.5;
      Await.until(
          "weight " + weight,
          () -> rust == node.rustAddress().equals(directory.addresses().get(node.name())));
      readers.awaitReads();
    }
  }

  /** A hundred stores, of which clients read one. */
  private void switchStores(ServerDirectory directory, ReadersOfServers readers) throws Exception {
    List<String> stores = new ArrayList<>(List.of(STORE));
    for (int i = 1; i < 100; i++) {
      stores.add("other_" + i);
    }
    for (boolean announced : new boolean[] {true, false, true}) {
      for (Node node : nodes) {
        assertTrue(node.rust.setStoresAnnounced(stores, announced));
      }
      Await.until(
          "switched " + announced,
          () ->
              nodes.stream()
                  .allMatch(
                      node ->
                          announced
                              == node.rustAddress()
                                  .equals(directory.addresses().get(node.name()))));
      readers.awaitReads();
    }
  }

  @Test
  public void aKilledServerFailsNoReadFromAnother() throws Exception {
    File logs = temporary.newFolder();
    Map<String, Process> processes = new TreeMap<>();
    try (ServerDirectory directory =
        ServerDirectory.builder(zooKeeper.connectString())
            .sessionTimeout(Duration.ofSeconds(60))
            .position(0)
            .open()) {
      for (int i = 0; i < 2; i++) {
        processes.put("127.0.0.1:" + (2001 + i), launch(new File(logs, i + ".log"), 2001 + i));
      }
      assertTrue("both announce themselves", directory.awaitServers(processes.keySet(), LONG));
      try (GrpcTargets targets = GrpcTargets.of(directory);
          ReadersOfServers readers = new ReadersOfServers(rows, store, targets.map())) {
        readers.awaitReads();
        processes.get("127.0.0.1:2001").destroyForcibly().waitFor();
        Await.until("reads of it fail", () -> readers.failed("127.0.0.1:2001") > 0);
        assertTrue("it is still announced, or was a moment ago", !directory.addresses().isEmpty());
        Await.until(
            "it is gone from discovery",
            () -> !directory.addresses().containsKey("127.0.0.1:2001"));
        // The same server, started again, with another port of gRPC: clients find it.
        processes.put("127.0.0.1:2001", launch(new File(logs, "2.log"), 2001));
        assertTrue(directory.awaitServers(processes.keySet(), LONG));
        long failed = readers.failed("127.0.0.1:2001");
        Await.until(
            "it is read from again",
            () -> {
              long before = readers.failed("127.0.0.1:2001");
              readers.awaitReads();
              return readers.failed("127.0.0.1:2001") == before;
            });
        assertEquals(List.of(), readers.failures("127.0.0.1:2002"));
        System.out.println(
            failed + " reads of the killed server failed, none of the other, of " + readers.reads());
      }
    } catch (Exception | AssertionError e) {
      for (File log : logs.listFiles()) {
        System.out.println(log.getName() + ":\n" + Files.readString(log.toPath()));
      }
      throw e;
    } finally {
      for (Process process : processes.values()) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private Process launch(File log, int httpPort) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:-UsePerfData",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            ServerProgram.class.getName(),
            temporary.newFolder().getPath(),
            zooKeeper.connectString(),
            Integer.toString(httpPort))
        .redirectErrorStream(true)
        .redirectOutput(log)
        .start();
  }
}
