package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.acl.DynamicAccessController;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerDrain;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.adapter.RustReadPath.State;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.discovery.GrpcTargets;
import com.linkedin.venice.rust.discovery.RustServerAnnouncer;
import com.linkedin.venice.rust.discovery.ServerDirectory;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.KeyStores;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.VeniceClientHttpException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * All that changes in the life of a server, round after round under reads that never pause: a push
 * and a version swap, quotas, access, certificates, a drain and the way back. Clients follow
 * discovery over TLS. No read fails, and none is wrong.
 */
public class AdapterUnderReadsTest {
  /** One, unless the long form of the test asks for more. */
  private static final int ROUNDS = Integer.getInteger("adapter.rounds", 1);

  private static final Duration LONG = Duration.ofSeconds(90);
  private static final String SERVER = "127.0.0.1:1690";
  private static final long QUOTA = 10_000_000;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final OneStranger access = new OneStranger();
  private Path keys;
  private AdapterNode node;
  private int version = 1;
  private long reads;

  /** Lets everybody read but one, whose rights change. */
  private static final class OneStranger implements DynamicAccessController {
    volatile boolean strangerMay;

    @Override
    public boolean hasAccess(X509Certificate certificate, String resource, String method) {
      return strangerMay || !certificate.getSubjectX500Principal().getName().equals("CN=second");
    }

    @Override
    public boolean hasAcl(String resource) {
      return true;
    }

    @Override
    public boolean isFailOpen() {
      return false;
    }
  }

  private AdapterNode makeNode(String zooKeeper) throws Exception {
    keys = Files.copy(KeyStores.file("server.p12"), temporary.newFolder().toPath().resolve("keys"));
    Map<String, String> properties = new HashMap<>();
    properties.put("server.quota.enforcement.enabled", "true");
    properties.put("grpc.read.server.rust.d2.mode", "own");
    properties.put("grpc.read.server.rust.d2.session.timeout.ms", "60000");
    properties.put("grpc.read.server.rust.tls.reload.ms", "10");
    properties.put("grpc.read.server.rust.access.refresh.ms", "100");
    properties.put("grpc.read.server.rust.access.wait.ms", "60000");
    properties.put("zookeeper.address", zooKeeper);
    AdapterNode made = new AdapterNode(temporary.newFolder().toPath(), properties);
    made.context.sslFactory = Optional.of(AdapterNode.ssl(AdapterNode.sslConfig(keys)));
    made.context.storeAccess = Optional.of(access);
    made.inHelix(QUOTA, 1);
    return made;
  }

  /** What the Java server's port of gRPC is to clients: another server of the same data. */
  private static RustReadServer otherServer() {
    return RustReadServer.start(
        ReadServerConfig.builder()
            .workerThreads(1)
            .tlsKeyStore(KeyStores.file("server.p12"), KeyStores.PASSWORD)
            .tlsTrustStore(KeyStores.file("trust.p12"), KeyStores.PASSWORD)
            .build());
  }

  @Test
  public void nothingThatChangesIsNoticedByReaders() throws Exception {
    try (TestZooKeeper zooKeeper = new TestZooKeeper(temporary.newFolder());
        AdapterNode made = makeNode(zooKeeper.connectString());
        RustReadServer java = otherServer();
        RustServerAnnouncer javaAnnouncer =
            new RustServerAnnouncer(
                AdapterNode.javaServer(zooKeeper.connectString()), java.port())) {
      node = made;
      javaAnnouncer.setRustServes(false);
      javaAnnouncer.register();
      node.start();
      assertEquals(node.readPath().failure(), State.SERVING, node.readPath().state());
      try (ServerDirectory directory =
          ServerDirectory.builder(zooKeeper.connectString())
              .sessionTimeout(Duration.ofSeconds(60))
              .javaServers(DiscoveryConfig.JAVA_SERVICE, java.port())
              .position(0)
              .open()) {
        assertTrue(directory.awaitServers(List.of(SERVER), LONG));
        awaitRust(directory);
        try (GrpcTargets targets = GrpcTargets.of(directory)) {
          for (int round = 0; round < ROUNDS; round++) {
            round(directory, targets);
            // What a long run tells while it runs.
            System.out.println("round " + (round + 1) + ": " + reads + " reads, 0 wrong, 0 failed");
          }
        }
      }
    }
  }

  private void awaitRust(ServerDirectory directory) throws Exception {
    Await.until(
        "Rust is found", () -> node.address().equals(directory.addresses().get(SERVER)));
  }

  private ReadersOfServers readers(GrpcTargets targets) throws Exception {
    Map<String, String> two =
        Map.of("a", targets.target(SERVER), "b", targets.target(SERVER));
    return new ReadersOfServers(
        node.rows,
        AdapterNode.config(version),
        two,
        KeyStores.credentials("ca.pem", "client.p12"));
  }

  private void end(ReadersOfServers readers) throws Exception {
    readers.awaitReads();
    readers.close();
    reads += readers.reads();
    assertEquals(List.of(), readers.failures("a"));
    assertEquals(List.of(), readers.failures("b"));
  }

  private void round(ServerDirectory directory, GrpcTargets targets) throws Exception {
    ReadersOfServers readers = readers(targets);
    changeQuotas(readers);
    changeAccess(readers, targets);
    changeCertificate(readers);
    drainAndResume(readers, directory);
    swapVersion(readers, targets);
  }

  private void changeQuotas(ReadersOfServers readers) throws Exception {
    for (long quota : new long[] {QUOTA / 2, QUOTA}) {
      node.stores.put(AdapterNode.STORE, quota, true, version);
      awaitQuota(quota + " RCU/s, share 1.0");
      readers.awaitReads();
    }
    node.assign(version, 1, 2);
    awaitQuota(QUOTA + " RCU/s, share 0.5");
    node.stores.put(AdapterNode.STORE, QUOTA, false, version);
    awaitQuota("not enforced");
    readers.awaitReads();
    node.stores.put(AdapterNode.STORE, QUOTA, true, version);
    node.assign(version, 1, 1);
    awaitQuota(QUOTA + " RCU/s, share 1.0");
  }

  private void awaitQuota(String expected) throws Exception {
    Await.until("the quota is " + expected, () -> node.quota(version).equals(expected));
  }

  private void changeAccess(ReadersOfServers readers, GrpcTargets targets) throws Exception {
    StoreRoutes routes =
        StoreRoutes.oneServer(
            AdapterNode.config(version).resource(), AdapterNode.PARTITIONS, targets.target(SERVER));
    try (FastClient stranger =
        new FastClient(
            routes,
            FastClient.DEFAULT_BATCH_GET_LIMIT,
            KeyStores.credentials("ca.pem", "second.p12"))) {
      for (boolean may : new boolean[] {true, false}) {
        access.strangerMay = may;
        Await.until("the stranger may: " + may, () -> reads(stranger) == may);
        readers.awaitReads();
      }
    }
  }

  private boolean reads(FastClient client) {
    try {
      assertEquals(node.rows.value(5), client.get(node.rows.key(5)));
      return true;
    } catch (VeniceClientHttpException e) {
      assertTrue(e.getMessage(), e.getMessage().contains("Access denied!"));
      return false;
    }
  }

  private void changeCertificate(ReadersOfServers readers) throws Exception {
    for (String name : new String[] {"second.p12", "server.p12"}) {
      Path next = keys.resolveSibling("next");
      Files.copy(KeyStores.file(name), next);
      Files.move(next, keys, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      int port = node.readPath().server().port();
      X509Certificate expected = ShownCertificate.of(name);
      Await.until(
          "the certificate is that of " + name,
          () -> expected.equals(ShownCertificate.by(port)));
      readers.awaitReads();
      // New connections are shown the new one.
      try (FastClient client =
          node.client(version, KeyStores.credentials("ca.pem", "client.p12"))) {
        assertEquals(node.rows.value(6), client.get(node.rows.key(6)));
      }
    }
  }

  private void drainAndResume(ReadersOfServers readers, ServerDirectory directory)
      throws Exception {
    readers.awaitReads();
    ReadServerDrain report = node.readPath().drain(LONG);
    assertTrue(report.toString(), report.markedDown());
    assertTrue(report.toString(), report.answered());
    assertEquals(report.toString(), 0, report.callsCut());
    readers.awaitReads();
    node.readPath().resume();
    assertEquals(State.SERVING, node.readPath().state());
    awaitRust(directory);
    awaitQuota(QUOTA + " RCU/s, share 1.0");
    readers.awaitReads();
  }

  /** Clients go from one version to the next while both are there; then the old one is dropped. */
  private void swapVersion(ReadersOfServers readers, GrpcTargets targets) throws Exception {
    node.push(version + 1);
    node.stores.put(AdapterNode.STORE, QUOTA, true, version, version + 1);
    node.assign(version + 1, 1, 1);
    version++;
    awaitQuota(QUOTA + " RCU/s, share 1.0");
    ReadersOfServers next = readers(targets);
    next.awaitReads();
    end(readers);
    node.stores.put(AdapterNode.STORE, QUOTA, true, version);
    node.drop(version - 1);
    end(next);
  }
}
