package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerConfig.ClientAuth;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.KeyStores;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import io.grpc.ChannelCredentials;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Kinds of keys and signatures that the JDK trusts, on servers and on clients. */
public class CertificateKindsTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(10, 10, 10);
  private final StoreVersionConfig config = new StoreVersionConfig("kinds", 1, 1);

  @Test
  public void serversInBothVersions() throws Exception {
    for (String kind : new String[] {"kind-p384", "kind-p521", "kind-ed25519"}) {
      serves(kind, "TLSv1.2");
      serves(kind, "TLSv1.3");
    }
  }

  /** TLS 1.2 of rustls has no scheme for keys of RSASSA-PSS. */
  @Test
  public void serversInVersion13Only() throws Exception {
    for (String kind : new String[] {"kind-pss", "kind-pss-sha384"}) {
      serves(kind, "TLSv1.3");
    }
  }

  @Test
  public void clients() throws Exception {
    ReadServerConfig mutual =
        server(KeyStores.file("server.p12"), KeyStores.PASSWORD)
            .tlsTrustStore(KeyStores.file("clients.pem"), null)
            .build();
    try (ServedStore store = ServedStore.start(mutual)) {
      store.push(temporary.newFolder().toPath(), config, rows);
      for (String client :
          new String[] {
            "client-p521.p12",
            "client-p521-sha256.p12",
            "client-p384-sha512.p12",
            "client-p256-sha512.p12",
            "client-rsa-pss.p12",
            "client-rsa8192.p12"
          }) {
        for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
          reads(client, store, TlsClients.credentials("ca.pem", client, version));
        }
      }
      String pss = "client-pss.p12";
      reads(pss, store, TlsClients.credentials("ca.pem", pss, "TLSv1.3"));
    }
  }

  private void serves(String kind, String version) throws Exception {
    ReadServerConfig config =
        server(KeyStores.file(kind + ".pem"), null)
            .tlsPrivateKey(KeyStores.file(kind + "-key.pem"))
            .tlsClientAuth(ClientAuth.NONE)
            .build();
    try (ServedStore store = ServedStore.start(config)) {
      store.push(temporary.newFolder().toPath(), this.config, rows);
      reads(kind, store, TlsClients.credentials(kind + ".pem", null, version));
    }
  }

  private void reads(String what, ServedStore store, ChannelCredentials credentials) {
    FastClient client = store.client(config, credentials);
    assertEquals(what, rows.value(1), client.get(rows.key(1)));
  }

  private static ReadServerConfig.Builder server(Path keyStore, String password) {
    return ReadServerConfig.builder().bindAddress("127.0.0.1").tlsKeyStore(keyStore, password);
  }
}
