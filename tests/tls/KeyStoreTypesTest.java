package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
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
import com.linkedin.venice.rust.testing.VeniceClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Key stores of every type that this JVM opens, as what a server shows and as what it trusts. */
public class KeyStoreTypesTest {
  private static final String SERVER = "server.p12";

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final Provider bouncyCastle = new BouncyCastleProvider();
  private final SampleRows rows = new SampleRows(10, 10, 10);
  private final StoreVersionConfig config = new StoreVersionConfig("types", 1, 1);

  @Before
  public void addProvider() {
    Security.addProvider(bouncyCastle);
  }

  @After
  public void removeProvider() {
    Security.removeProvider(bouncyCastle.getName());
  }

  /** The provider of each type; the JDK's are looked up. */
  private Map<String, Provider> types() throws Exception {
    Map<String, Provider> types = new LinkedHashMap<>();
    for (String type : new String[] {"JKS", "JCEKS", "PKCS12"}) {
      types.put(type, KeyStore.getInstance(type).getProvider());
    }
    for (String type : new String[] {"BKS", "BCFKS", "UBER"}) {
      types.put(type, bouncyCastle);
    }
    return types;
  }

  @Test
  public void everyTypeIsAnIdentity() throws Exception {
    for (Map.Entry<String, Provider> type : types().entrySet()) {
      KeyStore store = Stores.empty(type.getKey(), type.getValue());
      Stores.addKey(store, "server", SERVER, KeyStores.PASSWORD);
      Path file = write(Stores.bytes(store));
      shows(type.getKey(), server(file).build());
      shows(type.getKey(), server(file).tlsKeyStoreType(type.getKey()).build());
      String refusal = refusal(server(file, "another"));
      assertTrue(
          type.getKey() + ": " + refusal,
          refusal.contains("cannot use " + file + " (setting tls.key.store)")
              && refusal.contains("password"));
    }
  }

  @Test
  public void everyTypeIsTrusted() throws Exception {
    X509Certificate authority = Stores.pem(KeyStores.file("ca.pem"))[0];
    for (Map.Entry<String, Provider> type : types().entrySet()) {
      KeyStore store = Stores.empty(type.getKey(), type.getValue());
      store.setCertificateEntry("authority", authority);
      trusts(write(Stores.bytes(store)), KeyStores.PASSWORD);
    }
    // Without a password a JKS is not checked for changes.
    trusts(KeyStores.file("trust.jks"), null);
  }

  /** Lengths of indefinite form, which Bouncy Castle writes. */
  @Test
  public void pkcs12InBer() throws Exception {
    KeyStore store = Stores.empty("PKCS12", bouncyCastle);
    Stores.addKey(store, "server", SERVER, KeyStores.PASSWORD);
    byte[] bytes = Stores.bytes(store);
    assertEquals((byte) 0x80, bytes[1]);
    // Where nobody but the JDK opens it.
    Security.removeProvider(bouncyCastle.getName());
    shows("BER", server(write(bytes)).build());
  }

  /** As of {@code cacerts}: the length of the whole has three bytes. */
  @Test
  public void pkcs12OfMoreThan64Kilobytes() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    Stores.addKey(store, "server", SERVER, KeyStores.PASSWORD);
    X509Certificate authority = Stores.pem(KeyStores.file("ca.pem"))[0];
    for (int i = 0; i < 300; i++) {
      store.setCertificateEntry("authority " + i, authority);
    }
    byte[] bytes = Stores.bytes(store);
    assertTrue(bytes.length + " bytes", bytes.length > 100_000);
    Path file = write(bytes);
    shows("large", server(file).build());
    trusts(file, KeyStores.PASSWORD);
  }

  /** What names the certificate of a key is missing, which does not matter if there is one key. */
  @Test
  public void pkcs12WithoutLocalKeyId() throws Exception {
    shows("no localKeyID", server(KeyStores.file("server-no-key-id.p12")).build());
  }

  @Test
  public void pkcs12OfOtherTools() throws Exception {
    for (String name :
        new String[] {"server-legacy.p12", "server-openssl.p12", "server-openssl-legacy.p12"}) {
      shows(name, server(KeyStores.file(name)).build());
    }
  }

  @Test
  public void theKeyMayHaveAPasswordOfItsOwn() throws Exception {
    for (String type : new String[] {"JKS", "JCEKS"}) {
      KeyStore store = Stores.empty(type, KeyStore.getInstance(type).getProvider());
      Stores.addKey(store, "server", SERVER, "another1");
      Path file = write(Stores.bytes(store));
      shows(type, server(file).tlsKeyPassword("another1").build());
      shows(type, server(file, null).tlsKeyPassword("another1").build());
      String refusal = refusal(server(file));
      assertTrue(
          refusal,
          refusal.contains(
              "the password of the private key \"server\" is wrong; give it (tls.key.password)"));
    }
  }

  @Test
  public void ofSeveralKeysTheFirstThatFitsIsShown() throws Exception {
    Path twoOfAKind = KeyStores.file("two-keys.p12");
    shows("two keys", server(twoOfAKind).build());
    shows("its alias", server(twoOfAKind).tlsKeyAlias("SERVER").build());
    try (RustReadServer server =
        RustReadServer.start(server(twoOfAKind).tlsKeyAlias("spare").build())) {
      X509Certificate spare = (X509Certificate) Stores.load("two-keys.p12").getCertificate("spare");
      assertEquals(spare, TlsClients.shown(server.port()));
    }

    // Of two kinds: who cannot verify the first sees the second.
    KeyStore store = Stores.load("rsa.p12");
    Stores.addKey(store, "server", SERVER, KeyStores.PASSWORD);
    Stores.addKey(store, "unusable", "client-rsa8192.p12", KeyStores.PASSWORD);
    try (RustReadServer server =
        RustReadServer.start(server(write(Stores.bytes(store))).build())) {
      assertEquals(Stores.certificate(SERVER), TlsClients.shown(server.port()));
      X509Certificate other =
          TlsClients.shown(
              server.port(),
              parameters -> {
                parameters.setProtocols(new String[] {"TLSv1.2"});
                parameters.setCipherSuites(
                    new String[] {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
              });
      assertEquals(Stores.certificate("rsa.p12"), other);
    }
  }

  @Test
  public void theLogNamesTheKeysInUse() throws Exception {
    Path log = temporary.newFile().toPath();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertEquals(0, process.waitFor());
    String output = Files.readString(log);
    assertTrue(output, output.contains("used=\"\\\"server\\\" (EC P-256)\""));
    assertTrue(output, output.contains("unused=\"\\\"spare\\\" (EC P-256)\""));
    assertTrue(output, output.contains("tls.key.alias is not set"));
  }

  @Test
  public void whatCannotBeUsedIsRefusedWithReasonAndRemedy() throws Exception {
    refuses(server(KeyStores.file("trust.p12")), "the file has no private key");
    refuses(
        server(KeyStores.file("two-keys.p12")).tlsKeyAlias("me"),
        "the file has no private key of alias \"me\" (tls.key.alias); it has server, spare");
    refuses(
        server(KeyStores.file(SERVER), null),
        "the private key is encrypted; give its password (tls.key.store.password");
    refuses(
        server(write(new byte[] {7, 7, 7, 7})),
        "it is neither PEM nor a key store that this JVM opens (PKCS12: ");
    refuses(server(write(new byte[0])), "the file is empty");
    byte[] whole = Files.readAllBytes(KeyStores.file(SERVER));
    refuses(server(write(java.util.Arrays.copyOf(whole, 100))), "check file and password");
    refuses(
        server(KeyStores.file(SERVER)).tlsKeyStoreType("none"),
        "this JVM has no key store type \"none\" (tls.key.store.type)");
    refuses(
        server(KeyStores.file("client-rsa8192.p12")),
        "its private key \"key\" is an RSA key of 8192 bits; use RSA of 2048 to 4096 bits, EC of"
            + " P-256, P-384 or P-521, or Ed25519");
    refuses(
        server(KeyStores.file(SERVER))
            .tlsClientAuth(ClientAuth.REQUIRED)
            .tlsTrustStore(KeyStores.file("trust-openssl.p12"), KeyStores.PASSWORD),
        "the file has no certificate to trust; add one with keytool -importcert");
    refuses(
        server(KeyStores.file(SERVER))
            .tlsClientAuth(ClientAuth.REQUIRED)
            .tlsTrustStore(KeyStores.file("trust.p12"), null),
        "give it (tls.trust.store.password)");
  }

  /** Whatever the bytes are, the answer is an exception of ours. */
  @Test
  public void noDamageDoesMoreThanThrow() throws Exception {
    for (String name : new String[] {"server.jks", SERVER, "server-openssl.p12"}) {
      byte[] whole = Files.readAllBytes(KeyStores.file(name));
      for (int at = 0; at < whole.length; at += whole.length / 40) {
        byte[] damaged = whole.clone();
        damaged[at] ^= (byte) 0xFF;
        Path file = write(damaged);
        assertThrows(
            name + " at " + at,
            ReadServerException.class,
            () -> RustReadServer.start(server(file).build()).close());
        Files.delete(file);
      }
    }
  }

  private void trusts(Path trust, String password) throws Exception {
    ReadServerConfig mutual =
        server(KeyStores.file(SERVER))
            .tlsClientAuth(ClientAuth.REQUIRED)
            .tlsTrustStore(trust, password)
            .build();
    try (ServedStore store = ServedStore.start(mutual)) {
      store.push(temporary.newFolder().toPath(), config, rows);
      FastClient client =
          store.client(config, TlsClients.credentials("ca.pem", "client.p12", "TLSv1.3"));
      assertEquals(rows.value(1), client.get(rows.key(1)));
      FastClient stranger =
          store.client(config, TlsClients.credentials("ca.pem", "stranger.p12", "TLSv1.3"));
      assertThrows(VeniceClientException.class, () -> stranger.get(rows.key(1)));
    }
  }

  private static void shows(String what, ReadServerConfig config) throws Exception {
    try (RustReadServer server = RustReadServer.start(config)) {
      assertEquals(what, Stores.certificate(SERVER), TlsClients.shown(server.port()));
    }
  }

  private Path write(byte[] bytes) throws Exception {
    return Files.write(temporary.newFile().toPath(), bytes);
  }

  private static ReadServerConfig.Builder server(Path keyStore) {
    return server(keyStore, KeyStores.PASSWORD);
  }

  private static ReadServerConfig.Builder server(Path keyStore, String password) {
    return ReadServerConfig.builder()
        .bindAddress("127.0.0.1")
        .tlsKeyStore(keyStore, password)
        .tlsClientAuth(ClientAuth.NONE);
  }

  private static String refusal(ReadServerConfig.Builder server) {
    return assertThrows(
            ReadServerException.class, () -> RustReadServer.start(server.build()).close())
        .getMessage();
  }

  private static void refuses(ReadServerConfig.Builder server, String part) {
    String refusal = refusal(server);
    assertTrue(refusal, refusal.contains(part));
  }

  /** What the other JVM runs: a start with two keys. */
  public static final class Program {
    private Program() {}

    /** Takes nothing. */
    public static void main(String[] args) {
      RustReadServer.start(server(KeyStores.file("two-keys.p12")).build()).close();
    }
  }
}
