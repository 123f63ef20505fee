package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerDrain;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.adapter.RustReadPath.State;
import com.linkedin.venice.rust.adapter.RustReadPath;
import com.linkedin.venice.rust.adapter.RustVeniceServer;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.discovery.GrpcTargets;
import com.linkedin.venice.rust.discovery.RustServerAnnouncer;
import com.linkedin.venice.rust.discovery.ServerDirectory;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import com.linkedin.venice.servicediscovery.ServiceDiscoveryAnnouncer;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A Venice server, made of stand-ins with Venice's names, in which the adapter switches Rust on. */
public class AdapterTest {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final Map<String, String> QUOTA =
      Map.of(
          "server.quota.enforcement.enabled", "true",
          // One refill that lasts longer than any test, so that what was used stays used.
          "server.quota.enforcement.interval.in.millis", "1000000",
          "server.quota.enforcement.capacity.multiple", "1");

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private AdapterNode node(Map<String, String> properties) throws Exception {
    return new AdapterNode(temporary.newFolder().toPath(), properties);
  }

  @Test
  public void fourPropertiesSwitchItOnAndItIsAnnouncedLastAndWithdrawnFirst() throws Exception {
    try (TestZooKeeper zooKeeper = new TestZooKeeper(temporary.newFolder());
        D2View d2 = new D2View(zooKeeper.connectString())) {
      AdapterNode node =
          node(
              Map.of(
                  "grpc.read.server.rust.d2.mode", "own",
                  "zookeeper.address", zooKeeper.connectString()));
      node.context.announcers.add(
          new ServiceDiscoveryAnnouncer() {
            @Override
            public void register() {
              node.events().add("Rust announced: " + announced(d2));
            }

            @Override
            public void unregister() {
              node.events().add("Rust announced: " + announced(d2));
            }
          });
      node.start();
      FastClient client = node.client(1);
      assertEquals(node.rows.value(7), client.get(node.rows.key(7)));
      assertTrue(announced(d2));
      node.server.shutdown();
      node.server = null;
      assertFalse(announced(d2));
      assertEquals(
          List.of(
              "Java listeners started",
              "takes part in Helix",
              "Rust announced: false",
              "announced",
              "Rust announced: false",
              "announcements taken back",
              "Java listeners stopped after the time of grace",
              "stopped"),
          node.events());
      node.close();
    }
  }

  private static boolean announced(D2View d2) {
    try {
      return !d2.nodes(DiscoveryConfig.RUST_SERVICE).isEmpty();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  public void withoutThePropertyNothingStarts() throws Exception {
    try (AdapterNode node = node(Map.of("grpc.read.server.rust.enabled", "false")).start()) {
      assertEquals(State.DISABLED, node.readPath().state());
      assertNull(node.readPath().server());
      assertNull(node.readPath().failure());
    }
  }

  @Test
  public void quotasOfAllVersionsFollowStoresAndView() throws Exception {
    try (AdapterNode node = node(QUOTA)) {
      node.stores.put(AdapterNode.STORE, 1000, true, 1);
      node.assign(1, 1, 2);
      node.start();
      assertEquals("before Helix is connected", "none", node.quota(1));
      node.context.view.complete(node.view);
      awaitQuota(node, 1, "1000 RCU/s, share 0.5");

      node.assign(1, 1, 4);
      awaitQuota(node, 1, "1000 RCU/s, share 0.25");
      node.stores.put(AdapterNode.STORE, 2000, true, 1);
      awaitQuota(node, 1, "2000 RCU/s, share 0.25");
      node.stores.put(AdapterNode.STORE, 2000, false, 1);
      awaitQuota(node, 1, "not enforced");
      node.stores.put(AdapterNode.STORE, 2000, true, 1, 2);
      awaitQuota(node, 1, "2000 RCU/s, share 0.25");
      // Version 2 is in no view yet: this node's part is what it stores of it, nothing yet.
      assertEquals("none", node.quota(2));
      node.push(2);
      node.assign(2, 2, 2);
      awaitQuota(node, 2, "2000 RCU/s, share 1.0");
      node.assign(1, 0, 2);
      awaitQuota(node, 1, "none");
      node.assign(1, 2, 2);
      awaitQuota(node, 1, "2000 RCU/s, share 1.0");
      // The view forgets version 1, which is online and stored here whole.
      node.view.delete(AdapterNode.config(1).resource());
      awaitQuota(node, 1, "2000 RCU/s, share 1.0");

      node.stores.put(AdapterNode.STORE, 2000, true, 2);
      awaitQuota(node, 1, "none");
      // Of the current version, the quota's and the description's.
      awaitFollowers(node, 1, 0);
      awaitFollowers(node, 2, 2);
      node.stores.delete(AdapterNode.STORE);
      awaitQuota(node, 2, "none");
      awaitFollowers(node, 2, 0);
      assertEquals(2, node.stores.listenerCount());
      node.server.shutdown();
      node.server = null;
      assertEquals("nothing listens after the end", 0, node.stores.listenerCount());
    }
  }

  private static void awaitFollowers(AdapterNode node, int version, int count) throws Exception {
    String topic = AdapterNode.config(version).resource();
    Await.until(count + " follow " + topic, () -> node.view.listenerCount(topic) == count);
  }

  private static void awaitQuota(AdapterNode node, int version, String expected) throws Exception {
    Await.until(
        "quota of version " + version + " is " + expected + ", not " + node.quota(version),
        () -> node.quota(version).equals(expected));
  }

  @Test
  public void aQuotaThatIsUsedUpRefusesAndHoldsAcrossADrain() throws Exception {
    try (AdapterNode node = node(QUOTA)) {
      // 1 RCU/s for 1000 s: 1000 keys, of which half fall to this node.
      node.inHelix(1, 2);
      node.start();
      awaitQuota(node, 1, "1 RCU/s, share 0.5");
      useUp(node, 5);
      ReadServerDrain report = node.readPath().drain(LONG);
      assertTrue(report.toString(), report.toString().contains("0 calls cut"));
      assertTrue(report.answered());
      assertEquals(State.DRAINED, node.readPath().state());
      assertNull(node.readPath().server());
      assertThrows(IllegalStateException.class, () -> node.readPath().drain(LONG));
      // Changes come while there is no server: they are for the next one.
      node.stores.put(AdapterNode.STORE, 2, true, 1);
      awaitQuota(node, 1, "2 RCU/s, share 0.5");
      node.readPath().resume();
      assertEquals(State.SERVING, node.readPath().state());
      useUp(node, 10);
      assertThrows(IllegalStateException.class, () -> node.readPath().resume());
    }
  }

  @Test
  public void clientsThatFollowDiscoveryNoticeNoDrain() throws Exception {
    try (TestZooKeeper zooKeeper = new TestZooKeeper(temporary.newFolder());
        AdapterNode node =
            node(
                Map.of(
                    "grpc.read.server.rust.d2.mode", "own",
                    "grpc.read.server.rust.d2.session.timeout.ms", "60000",
                    "zookeeper.address", zooKeeper.connectString()));
        // What the Java server's port of gRPC is to clients: another server of the same data.
        RustReadServer java =
            RustReadServer.start(ReadServerConfig.builder().workerThreads(1).build());
        RustServerAnnouncer javaAnnouncer =
            new RustServerAnnouncer(
                AdapterNode.javaServer(zooKeeper.connectString()), java.port())) {
      javaAnnouncer.setRustServes(false);
      javaAnnouncer.register();
      node.start();
      try (ServerDirectory directory =
          ServerDirectory.builder(zooKeeper.connectString())
              .sessionTimeout(Duration.ofSeconds(60))
              .javaServers(DiscoveryConfig.JAVA_SERVICE, java.port())
              .position(0)
              .open()) {
        assertTrue(directory.awaitServers(List.of("127.0.0.1:1690"), LONG));
        Await.until(
            "Rust is found",
            () -> node.address().equals(directory.addresses().get("127.0.0.1:1690")));
        try (GrpcTargets targets = GrpcTargets.of(directory);
            ReadersOfServers readers =
                new ReadersOfServers(node.rows, AdapterNode.config(1), targets.map())) {
          for (int round = 0; round < 3; round++) {
            readers.awaitReads();
            ReadServerDrain report = node.readPath().drain(LONG);
            assertTrue(report.toString(), report.markedDown());
            assertTrue(report.toString(), report.idle());
            assertTrue(report.toString(), report.answered());
            assertEquals(report.toString(), 0, report.callsCut());
            readers.awaitReads();
            node.readPath().resume();
            Await.until(
                "Rust is found again",
                () -> node.address().equals(directory.addresses().get("127.0.0.1:1690")));
          }
          readers.awaitReads();
          assertEquals(List.of(), readers.failures("127.0.0.1:1690"));
        }
      }
    }
  }

  /** Reads batches of 100 keys until one is refused; exactly so many are not. */
  private static void useUp(AdapterNode node, int batches) {
    FastClient client = node.client(1);
    for (int i = 0; i < batches; i++) {
      assertEquals(node.rows.values(0, 100), client.batchGet(node.rows.keys(0, 100)));
    }
    assertThrows(
        VeniceClientRateExceededException.class, () -> client.batchGet(node.rows.keys(0, 100)));
    client.close();
  }

  @Test
  public void theNodesQuotaHoldsWhereNoStoreHasOne() throws Exception {
    Map<String, String> properties = new HashMap<>(QUOTA);
    properties.put("server.node.capacity.rcu.per.second", "1");
    try (AdapterNode node = node(properties).start()) {
      FastClient client = node.client(1);
      for (int i = 0; i < 10; i++) {
        assertEquals(node.rows.values(0, 100), client.batchGet(node.rows.keys(0, 100)));
      }
      RuntimeException refusal =
          assertThrows(RuntimeException.class, () -> client.batchGet(node.rows.keys(0, 100)));
      assertTrue(refusal.getMessage(), refusal.getMessage().contains("Server over capacity"));
    }
  }

  @Test
  public void exclusiveQuotaNeedsJavasGrpcOff() throws Exception {
    Map<String, String> both =
        Map.of(
            "grpc.read.server.rust.quota.mode", "exclusive", "grpc.read.server.enabled", "true");
    failsWith(both, "set grpc.read.server.enabled to false");
    try (AdapterNode node = node(Map.of("grpc.read.server.rust.quota.mode", "exclusive")).start()) {
      assertEquals(State.SERVING, node.readPath().state());
    }
  }

  @Test
  public void whatCannotStartLeavesTheJavaServerRunning() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      String port = Integer.toString(taken.getLocalPort());
      failsWith(Map.of("grpc.read.server.rust.port", port), port);
    }
    failsWith(Map.of("grpc.read.server.rust.prot", "7"), "prot");
    failsWith(Map.of("grpc.read.server.rust.enabled", "yes"), "give true or false");
    failsWith(Map.of("grpc.read.server.rust.quota.mode", "shared"), "give full or exclusive");
    failsWith(Map.of("grpc.read.server.rust.d2.mode", "everywhere"), "give none, shared, own");
    failsWith(
        Map.of(
            "grpc.read.server.rust.tls.key.store", "/nowhere",
            "grpc.read.server.rust.tls.client.auth", "none"),
        "/nowhere");
  }

  private void failsWith(Map<String, String> properties, String expected) throws Exception {
    try (AdapterNode node = node(properties).start()) {
      RustReadPath path = node.readPath();
      assertEquals(State.FAILED, path.state());
      assertTrue(path.failure(), path.failure().contains(expected));
      assertTrue(path.failure(), path.failure().contains("the Java server goes on without it"));
      assertFalse("one line: " + path.failure(), path.failure().contains("\n"));
      assertNull(path.server());
      assertTrue(node.events().toString(), node.events().contains("announced"));
    }
  }

  @Test
  public void aVersionIsSwappedUnderReads() throws Exception {
    try (AdapterNode node = node(QUOTA)) {
      node.inHelix(1_000_000, 1);
      node.start();
      for (int version = 1; version <= 3; version++) {
        try (ReadersOfServers readers =
            new ReadersOfServers(
                node.rows,
                AdapterNode.config(version),
                Map.of("a", node.address(), "b", node.address()))) {
          readers.awaitReads();
          // The next version is pushed, and this one serves until its readers have gone.
          node.push(version + 1);
          node.stores.put(AdapterNode.STORE, 1_000_000, true, version, version + 1);
          node.assign(version + 1, 1, 1);
          awaitQuota(node, version + 1, "1000000 RCU/s, share 1.0");
          assertEquals(
              node.rows.value(9), node.client(version + 1).get(node.rows.key(9)));
          readers.awaitReads();
          assertEquals(List.of(), readers.failures("a"));
          assertEquals(List.of(), readers.failures("b"));
        }
        node.stores.put(AdapterNode.STORE, 1_000_000, true, version + 1);
        node.drop(version);
        awaitQuota(node, version, "none");
      }
    }
  }

  @Test
  public void theSharedModeTakesThePlaceOfVenicesAnnouncer() {
    assertEquals(List.of(), announcers("false", "shared"));
    assertEquals(List.of(), announcers("true", "shared"));
    assertThrows(
        "Venice's own is made in other modes",
        UnsupportedOperationException.class,
        () -> announcers("true", "own"));
  }

  private static List<ServiceDiscoveryAnnouncer> announcers(String announce, String mode) {
    return RustVeniceServer.announcers(
        Map.of(
            "server.d2.announce.enabled", announce,
            "grpc.read.server.rust.enabled", "true",
            "grpc.read.server.rust.d2.mode", mode));
  }
}
