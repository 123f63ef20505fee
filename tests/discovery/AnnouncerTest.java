package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.d2.balancer.properties.UriProperties;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.discovery.DiscoveryMode;
import com.linkedin.venice.rust.discovery.RustServerAnnouncer;
import com.linkedin.venice.rust.discovery.ServerDirectory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What is announced, in a real ZooKeeper, as D2's own code reads it. */
public class AnnouncerTest {
  private static final String RUST = DiscoveryConfig.RUST_SERVICE;
  private static final String JAVA = DiscoveryConfig.JAVA_SERVICE;
  private static final Duration LONG = Duration.ofSeconds(90);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private TestZooKeeper zooKeeper;
  private D2View d2;

  @Before
  public void start() throws Exception {
    zooKeeper = new TestZooKeeper(temporary.newFolder());
    d2 = new D2View(zooKeeper.connectString());
  }

  @After
  public void stop() throws Exception {
    d2.close();
    zooKeeper.close();
  }

  private DiscoveryConfig.Builder config(DiscoveryMode mode) {
    return DiscoveryConfig.builder()
        .mode(mode)
        .zooKeeper(zooKeeper.connectString())
        .host("127.0.0.1")
        .httpPort(1234)
        .sessionTimeout(Duration.ofSeconds(60))
        .waitTime(LONG);
  }

  @Test
  public void anOwnResourceHoldsBothPortsAndTheWeight() throws Exception {
    RustServerAnnouncer announcer =
        new RustServerAnnouncer(config(DiscoveryMode.OWN).weight(0.25).build(), 7777);
    assertEquals(null, d2.uris(RUST));
    announcer.register();
    URI uri = URI.create("http://127.0.0.1:7777");
    UriProperties announced = d2.uris(RUST);
    assertEquals(Collections.singleton(uri), announced.Uris());
    assertEquals(0.25, announced.getPartitionDataMap(uri).get(0).getWeight(), 0);
    Map<String, Object> properties = announced.getUriSpecificProperties().get(uri);
    assertEquals(1234, properties.get("httpPort"));
    assertEquals(7777, properties.get("grpcPort"));
    assertEquals(RUST + "_d2_cluster", d2.service(RUST).getClusterName());
    assertEquals(List.of("http"), d2.service(RUST).getPrioritizedSchemes());
    assertEquals(RUST + "_d2_cluster", d2.cluster(RUST).getClusterName());

    announcer.register();
    assertEquals("announced twice, there once", 1, d2.nodes(RUST).size());
    assertTrue(announcer.setRustServes(false));
    assertEquals(List.of(), d2.nodes(RUST));
    assertTrue(announcer.setGrpcPort(8888));
    assertTrue(announcer.setRustServes(true));
    assertEquals(
        Collections.singleton(URI.create("http://127.0.0.1:8888")), d2.uris(RUST).Uris());
    assertTrue(announcer.setGrpcPort(9999));
    assertEquals(
        Collections.singleton(URI.create("http://127.0.0.1:9999")), d2.uris(RUST).Uris());
    announcer.unregister();
    assertEquals(List.of(), d2.nodes(RUST));
    announcer.register();
    assertEquals(1, d2.nodes(RUST).size());
    announcer.close();
    assertEquals(List.of(), d2.nodes(RUST));
  }

  @Test
  public void theSharedResourceKeepsTheJavaServersUri() throws Exception {
    RustServerAnnouncer announcer =
        new RustServerAnnouncer(config(DiscoveryMode.SHARED).weight(0.5).build(), 7777);
    announcer.register();
    URI uri = URI.create("http://127.0.0.1:1234");
    assertEquals(Collections.singleton(uri), d2.uris(JAVA).Uris());
    assertEquals(1, d2.uris(JAVA).getPartitionDataMap(uri).get(0).getWeight(), 0);
    assertEquals(7777, d2.uris(JAVA).getUriSpecificProperties().get(uri).get("grpcPort"));
    assertEquals(0.5, d2.uris(JAVA).getUriSpecificProperties().get(uri).get("grpcWeight"));

    assertTrue(announcer.setRustServes(false));
    assertEquals(Collections.singleton(uri), d2.uris(JAVA).Uris());
    assertEquals(null, d2.uris(JAVA).getUriSpecificProperties().get(uri).get("grpcPort"));
    announcer.unregister();
    assertEquals(List.of(), d2.nodes(JAVA));
  }

  @Test
  public void aHundredStoresAreSwitchedOnAndOff() throws Exception {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      names.add("store_" + i);
    }
    RustServerAnnouncer announcer =
        new RustServerAnnouncer(config(DiscoveryMode.STORE).store("store_7").build(), 7777);
    announcer.register();
    assertEquals(1, d2.nodes(RUST + "-store_7").size());
    assertEquals(0, d2.nodes(RUST + "-store_8").size());
    assertTrue(announcer.setStoresAnnounced(names, true));
    for (String name : names) {
      assertEquals(name, 1, d2.nodes(RUST + "-" + name).size());
    }
    assertTrue(announcer.setStoresAnnounced(names.subList(0, 50), false));
    for (int i = 0; i < 100; i++) {
      assertEquals(names.get(i), i < 50 ? 0 : 1, d2.nodes(RUST + "-" + names.get(i)).size());
    }
    // What is switched holds across a drain of the server and back.
    assertTrue(announcer.setRustServes(false));
    assertEquals(0, d2.nodes(RUST + "-store_99").size());
    assertTrue(announcer.setRustServes(true));
    assertEquals(1, d2.nodes(RUST + "-store_99").size());
    assertEquals(0, d2.nodes(RUST + "-store_7").size());
    assertEquals(50, announcer.announcedStores().size());
    announcer.close();
  }

  @Test
  public void aChangeOfWeightNeverTakesTheServerAway() throws Exception {
    RustServerAnnouncer announcer =
        new RustServerAnnouncer(config(DiscoveryMode.OWN).build(), 7777);
    announcer.register();
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger looks = new AtomicInteger();
    AtomicInteger missing = new AtomicInteger();
    Thread looking =
        new Thread(
            () -> {
              try (D2View other = new D2View(zooKeeper.connectString())) {
                while (!done.get()) {
                  if (other.nodes(RUST).isEmpty()) {
                    missing.incrementAndGet();
                  }
                  looks.incrementAndGet();
                }
              } catch (Exception e) {
                missing.set(-1_000_000);
              }
            });
    looking.start();
    Await.until("someone looks", () -> looks.get() > 10);
    for (int i = 0; i < 200; i++) {
      assertTrue(announcer.setWeight(i / 200.0));
    }
    done.set(true);
    looking.join();
    assertEquals("of " + looks, 0, missing.get());
    assertEquals(1, d2.nodes(RUST).size());
    announcer.close();
  }

  @Test
  public void clientsBelongToTheShareThatTheWeightSays() throws Exception {
    RustServerAnnouncer announcer =
        new RustServerAnnouncer(config(DiscoveryMode.OWN).weight(0.05).build(), 7777);
    announcer.register();
    RustServerAnnouncer java =
        new RustServerAnnouncer(config(DiscoveryMode.SHARED).build(), 1);
    java.setRustServes(false);
    java.register();
    try (ServerDirectory canary = directory(0.049);
        ServerDirectory other = directory(0.051)) {
      assertTrue(canary.awaitServers(List.of("127.0.0.1:1234"), LONG));
      assertTrue(other.awaitServers(List.of("127.0.0.1:1234"), LONG));
      assertEquals("127.0.0.1:7777", canary.addresses().get("127.0.0.1:1234"));
      assertEquals("127.0.0.1:5555", other.addresses().get("127.0.0.1:1234"));
      announcer.setWeight(1);
      Await.until("all read from Rust", () -> other.addresses().containsValue("127.0.0.1:7777"));
      announcer.setRustServes(false);
      Await.until("all read from Java", () -> canary.addresses().containsValue("127.0.0.1:5555"));
    }
    announcer.close();
    java.close();
  }

  private ServerDirectory directory(double position) {
    return ServerDirectory.builder(zooKeeper.connectString())
        .sessionTimeout(Duration.ofSeconds(60))
        .position(position)
        .javaServers(JAVA, 5555)
        .open();
  }

  @Test
  public void anExpiredSessionIsFollowedByANewAnnouncement() throws Exception {
    RustServerAnnouncer announcer =
        new RustServerAnnouncer(config(DiscoveryMode.OWN).build(), 7777);
    announcer.register();
    try (ServerDirectory directory = directory(0)) {
      assertTrue(directory.awaitServers(List.of("127.0.0.1:1234"), LONG));
      List<String> first = d2.nodes(RUST);
      for (int round = 0; round < 3; round++) {
        List<String> before = nodesNow();
        zooKeeper.expireSessions();
        Await.until("announced anew", () -> nodesNow().size() == 1 && !nodesNow().equals(before));
      }
      assertNotEquals(first, nodesNow());
      // The directory's own session expired too.
      announcer.setWeight(0);
      Await.until(
          "the directory follows", () -> directory.addresses().containsValue("127.0.0.1:5555"));
    }
    announcer.close();
    assertEquals(List.of(), nodesNow());
  }

  /** Read by a session of its own, because they are made to expire. */
  private List<String> nodesNow() throws Exception {
    try (D2View now = new D2View(zooKeeper.connectString())) {
      return now.nodes(RUST);
    }
  }

  @Test
  public void whatChangedWhileZooKeeperWasAwayHoldsWhenItIsBack() throws Exception {
    RustServerAnnouncer announcer =
        new RustServerAnnouncer(
            config(DiscoveryMode.OWN).waitTime(Duration.ofMillis(50)).build(), 7777);
    zooKeeper.stop();
    announcer.register();
    assertFalse("nobody is there", announcer.isUpToDate());
    zooKeeper.start();
    assertTrue("announced when it came", announcer.await(LONG));
    try (ServerDirectory directory = directory(0)) {
      assertTrue(directory.awaitServers(List.of("127.0.0.1:1234"), LONG));
      for (int round = 1; round <= 3; round++) {
        zooKeeper.stop();
        Await.until("the directory notices", () -> !directory.isConnected());
        assertFalse("not held yet", announcer.setGrpcPort(7777 + round));
        assertEquals(
            "what was seen last holds",
            "127.0.0.1:" + (7776 + round),
            directory.addresses().get("127.0.0.1:1234"));
        zooKeeper.start();
        assertTrue(announcer.await(LONG));
        String now = "127.0.0.1:" + (7777 + round);
        Await.until("the directory follows", () -> directory.addresses().containsValue(now));
        Await.until("the old one is gone", () -> nodesNow().size() == 1);
      }
    }
    announcer.close();
    Await.until("nothing is left", () -> nodesNow().isEmpty());
  }

  @Test
  public void theNodeOfAProcessThatWasKilledGivesWay() throws Exception {
    DiscoveryConfig config = config(DiscoveryMode.OWN).build();
    // Killed, it leaves its node behind until its session times out: another session's node.
    RustServerAnnouncer killed = new RustServerAnnouncer(config, 7777);
    killed.register();
    List<String> left = d2.nodes(RUST);
    RustServerAnnouncer started = new RustServerAnnouncer(config, 7777);
    started.register();
    assertEquals(1, d2.nodes(RUST).size());
    assertNotEquals(left, d2.nodes(RUST));
    started.close();
    killed.close();
  }

  @Test
  public void whatIsNoAnnouncementIsPassedOver() throws Exception {
    RustServerAnnouncer announcer =
        new RustServerAnnouncer(config(DiscoveryMode.OWN).build(), 7777);
    announcer.register();
    d2.zooKeeper()
        .create(
            "/d2/uris/" + RUST + "_d2_cluster/ephemoral-9999999999",
            "no JSON".getBytes(StandardCharsets.UTF_8),
            ZooDefs.Ids.OPEN_ACL_UNSAFE,
            CreateMode.EPHEMERAL);
    try (ServerDirectory directory = directory(0)) {
      assertTrue(directory.awaitServers(List.of("127.0.0.1:1234"), LONG));
      assertTrue(announcer.setWeight(0.5));
      Await.until(
          "the weight is seen",
          () -> directory.servers().get("127.0.0.1:1234").grpcWeight() == 0.5);
    }
    announcer.close();
    assertEquals(1, d2.nodes(RUST).size());
  }

  @Test
  public void propertiesAreReadAndRefused() {
    Map<String, String> properties = new HashMap<>();
    properties.put("zookeeper.address", "zk:2181");
    properties.put("listener.hostname", "node1");
    properties.put("listener.port", "1690");
    properties.put("kafka.bootstrap.servers", "not ours");
    assertEquals(DiscoveryMode.NONE, DiscoveryConfig.fromProperties(properties, false).mode());
    properties.put("grpc.read.server.rust.d2.mode", "Store");
    properties.put("grpc.read.server.rust.d2.stores", "a, b");
    properties.put("grpc.read.server.rust.d2.weight", "0.05");
    DiscoveryConfig config = DiscoveryConfig.fromProperties(properties, true);
    assertEquals(DiscoveryMode.STORE, config.mode());
    assertEquals("zk:2181", config.zooKeeper());
    assertEquals("node1", config.host());
    assertEquals(1690, config.httpPort());
    assertEquals(0.05, config.weight(), 0);
    assertEquals(List.of("a", "b"), new ArrayList<>(config.stores()));
    assertEquals("venice-server-rust-d2", config.serviceName());

    refuses(properties, "mode", "both", "give none, shared, own or store");
    refuses(properties, "weight", "much", "give a number from 0 to 1000");
    refuses(properties, "weight", "-1", "give a number from 0 to 1000");
    refuses(properties, "stores", "a/b", "letters, digits");
    refuses(properties, "session.timeout.ms", "5s", "whole number");
    refuses(properties, "sevice.name", "x", "is unknown");
    properties.remove("zookeeper.address");
    IllegalArgumentException missing =
        assertThrows(
            IllegalArgumentException.class,
            () -> DiscoveryConfig.fromProperties(properties, true));
    assertTrue(missing.getMessage(), missing.getMessage().contains("zookeeper.address"));
    RustServerAnnouncer own =
        new RustServerAnnouncer(config(DiscoveryMode.OWN).build(), 7777);
    assertThrows(
        IllegalStateException.class, () -> own.setStoresAnnounced(List.of("a"), true));
  }

  private static void refuses(
      Map<String, String> properties, String name, String value, String expected) {
    Map<String, String> with = new HashMap<>(properties);
    with.put("grpc.read.server.rust.d2." + name, value);
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> DiscoveryConfig.fromProperties(with, false));
    assertTrue(refusal.getMessage(), refusal.getMessage().contains(expected));
  }
}
