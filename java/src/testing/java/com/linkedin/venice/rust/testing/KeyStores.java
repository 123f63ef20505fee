package com.linkedin.venice.rust.testing;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.TlsServerCredentials.ClientAuth;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/**
 * The key stores of {@code rust/server/tests/key_stores}, made by keytool and openssl; its {@code
 * make.sh} says what each holds.
 */
public final class KeyStores {
  /** The password of every key store and key. */
  public static final String PASSWORD = "changeit";

  private static final Path FOLDER = Path.of("rust", "server", "tests", "key_stores");

  private KeyStores() {}

  /** Returns the file of a key store. */
  public static Path file(String name) {
    return FOLDER.resolve(name).toAbsolutePath();
  }

  /**
   * Returns what a client connects with.
   *
   * @param trust PEM file with the authority that has to have signed the server's certificate
   * @param client key store with the certificate that the client shows, or null for none
   */
  public static ChannelCredentials credentials(String trust, String client)
      throws IOException, GeneralSecurityException {
    TlsChannelCredentials.Builder credentials =
        TlsChannelCredentials.newBuilder().trustManager(file(trust).toFile());
    if (client != null) {
      credentials.keyManager(keyManagers(client));
    }
    return credentials.build();
  }

  /**
   * Returns what a server in Java listens with.
   *
   * @param server key store with the server's certificate
   * @param trust PEM file with the authority that has to have signed clients' certificates, or null
   *     to ask clients for none
   */
  public static ServerCredentials serverCredentials(String server, String trust)
      throws IOException, GeneralSecurityException {
    TlsServerCredentials.Builder credentials =
        TlsServerCredentials.newBuilder().keyManager(keyManagers(server));
    if (trust != null) {
      credentials.trustManager(file(trust).toFile()).clientAuth(ClientAuth.REQUIRE);
    }
    return credentials.build();
  }

  private static KeyManager[] keyManagers(String name)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream bytes = Files.newInputStream(file(name))) {
      store.load(bytes, PASSWORD.toCharArray());
    }
    KeyManagerFactory shown =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    shown.init(store, PASSWORD.toCharArray());
    return shown.getKeyManagers();
  }
}
