package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig.ClientAuth;
import com.linkedin.venice.rust.adapter.KeyFiles;
import com.linkedin.venice.rust.adapter.KeyMaterial;
import com.linkedin.venice.rust.adapter.RustReadPath;
import com.linkedin.venice.rust.adapter.RustReadPath.State;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.KeyStores;
import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.testing.VeniceClientHttpException;
import com.linkedin.venice.security.SSLConfig;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Keys out of Venice's SSLFactory, and access by Venice's controller, with clients that have certificates. */
public class AdapterTlsTest {
  private static final Map<String, String> OFTEN =
      Map.of(
          "grpc.read.server.rust.tls.reload.ms", "10",
          "grpc.read.server.rust.access.refresh.ms", "1000",
          "grpc.read.server.rust.access.wait.ms", "60000");

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private AdapterNode node(SSLConfig ssl, AdapterAccess access) throws Exception {
    return new AdapterNode(temporary.newFolder().toPath(), OFTEN).withTls(ssl, access).start();
  }

  private Path copy(String name) throws Exception {
    Path file = temporary.newFolder().toPath().resolve(name);
    return Files.copy(KeyStores.file(name), file);
  }

  private static void replace(Path file, String name) throws Exception {
    Path next = file.resolveSibling("next");
    Files.copy(KeyStores.file(name), next);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  public void theFilesOfSslConfigAndANewCertificate() throws Exception {
    Path keys = copy("server.p12");
    SSLConfig ssl = AdapterNode.sslConfig(keys);
    try (AdapterNode node = node(ssl, null)) {
      assertEquals(node.readPath().failure(), State.SERVING, node.readPath().state());
      FastClient client = node.client(1, KeyStores.credentials("ca.pem", "client.p12"));
      assertEquals(node.rows.value(3), client.get(node.rows.key(3)));
      assertThrows(
          "a client without a certificate",
          VeniceClientException.class,
          () -> node.client(1, KeyStores.credentials("ca.pem", null)).get(node.rows.key(3)));
      replace(keys, "second.p12");
      int port = node.readPath().server().port();
      Await.until(
          "the new certificate is shown", () -> ShownCertificate.of("second.p12").equals(ShownCertificate.by(port)));
      assertEquals("old connections go on", node.rows.value(4), client.get(node.rows.key(4)));
    }
  }

  @Test
  public void theDataOfSslConfig() throws Exception {
    // One key store in Base64 that has the server's key and the root of clients.
    KeyStore both = load("server.p12");
    both.setCertificateEntry("root", root());
    Path file = temporary.newFile().toPath();
    try (OutputStream out = Files.newOutputStream(file)) {
      both.store(out, KeyStores.PASSWORD.toCharArray());
    }
    String base64 = Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    try (AdapterNode node = node(SSLConfig.ofData(base64, KeyStores.PASSWORD), null)) {
      assertEquals(node.readPath().failure(), State.SERVING, node.readPath().state());
      FastClient client = node.client(1, KeyStores.credentials("ca.pem", "client.p12"));
      assertEquals(node.rows.value(3), client.get(node.rows.key(3)));
    }
  }

  @Test
  public void keysInMemoryAndNewOnes() throws Exception {
    KeyStore first = load("server.p12");
    KeyStore second = load("second.p12");
    try (KeyFiles keys =
            KeyFiles.of(key(first), chain(first), List.of(root()), ClientAuth.REQUIRED);
        AdapterNode node = new AdapterNode(temporary.newFolder().toPath(), OFTEN)) {
      RustReadPath path = RustReadPath.start(parts(keys));
      assertEquals(path.failure(), State.SERVING, path.state());
      int port = path.server().port();
      assertEquals(ShownCertificate.of("server.p12"), ShownCertificate.by(port));
      keys.replace(key(second), chain(second), List.of(root()));
      Await.until(
          "the new certificate is shown", () -> ShownCertificate.of("second.p12").equals(ShownCertificate.by(port)));
      path.close();
    }
  }

  private static RustReadPath.Parts parts(KeyMaterial keys) {
    Map<String, String> properties =
        Map.of(
            "grpc.read.server.rust.enabled", "true",
            "grpc.read.server.rust.port", "0",
            "grpc.read.server.rust.tls.reload.ms", "10");
    return RustReadPath.parts(properties).keys(keys);
  }

  @Test
  public void aFactoryWithoutKeysIsAFailureWithARemedy() throws Exception {
    for (SSLConfig none : new SSLConfig[] {null, SSLConfig.ofData("", ""), SSLConfig.ofData("?", "")}) {
      try (AdapterNode node = node(none, null)) {
        assertEquals(State.FAILED, node.readPath().state());
        String failure = node.readPath().failure();
        assertTrue(failure, failure.contains("set grpc.read.server.rust.tls.key.store"));
      }
    }
  }

  @Test
  public void accessIsDecidedByVenicesControllerAndFollowsIt() throws Exception {
    SSLConfig ssl = AdapterNode.sslConfig(KeyStores.file("server.p12"));
    AdapterAccess access = new AdapterAccess();
    try (AdapterNode node = node(ssl, access)) {
      FastClient client = node.client(1, KeyStores.credentials("ca.pem", "client.p12"));
      assertEquals(node.rows.value(5), client.get(node.rows.key(5)));
      access.access = false;
      awaitAnswer(node, client, "Access denied!");
      access.acl = false;
      awaitAnswer(node, client, "ACL not found!");
      access.failOpen = true;
      awaitAnswer(node, client, "Access denied!");
      access.access = true;
      awaitAnswer(node, client, "granted");
      access.access = false;
      awaitAnswer(node, client, "Access denied!");
      // A failing controller that is to let everybody pass does.
      access.fails = true;
      awaitAnswer(node, client, "granted");
      access.fails = false;
      awaitAnswer(node, client, "Access denied!");
      // One that is not: what was the answer before stays it, and a new server has none.
      access.failOpen = false;
      access.fails = true;
      node.readPath().drain(Duration.ofSeconds(60));
      node.readPath().resume();
      FastClient other = node.client(1, KeyStores.credentials("ca.pem", "client.p12"));
      awaitAnswer(node, other, "Internal error occurred while checking ACL.");
      access.fails = false;
      access.access = true;
      awaitAnswer(node, other, "granted");
    }
  }

  private static void awaitAnswer(AdapterNode node, FastClient client, String expected)
      throws Exception {
    Await.until(expected, () -> answer(node, client).startsWith(expected));
  }

  private static String answer(AdapterNode node, FastClient client) {
    try {
      assertEquals(node.rows.value(5), client.get(node.rows.key(5)));
      return "granted";
    } catch (VeniceClientHttpException e) {
      return e.getMessage();
    }
  }

  private static KeyStore load(String name) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(KeyStores.file(name))) {
      store.load(file, KeyStores.PASSWORD.toCharArray());
    }
    return store;
  }

  private static PrivateKey key(KeyStore store) throws Exception {
    return (PrivateKey)
        store.getKey(store.aliases().nextElement(), KeyStores.PASSWORD.toCharArray());
  }

  private static X509Certificate[] chain(KeyStore store) throws Exception {
    return Arrays.stream(store.getCertificateChain(store.aliases().nextElement()))
        .map(X509Certificate.class::cast)
        .toArray(X509Certificate[]::new);
  }

  private static X509Certificate root() throws Exception {
    try (InputStream file = Files.newInputStream(KeyStores.file("ca.pem"))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(file);
    }
  }
}
