package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.testing.KeyStores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;

/** Key stores of any type and provider, made of those in {@link KeyStores}. */
final class Stores {
  private Stores() {}

  /** Loads one of the PKCS#12 files. */
  static KeyStore load(String name) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream bytes = Files.newInputStream(KeyStores.file(name))) {
      store.load(bytes, password());
    }
    return store;
  }

  /** Makes a store without entries. */
  static KeyStore empty(String type, Provider provider)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(type, provider);
    store.load(null, null);
    return store;
  }

  /** Copies the key of a PKCS#12 file, and its chain. */
  static void addKey(KeyStore store, String alias, String from, String keyPassword)
      throws IOException, GeneralSecurityException {
    KeyStore source = load(from);
    String only = source.aliases().nextElement();
    Key key = source.getKey(only, password());
    store.setKeyEntry(alias, key, keyPassword.toCharArray(), source.getCertificateChain(only));
  }

  /** Writes a store with the password of all. */
  static byte[] bytes(KeyStore store) throws IOException, GeneralSecurityException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    store.store(bytes, password());
    return bytes.toByteArray();
  }

  /** The first certificate of the first key of a PKCS#12 file. */
  static X509Certificate certificate(String name) throws IOException, GeneralSecurityException {
    KeyStore store = load(name);
    return (X509Certificate) store.getCertificate(store.aliases().nextElement());
  }

  /** All certificates of a PEM file. */
  static X509Certificate[] pem(Path file) throws IOException, GeneralSecurityException {
    try (InputStream bytes = Files.newInputStream(file)) {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(bytes);
      return all.toArray(new X509Certificate[0]);
    }
  }

  static char[] password() {
    return KeyStores.PASSWORD.toCharArray();
  }
}
