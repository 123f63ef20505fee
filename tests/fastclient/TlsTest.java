package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerConfig.ClientAuth;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.KeyStores;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.VeniceClientException;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Fast Clients over plain HTTP/2, TLS and mTLS, with every kind of key store. */
public class TlsTest {
  private static final String[] KEY_STORE_TYPES = {"JKS", "PKCS12"};

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(100, 10, 5000);
  private final StoreVersionConfig config = new StoreVersionConfig("tls", 1, 4);
  private KeyStores keyStores;

  @Before
  public void makeKeyStores() throws Exception {
    keyStores = new KeyStores(temporary.newFolder("keys").toPath());
  }

  @Test
  public void plain() throws Exception {
    reads(server(), InsecureChannelCredentials.create());
  }

  @Test
  public void tls() throws Exception {
    for (String type : KEY_STORE_TYPES) {
      Path server = keyStores.server("server-" + type, type);
      reads(
          server().tlsKeyStore(server, KeyStores.PASSWORD).tlsClientAuth(ClientAuth.NONE),
          keyStores.credentials(null));
    }
  }

  @Test
  public void mutualTls() throws Exception {
    Path client = keyStores.client("client", "PKCS12");
    for (String type : KEY_STORE_TYPES) {
      Path server = keyStores.server("server-" + type, type);
      Path trust = keyStores.trust("trust-" + type, type);
      reads(
          server().tlsKeyStore(server, KeyStores.PASSWORD).tlsTrustStore(trust, KeyStores.PASSWORD),
          keyStores.credentials(client));
    }
  }

  @Test
  public void mutualTlsWithPem() throws Exception {
    Path server = keyStores.pem(keyStores.server("server", "PKCS12"));
    reads(
        server().tlsKeyStore(server, null).tlsTrustStore(keyStores.authority(), null),
        keyStores.credentials(keyStores.client("client", "PKCS12")));
  }

  @Test
  public void mutualTlsInVersion13Only() throws Exception {
    Path server = keyStores.server("server", "PKCS12");
    reads(
        server()
            .tlsKeyStore(server, KeyStores.PASSWORD)
            .tlsTrustStore(keyStores.authority(), null)
            .tlsMinVersion("1.3"),
        keyStores.credentials(keyStores.client("client", "PKCS12")));
  }

  @Test
  public void clientsThatTheServerDoesNotTrustAreRefused() throws Exception {
    Path server = keyStores.server("server", "PKCS12");
    KeyStores others = new KeyStores(temporary.newFolder("others").toPath());
    ReadServerConfig.Builder mutual =
        server().tlsKeyStore(server, KeyStores.PASSWORD).tlsTrustStore(others.authority(), null);
    try (ServedStore store = ServedStore.start(mutual.build())) {
      store.push(temporary.newFolder().toPath(), config, rows);
      refuses(store, keyStores.credentials(null));
      refuses(store, keyStores.credentials(keyStores.client("client", "PKCS12")));
      refuses(store, InsecureChannelCredentials.create());
      Path trusted = others.client("trusted", "PKCS12");
      readsEveryRow(store, keyStores.credentials(trusted));
    }
  }

  @Test
  public void aNewCertificateIsUsedAfterAReload() throws Exception {
    KeyStores others = new KeyStores(temporary.newFolder("others").toPath());
    Path file = temporary.newFile().toPath();
    Path before = keyStores.server("server", "PKCS12");
    Files.copy(before, file, StandardCopyOption.REPLACE_EXISTING);
    ReadServerConfig tls =
        server()
            .tlsKeyStore(file, KeyStores.PASSWORD)
            .tlsClientAuth(ClientAuth.NONE)
            .tlsReload(Duration.ZERO)
            .build();
    try (ServedStore store = ServedStore.start(tls)) {
      store.push(temporary.newFolder().toPath(), config, rows);
      FastClient old = store.client(config, keyStores.credentials(null));
      assertEquals(rows.value(1), old.get(rows.key(1)));
      refuses(store, others.credentials(null));

      Files.write(file, new byte[] {1, 2, 3});
      ReadServerException unusable =
          assertThrows(ReadServerException.class, () -> store.server().reloadTls());
      assertTrue(unusable.getMessage(), unusable.getMessage().contains(file.toString()));
      readsEveryRow(store, keyStores.credentials(null));

      Path renewed = others.server("renewed", "JKS");
      Files.copy(renewed, file, StandardCopyOption.REPLACE_EXISTING);
      store.server().reloadTls();
      readsEveryRow(store, others.credentials(null));
      refuses(store, keyStores.credentials(null));
      // A connection that is there stays.
      assertEquals(rows.value(2), old.get(rows.key(2)));
    }
  }

  @Test
  public void whatCannotBeUsedIsRefusedAtTheStart() throws Exception {
    Path server = keyStores.server("server", "PKCS12");
    refusesToStart(server().tlsKeyStore(server, KeyStores.PASSWORD), "tls.trust.store");
    refusesToStart(
        server().tlsKeyStore(server, "another").tlsClientAuth(ClientAuth.NONE),
        "the password is wrong");
    refusesToStart(
        server().tlsKeyStore(Path.of("/no/such/file"), null).tlsClientAuth(ClientAuth.NONE),
        "/no/such/file");
    refusesToStart(server().tlsTrustStore(keyStores.authority(), null), "tls.key.store");
    refusesToStart(server().tlsMinVersion("1.1"), "give one of 1.2, 1.3");
    try (ServedStore plain = ServedStore.start()) {
      ReadServerException nothing =
          assertThrows(ReadServerException.class, () -> plain.server().reloadTls());
      assertTrue(nothing.getMessage(), nothing.getMessage().contains("plain HTTP/2"));
    }
  }

  private static ReadServerConfig.Builder server() {
    return ReadServerConfig.builder().bindAddress("127.0.0.1");
  }

  private void reads(ReadServerConfig.Builder server, ChannelCredentials credentials)
      throws Exception {
    try (ServedStore store = ServedStore.start(server.build())) {
      store.push(temporary.newFolder().toPath(), config, rows);
      readsEveryRow(store, credentials);
    }
  }

  private void readsEveryRow(ServedStore store, ChannelCredentials credentials) {
    FastClient client = store.client(config, credentials);
    assertEquals(rows.values(0, rows.count()), client.batchGet(rows.keys()));
    IntStream.range(0, rows.count())
        .forEach(i -> assertEquals(rows.value(i), client.get(rows.key(i))));
    assertNull(client.get(rows.key(rows.count())));
  }

  private void refuses(ServedStore store, ChannelCredentials credentials) {
    FastClient client = store.client(config, credentials);
    VeniceClientException refusal =
        assertThrows(VeniceClientException.class, () -> client.get(rows.key(1)));
    // UNAVAILABLE: no connection came about.
    assertTrue(refusal.getMessage(), refusal.getMessage().contains("status code: 14"));
  }

  private static void refusesToStart(ReadServerConfig.Builder server, String part) {
    ReadServerException refusal =
        assertThrows(ReadServerException.class, () -> ServedStore.start(server.build()).close());
    assertTrue(refusal.getMessage(), refusal.getMessage().contains(part));
  }
}
