package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerDrain;
import com.linkedin.venice.rust.adapter.RustReadPath;
import com.linkedin.venice.rust.adapter.RustReadPath.State;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.testing.AdminSocket;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.KeyStores;
import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import com.linkedin.venice.security.SSLConfig;
import io.grpc.ChannelCredentials;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A drain and the way back, of a server that is announced, with quotas and access control. */
public class AdapterDrainTest {
  private static final Duration LONG = Duration.ofSeconds(90);

  /** A socket's path is short, and the folder of a test need not be. */
  @Rule public final TemporaryFolder temporary = new TemporaryFolder(new File("/tmp"));

  /** A node with all of it, whose announcements a test looks at. */
  private final class Node implements AutoCloseable {
    final TestZooKeeper zooKeeper = new TestZooKeeper(temporary.newFolder());
    final D2View d2 = new D2View(zooKeeper.connectString());
    final AdapterAccess access = new AdapterAccess();
    final Path socket = temporary.getRoot().toPath().resolve("admin");
    final AdapterNode node;

    Node() throws Exception {
      Map<String, String> properties = new HashMap<>();
      properties.put("server.quota.enforcement.enabled", "true");
      // One refill that lasts longer than any test, so that what was used stays used.
      properties.put("server.quota.enforcement.interval.in.millis", "1000000");
      properties.put("server.quota.enforcement.capacity.multiple", "1");
      properties.put("grpc.read.server.rust.d2.mode", "own");
      properties.put("grpc.read.server.rust.d2.session.timeout.ms", "60000");
      properties.put("zookeeper.address", zooKeeper.connectString());
      properties.put("grpc.read.server.rust.admin.socket", socket.toString());
      SSLConfig ssl = AdapterNode.sslConfig(KeyStores.file("server.p12"));
      node =
          new AdapterNode(temporary.newFolder().toPath(), properties).withTls(ssl, access);
      // 1 RCU/s for 1000 s: 1000 keys, of which half fall to this node.
      node.inHelix(1, 2);
      node.start();
      assertEquals(node.readPath().failure(), State.SERVING, path().state());
      Await.until("the quota holds", () -> node.quota(1).equals("1 RCU/s, share 0.5"));
      assertTrue(path().announcer().setWeight(0.25));
      awaitWeight(0.25);
    }

    RustReadPath path() {
      return node.readPath();
    }

    FastClient client() throws Exception {
      ChannelCredentials credentials = KeyStores.credentials("ca.pem", "client.p12");
      return node.client(1, credentials);
    }

    /** The weight under which clients find the server, or none (null). */
    Double weight() {
      try {
        var uris = d2.uris(DiscoveryConfig.RUST_SERVICE);
        if (uris == null || uris.Uris().isEmpty()) {
          return null;
        }
        var partitions = uris.getPartitionDesc().values().iterator().next();
        return partitions.values().iterator().next().getWeight();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    void awaitWeight(Double expected) throws Exception {
      Await.until("the weight is " + expected, () -> java.util.Objects.equals(expected, weight()));
    }

    /** Reads batches of 100 keys until one is refused; exactly so many are not. */
    void useUp(int batches) throws Exception {
      FastClient client = client();
      for (int i = 0; i < batches; i++) {
        assertEquals(node.rows.values(0, 100), client.batchGet(node.rows.keys(0, 100)));
      }
      assertThrows(
          VeniceClientRateExceededException.class,
          () -> client.batchGet(node.rows.keys(0, 100)));
    }

    /** Asks at the admin socket. */
    String post(String path, String body) throws Exception {
      return AdminSocket.ask(socket, "POST", path, body);
    }

    @Override
    public void close() throws Exception {
      node.close();
      d2.close();
      zooKeeper.close();
    }
  }

  @Test
  public void quotaAccessAndDiscoveryHoldAcrossARestart() throws Exception {
    try (Node node = new Node()) {
      node.useUp(5);
      ReadServerDrain report = node.path().drain(LONG);
      assertTrue(report.toString(), report.announced() && report.markedDown());
      assertTrue(report.toString(), report.toString().contains("0 calls cut"));
      assertEquals(State.DRAINED, node.path().state());
      assertNull("nobody finds it", node.weight());
      // What comes while there is no server is for the next one.
      node.access.access = false;
      node.node.stores.put(AdapterNode.STORE, 2, true, 1);
      Await.until("the quota is known", () -> node.node.quota(1).equals("2 RCU/s, share 0.5"));
      node.path().resume();
      node.awaitWeight(0.25);
      VeniceClientException refused =
          assertThrows(
              VeniceClientException.class,
              () -> node.client().get(node.node.rows.key(1)));
      assertTrue(refused.getMessage(), refused.getMessage().contains("Access denied!"));
      // Likewise the other way round.
      assertTrue(node.path().drain(LONG).markedDown());
      node.access.access = true;
      node.path().resume();
      node.awaitWeight(0.25);
      node.useUp(10);
    }
  }

  @Test
  public void anOperatorsDrainIsThatOfThisJvm() throws Exception {
    try (Node node = new Node()) {
      String left = node.post("/drain", "{\"end\": false, \"bound_ms\": 180000}");
      assertTrue(left, left.contains("\"marked_down\":true"));
      assertNull("nobody finds it", node.weight());
      assertEquals(State.SERVING, node.path().state());
      node.post("/undrain", "");
      node.awaitWeight(0.25);
      assertEquals(node.node.rows.value(1), node.client().get(node.node.rows.key(1)));

      String ended = node.post("/drain", "{\"bound_ms\": 180000}");
      assertTrue(ended, ended.contains("\"marked_down\":true"));
      assertTrue(ended, ended.contains("\"calls_cut\":0"));
      Await.until("it is drained", () -> node.path().state() == State.DRAINED);
      assertNull(node.path().server());
      assertFalse(node.socket.toFile().exists());
      node.path().resume();
      node.awaitWeight(0.25);
      assertEquals(node.node.rows.value(2), node.client().get(node.node.rows.key(2)));
      assertTrue(node.socket.toFile().exists());
    }
  }
}
