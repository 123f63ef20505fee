package com.linkedin.venice.rust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.UnrecoverableKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Opens the bytes of a key store by the providers of this JVM. */
final class OpenedKeyStore {
  /**
   * The types that are files, which the bytes are tried as when no setting names one. Others are
   * not tried: those of devices and of operating systems take no bytes, and count wrong passwords.
   */
  private static final List<String> FILE_TYPES =
      Arrays.asList("PKCS12", "JKS", "JCEKS", "BKS", "BCFKS", "UBER");

  private static final int[] JKS = {0xFE, 0xED, 0xFE, 0xED};
  private static final int[] JCEKS = {0xCE, 0xCE, 0xCE, 0xCE};

  /** Characters of other people's text that a message repeats. */
  private static final int MAX_CHARACTERS = 200;

  /** The same where each type has something to say. */
  private static final int MAX_OF_A_REASON = 80;

  private OpenedKeyStore() {}

  /**
   * Opens a key store.
   *
   * @param type of {@code KeyStore}, or null to find it out
   * @param password null to open the store without: it is not checked for changes then, and what is
   *     encrypted in it is missing
   * @param setting the name of the setting of the file, for messages
   */
  static KeyStore open(byte[] file, String type, String password, String setting)
      throws RefusedKeyStoreException {
    List<Provider> providers = new ArrayList<>();
    List<String> types = new ArrayList<>();
    Set<String> wanted = new LinkedHashSet<>();
    if (type == null) {
      wanted.add(likeliest(file));
      wanted.addAll(FILE_TYPES);
    } else {
      wanted.add(type);
    }
    for (String one : wanted) {
      for (Provider provider : Security.getProviders()) {
        if (provider.getService("KeyStore", one) != null) {
          providers.add(provider);
          types.add(one);
        }
      }
    }
    if (types.isEmpty()) {
      throw new RefusedKeyStoreException(
          "this JVM has no key store type \""
              + cut(String.valueOf(type))
              + "\" ("
              + setting
              + ".type); add the provider that has it, or leave the setting out");
    }
    Map<String, String> reasons = new LinkedHashMap<>();
    for (int i = 0; i < types.size(); i++) {
      try {
        return load(file, types.get(i), providers.get(i), password);
      } catch (UnrecoverableKeyException e) {
        throw new RefusedKeyStoreException(
            "the password is wrong, or the file is damaged (" + setting + ".password)");
      } catch (IOException | GeneralSecurityException | RuntimeException e) {
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        reasons.putIfAbsent(types.get(i), types.get(i) + ": " + cut(reason, MAX_OF_A_REASON));
      }
    }
    throw new RefusedKeyStoreException(
        "it is neither PEM nor a key store that this JVM opens ("
            + String.join("; ", reasons.values())
            + "); check file and password, or name its type ("
            + setting
            + ".type)");
  }

  /** The type that the first bytes tell. */
  private static String likeliest(byte[] file) {
    return startsWith(file, JKS) ? "JKS" : startsWith(file, JCEKS) ? "JCEKS" : "PKCS12";
  }

  private static boolean startsWith(byte[] file, int[] beginning) {
    for (int i = 0; i < beginning.length; i++) {
      if (i >= file.length || (file[i] & 0xFF) != beginning[i]) {
        return false;
      }
    }
    return true;
  }

  private static KeyStore load(byte[] file, String type, Provider provider, String password)
      throws IOException, GeneralSecurityException {
    char[] characters = password == null ? null : password.toCharArray();
    try {
      KeyStore store = KeyStore.getInstance(type, provider);
      store.load(new ByteArrayInputStream(file), characters);
      return store;
    } catch (IOException e) {
      // As KeyStore.load says of a wrong password.
      if (e.getCause() instanceof UnrecoverableKeyException) {
        throw (UnrecoverableKeyException) e.getCause();
      }
      throw e;
    } finally {
      if (characters != null) {
        Arrays.fill(characters, '\0');
      }
    }
  }

  /** Returns at most 200 characters of a text. */
  static String cut(String text) {
    return cut(text, MAX_CHARACTERS);
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "...";
  }
}
