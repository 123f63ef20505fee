package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.testing.KeyStores;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** The certificates that servers show, and have. */
final class ShownCertificate {
  private ShownCertificate() {}

  /** That of a key store of the tests (PKCS12). */
  static X509Certificate of(String keyStore) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(KeyStores.file(keyStore))) {
      store.load(file, KeyStores.PASSWORD.toCharArray());
    }
    return (X509Certificate) store.getCertificate(store.aliases().nextElement());
  }

  /** That which a server shows, to a client that has none. */
  static X509Certificate by(int port) throws Exception {
    X509Certificate[] seen = new X509Certificate[1];
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        null,
        new TrustManager[] {
          new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {
              seen[0] = chain[0];
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
              return new X509Certificate[0];
            }
          }
        },
        null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
    } catch (SSLException e) {
      // It may be refused for the certificate that it does not show.
    }
    return seen[0];
  }
}
