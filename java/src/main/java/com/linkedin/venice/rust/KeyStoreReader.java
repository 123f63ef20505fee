package com.linkedin.venice.rust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes keys and certificates out of key stores for native code, which itself reads PEM alone.
 *
 * <p>Passwords, alias and types are those of the configuration. The bytes come from native code,
 * which also looks for changes of the files, so that one piece of code does so for all kinds.
 */
final class KeyStoreReader {
  private static final byte[] END_OF_KEY = {};

  private final String keyStoreType;
  private final String keyStorePassword;
  private final String keyPassword;
  private final String alias;
  private final String trustStoreType;
  private final String trustStorePassword;

  KeyStoreReader(ReadServerConfig config) {
    keyStoreType = config.text(ReadServerSetting.TLS_KEY_STORE_TYPE);
    keyStorePassword = config.text(ReadServerSetting.TLS_KEY_STORE_PASSWORD);
    keyPassword = config.text(ReadServerSetting.TLS_KEY_PASSWORD);
    alias = config.text(ReadServerSetting.TLS_KEY_ALIAS);
    trustStoreType = config.text(ReadServerSetting.TLS_TRUST_STORE_TYPE);
    trustStorePassword = config.text(ReadServerSetting.TLS_TRUST_STORE_PASSWORD);
  }

  /**
   * Called by native code. Never throws.
   *
   * @param file the bytes of {@code tls.key.store}
   * @return first an error in UTF-8, which is empty if there is none; then for each private key its
   *     alias in UTF-8, itself (PKCS#8 in DER), the certificates of its chain (X.509 in DER, its
   *     own first), and no bytes as an end
   */
  @SuppressWarnings("unused")
  private byte[][] keys(byte[] file) {
    return answer(
        answer -> {
          KeyStore store =
              OpenedKeyStore.open(file, keyStoreType, keyStorePassword, "tls.key.store");
          // SunX509, Java's key manager, keeps its keys in a HashMap and takes the first that
          // fits: the same map has the same order.
          Map<String, PrivateKey> keys = new HashMap<>();
          for (String name : aliases(store)) {
            keys.put(name, privateKey(store, name));
          }
          for (Map.Entry<String, PrivateKey> entry : keys.entrySet()) {
            append(answer, store, entry.getKey(), entry.getValue());
          }
        });
  }

  /**
   * Called by native code. Never throws.
   *
   * @param file the bytes of {@code tls.trust.store}
   * @return first an error in UTF-8, which is empty if there is none; then certificates to trust,
   *     X.509 in DER: those that stand for themselves, and those of private keys
   */
  @SuppressWarnings("unused")
  private byte[][] trusted(byte[] file) {
    return answer(
        answer -> {
          KeyStore store =
              OpenedKeyStore.open(file, trustStoreType, trustStorePassword, "tls.trust.store");
          for (String name : Collections.list(store.aliases())) {
            Certificate certificate =
                store.isCertificateEntry(name) || isPrivateKey(store, name)
                    ? store.getCertificate(name)
                    : null;
            if (certificate instanceof X509Certificate) {
              answer.add(certificate.getEncoded());
            }
          }
          if (answer.size() == 1) {
            throw new RefusedKeyStoreException(
                trustStorePassword == null
                    ? "the file has no certificate to trust that can be read without a password;"
                        + " give it (tls.trust.store.password)"
                    : "the file has no certificate to trust; add one with keytool -importcert"
                        + " (certificates that openssl puts into PKCS#12 lack the mark that Java"
                        + " wants), or use PEM");
          }
        });
  }

  /** The names of the private keys to use: the one of the settings, or all. */
  private List<String> aliases(KeyStore store)
      throws KeyStoreException, RefusedKeyStoreException {
    List<String> all = new ArrayList<>();
    for (String name : Collections.list(store.aliases())) {
      if (isPrivateKey(store, name)) {
        all.add(name);
      }
    }
    if (all.isEmpty()) {
      throw new RefusedKeyStoreException(
          "the file has no private key for the server to use"
              + (keyStorePassword == null
                  ? "; if it needs a password, give it (tls.key.store.password)"
                  : ""));
    }
    if (alias == null) {
      return all;
    }
    // Most types do not tell upper from lower case, and say themselves which entry is meant.
    if (!store.containsAlias(alias) || !isPrivateKey(store, alias)) {
      throw new RefusedKeyStoreException(
          "the file has no private key of alias \""
              + OpenedKeyStore.cut(alias)
              + "\" (tls.key.alias); it has "
              + OpenedKeyStore.cut(String.join(", ", all)));
    }
    return Collections.singletonList(alias);
  }

  private static boolean isPrivateKey(KeyStore store, String name) throws KeyStoreException {
    return store.entryInstanceOf(name, KeyStore.PrivateKeyEntry.class);
  }

  private PrivateKey privateKey(KeyStore store, String name)
      throws GeneralSecurityException, RefusedKeyStoreException {
    String password = keyPassword != null ? keyPassword : keyStorePassword;
    char[] characters = password == null ? new char[0] : password.toCharArray();
    try {
      Key key = store.getKey(name, characters);
      if (key instanceof PrivateKey) {
        return (PrivateKey) key;
      }
      throw new RefusedKeyStoreException("the entry \"" + name + "\" is no private key");
    } catch (UnrecoverableKeyException e) {
      throw new RefusedKeyStoreException(
          password == null
              ? "the private key is encrypted; give its password (tls.key.store.password, or"
                  + " tls.key.password)"
              : "the password of the private key \""
                  + OpenedKeyStore.cut(name)
                  + "\" is wrong; give it (tls.key.password) if it is not that of the file, or"
                  + " name another key (tls.key.alias)");
    } finally {
      Arrays.fill(characters, '\0');
    }
  }

  private static void append(List<byte[]> answer, KeyStore store, String name, PrivateKey key)
      throws GeneralSecurityException, RefusedKeyStoreException {
    byte[] encoded = key.getEncoded();
    if (encoded == null || !"PKCS#8".equals(key.getFormat())) {
      throw new RefusedKeyStoreException(
          "the private key \""
              + OpenedKeyStore.cut(name)
              + "\" cannot be taken out of its store (its format is "
              + key.getFormat()
              + "); use a store that is a file");
    }
    Certificate[] chain = store.getCertificateChain(name);
    if (chain == null || chain.length == 0) {
      throw new RefusedKeyStoreException(
          "the file has no certificate of its private key \""
              + OpenedKeyStore.cut(name)
              + "\"; if the certificates need a password, give it (tls.key.store.password)");
    }
    answer.add(name.getBytes(StandardCharsets.UTF_8));
    answer.add(encoded);
    for (Certificate certificate : chain) {
      answer.add(certificate.getEncoded());
    }
    answer.add(END_OF_KEY);
  }

  /** Fills an answer; its first element is the error. */
  private interface Filling {
    void fill(List<byte[]> answer)
        throws GeneralSecurityException, IOException, RefusedKeyStoreException;
  }

  private static byte[][] answer(Filling filling) {
    List<byte[]> answer = new ArrayList<>();
    answer.add(new byte[0]);
    String error;
    try {
      filling.fill(answer);
      return answer.toArray(new byte[0][]);
    } catch (RefusedKeyStoreException e) {
      error = e.getMessage();
    } catch (Throwable t) {
      // Also errors: a provider may be of any quality, and native code waits for an answer.
      error = "Java cannot use the file: " + OpenedKeyStore.cut(t.toString());
    }
    return new byte[][] {error.getBytes(StandardCharsets.UTF_8)};
  }
}
