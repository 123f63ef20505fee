package com.linkedin.venice.rust.tests;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * Key stores made by this JDK's {@code keytool}: an authority that signs itself, and what it signs
 * for servers on 127.0.0.1 and for clients.
 */
final class KeyAuthority {
  /** The password of every key store and key. */
  static final String PASSWORD = "changeit";

  private static final String AUTHORITY = "authority";

  private final Path folder;

  /** Makes an authority in {@code folder}, which has to be empty. */
  KeyAuthority(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    generate(AUTHORITY, "PKCS12", AUTHORITY, "-ext", "bc:c");
    keytool(AUTHORITY, "-exportcert", "-rfc", "-alias", AUTHORITY, "-file", path("ca.pem"));
  }

  /** Makes a key store with a key and its certificate for a server on 127.0.0.1. */
  Path server(String name, String type) throws IOException, InterruptedException {
    return signed(name, type, "-ext", "san=ip:127.0.0.1");
  }

  /** Makes a key store with a key and its certificate for a client. */
  Path client(String name, String type) throws IOException, InterruptedException {
    return signed(name, type, "-ext", "eku=clientAuth");
  }

  /** Makes a key store that has the authority's certificate, to trust. */
  Path trust(String name, String type) throws IOException, InterruptedException {
    keytool(
        name,
        "-importcert",
        "-noprompt",
        "-storetype",
        type,
        "-alias",
        AUTHORITY,
        "-file",
        path("ca.pem"));
    return folder.resolve(name);
  }

  /** Returns the authority's certificate in PEM. */
  Path authority() {
    return folder.resolve("ca.pem");
  }

  /** Writes the key and the certificates of a key store into one PEM file. */
  Path pem(Path keyStore) throws IOException, GeneralSecurityException {
    KeyStore store = load(keyStore);
    String alias = store.aliases().nextElement();
    StringBuilder pem = new StringBuilder();
    append(pem, "PRIVATE KEY", store.getKey(alias, PASSWORD.toCharArray()).getEncoded());
    for (var certificate : store.getCertificateChain(alias)) {
      append(pem, "CERTIFICATE", certificate.getEncoded());
    }
    return Files.writeString(folder.resolve(keyStore.getFileName() + ".pem"), pem);
  }

  /**
   * Returns what a client connects with: it trusts this authority, and shows the certificate of a
   * key store, unless that is null.
   */
  ChannelCredentials credentials(Path client)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path trust = folder.resolve("client-trust");
    if (Files.notExists(trust)) {
      trust("client-trust", "PKCS12");
    }
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(load(trust));
    TlsChannelCredentials.Builder credentials =
        TlsChannelCredentials.newBuilder().trustManager(trusted.getTrustManagers());
    if (client != null) {
      KeyManagerFactory shown =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      shown.init(load(client), PASSWORD.toCharArray());
      credentials.keyManager(shown.getKeyManagers());
    }
    return credentials.build();
  }

  private Path signed(String name, String type, String... extensions)
      throws IOException, InterruptedException {
    generate(name, type, name);
    keytool(name, "-certreq", "-alias", name, "-file", path("request"));
    List<String> sign =
        new ArrayList<>(
            List.of("-gencert", "-rfc", "-alias", AUTHORITY, "-infile", path("request")));
    sign.addAll(List.of("-outfile", path("signed.pem")));
    sign.addAll(Arrays.asList(extensions));
    keytool(AUTHORITY, sign.toArray(new String[0]));
    Files.writeString(
        folder.resolve("chain.pem"),
        Files.readString(folder.resolve("signed.pem")) + Files.readString(authority()));
    keytool(
        name,
        "-importcert",
        "-noprompt",
        "-trustcacerts",
        "-alias",
        name,
        "-file",
        path("chain.pem"));
    return folder.resolve(name);
  }

  private void generate(String name, String type, String alias, String... more)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("-genkeypair", "-keyalg", "EC"));
    arguments.addAll(List.of("-groupname", "secp256r1", "-storetype", type, "-alias", alias));
    arguments.addAll(List.of("-keypass", PASSWORD, "-dname", "CN=" + alias));
    arguments.addAll(Arrays.asList(more));
    keytool(name, arguments.toArray(new String[0]));
  }

  private void keytool(String keyStore, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(Arrays.asList(arguments));
    command.addAll(List.of("-keystore", path(keyStore), "-storepass", PASSWORD));
    File log = folder.resolve("keytool.log").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + Files.readString(log.toPath()));
    }
  }

  private KeyStore load(Path keyStore) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(keyStore)) {
      store.load(file, PASSWORD.toCharArray());
    }
    return store;
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static void append(StringBuilder pem, String label, byte[] der) {
    String base64 =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    pem.append("-----BEGIN ").append(label).append("-----\n");
    pem.append(base64).append("\n-----END ").append(label).append("-----\n");
  }
}
