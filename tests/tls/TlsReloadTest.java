package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerConfig.ClientAuth;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.KeyStores;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import io.grpc.ChannelCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Key stores that change under a server, which Java has to open again. */
public class TlsReloadTest {
  private static final Duration OFTEN = Duration.ofMillis(10);
  private static final Duration HANG = Duration.ofSeconds(60);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void aNewKeyStoreIsUsedWhileClientsRead() throws Exception {
    Path file = temporary.newFile().toPath();
    copy("server.p12", file);
    SampleRows rows = new SampleRows(10, 10, 10);
    StoreVersionConfig config = new StoreVersionConfig("reload", 1, 1);
    ChannelCredentials credentials = TlsClients.credentials("ca.pem", null, "TLSv1.3");
    try (ServedStore store = ServedStore.start(server(file, OFTEN))) {
      store.push(temporary.newFolder().toPath(), config, rows);
      FastClient old = store.client(config, credentials);
      assertEquals(rows.value(1), old.get(rows.key(1)));
      int port = store.server().port();
      for (String next : new String[] {"second.p12", "server.jks", "second.p12"}) {
        copy(next, file);
        awaits(port, Stores.certificate(next.replace(".jks", ".p12")));
        // Connections that are there stay as they are.
        assertEquals(rows.value(2), old.get(rows.key(2)));
      }
    }
  }

  @Test
  public void anotherKeyStoreOfTheSameSizeAndTimeIsNoticed() throws Exception {
    // As tools leave them that write whole folders anew and then swap a link.
    byte[] first = Files.readAllBytes(KeyStores.file("server.p12"));
    byte[] second = Files.readAllBytes(KeyStores.file("second.p12"));
    assertEquals(first.length, second.length);
    Path folder = temporary.newFolder().toPath();
    for (String version : new String[] {"v1", "v2"}) {
      Path file = Files.createDirectory(folder.resolve(version)).resolve("tls.p12");
      Files.write(file, version.equals("v1") ? first : second);
      Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000)));
    }
    Path link = Files.createSymbolicLink(folder.resolve("data"), Path.of("v1"));
    try (RustReadServer server =
        RustReadServer.start(server(link.resolve("tls.p12"), OFTEN))) {
      assertEquals(Stores.certificate("server.p12"), TlsClients.shown(server.port()));
      Path other = Files.createSymbolicLink(folder.resolve("new"), Path.of("v2"));
      Files.move(other, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      awaits(server.port(), Stores.certificate("second.p12"));
    }
  }

  @Test
  public void aBrokenKeyStoreChangesNothingAndTheNextOneIsUsed() throws Exception {
    Path file = temporary.newFile().toPath();
    copy("server.p12", file);
    try (RustReadServer server = RustReadServer.start(server(file, OFTEN))) {
      Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 500));
      ReadServerException refusal =
          assertThrows(ReadServerException.class, () -> server.reloadTls());
      assertTrue(
          refusal.getMessage(),
          refusal.getMessage().contains("cannot use " + file + " (setting tls.key.store)"));
      assertEquals(Stores.certificate("server.p12"), TlsClients.shown(server.port()));

      // Another password is as bad.
      KeyStore store = Stores.load("second.p12");
      try (var bytes = Files.newOutputStream(file)) {
        store.store(bytes, "another1".toCharArray());
      }
      refusal = assertThrows(ReadServerException.class, () -> server.reloadTls());
      assertTrue(refusal.getMessage(), refusal.getMessage().contains("the password is wrong"));
      assertEquals(Stores.certificate("server.p12"), TlsClients.shown(server.port()));

      copy("second.p12", file);
      awaits(server.port(), Stores.certificate("second.p12"));
    }
  }

  @Test
  public void itIsDoneOnRequestUntilTheThreadIsToldToLook() throws Exception {
    Path file = temporary.newFile().toPath();
    copy("server.p12", file);
    try (RustReadServer server = RustReadServer.start(server(file, Duration.ZERO))) {
      copy("second.p12", file);
      assertEquals(Stores.certificate("server.p12"), TlsClients.shown(server.port()));
      server.reloadTls();
      assertEquals(Stores.certificate("second.p12"), TlsClients.shown(server.port()));
      server.change("tls.reload.ms", "10ms");
      copy("server.p12", file);
      awaits(server.port(), Stores.certificate("server.p12"));
    }
  }

  @Test
  public void theThreadIsADaemonAndEndsWithTheServer() throws Exception {
    Path file = KeyStores.file("server.p12");
    try (RustReadServer server = RustReadServer.start(server(file, Duration.ofHours(1)))) {
      assertTrue(threadRuns());
    }
    assertFalse(threadRuns());
    try (RustReadServer plain = RustReadServer.start(ReadServerConfig.defaults())) {
      assertFalse(threadRuns());
    }
  }

  private static boolean threadRuns() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("venice-tls") && thread.isDaemon());
  }

  private static void awaits(int port, X509Certificate certificate) throws Exception {
    long deadline = System.nanoTime() + HANG.toNanos();
    while (!TlsClients.shown(port).equals(certificate)) {
      assertTrue("nothing was noticed", System.nanoTime() < deadline);
    }
  }

  private static void copy(String name, Path to) throws Exception {
    Files.copy(KeyStores.file(name), to, StandardCopyOption.REPLACE_EXISTING);
  }

  private static ReadServerConfig server(Path keyStore, Duration reload) {
    return ReadServerConfig.builder()
        .bindAddress("127.0.0.1")
        .tlsKeyStore(keyStore, KeyStores.PASSWORD)
        .tlsClientAuth(ClientAuth.NONE)
        .tlsReload(reload)
        .build();
  }
}
