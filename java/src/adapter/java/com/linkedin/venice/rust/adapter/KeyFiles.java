package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.ReadServerConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Collection;

/**
 * Keys that are in memory, for a server that reads them from files: key stores in a folder that only
 * this user can look into, locked by a password that is made anew each time.
 */
public final class KeyFiles implements KeyMaterial, AutoCloseable {
  private final Path folder;
  private final Path keyStore;
  private final Path trustStore;
  private final String keyStoreType;
  private final String password;
  private final ReadServerConfig.ClientAuth clientAuth;

  private KeyFiles(String keyStoreType, String password, ReadServerConfig.ClientAuth clientAuth) {
    this.keyStoreType = keyStoreType;
    this.password = password;
    this.clientAuth = clientAuth;
    try {
      folder =
          Files.createTempDirectory(
              "venice-rust-keys",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot make a folder for keys in java.io.tmpdir: " + e.getMessage(), e);
    }
    keyStore = folder.resolve("keys");
    trustStore = folder.resolve("roots");
  }

  /**
   * Keeps a key, its certificates and the roots that clients' certificates are signed by.
   *
   * @param chain the server's certificate first
   */
  public static KeyFiles of(
      PrivateKey key,
      X509Certificate[] chain,
      Collection<X509Certificate> roots,
      ReadServerConfig.ClientAuth clientAuth) {
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    StringBuilder password = new StringBuilder();
    for (byte b : random) {
      password.append(String.format("%02x", b));
    }
    KeyFiles files = new KeyFiles("PKCS12", password.toString(), clientAuth);
    files.replace(key, chain, roots);
    return files;
  }

  /** Replaces what is kept; the running server takes it within {@code tls.reload.ms}. */
  public void replace(
      PrivateKey key, X509Certificate[] chain, Collection<X509Certificate> roots) {
    try {
      KeyStore keys = KeyStore.getInstance(keyStoreType);
      keys.load(null, null);
      keys.setKeyEntry("server", key, password.toCharArray(), chain);
      KeyStore trusted = KeyStore.getInstance(keyStoreType);
      trusted.load(null, null);
      int number = 0;
      for (Certificate root : roots) {
        trusted.setCertificateEntry("root" + number++, root);
      }
      write(trusted, trustStore);
      write(keys, keyStore);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot keep the keys of TLS: " + e.getMessage(), e);
    }
  }

  /** Keeps one key store whose certificates are also the roots, as SSLConfig's data are. */
  static KeyFiles ofBytes(byte[] bytes, String password, ReadServerConfig.ClientAuth clientAuth) {
    KeyFiles files = new KeyFiles(null, password, clientAuth);
    try {
      Files.write(files.keyStore, bytes);
      Files.write(files.trustStore, bytes);
    } catch (IOException e) {
      throw new IllegalStateException("cannot keep the keys of TLS: " + e.getMessage(), e);
    }
    return files;
  }

  private void write(KeyStore store, Path file) throws GeneralSecurityException, IOException {
    Path whole = folder.resolve(file.getFileName() + ".new");
    try (OutputStream out = Files.newOutputStream(whole)) {
      store.store(out, password.toCharArray());
    }
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public boolean hasTls() {
    return true;
  }

  @Override
  public void apply(ReadServerConfig.Builder config) {
    config.tlsKeyStore(keyStore, password).tlsTrustStore(trustStore, password);
    if (keyStoreType != null) {
      config.tlsKeyStoreType(keyStoreType).tlsTrustStoreType(keyStoreType);
    }
    config.tlsClientAuth(clientAuth);
  }

  /** Removes the files. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(keyStore);
      Files.deleteIfExists(trustStore);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new IllegalStateException("cannot remove " + folder + ": " + e.getMessage(), e);
    }
  }
}
