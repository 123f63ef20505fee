package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.security.SSLConfig;
import com.linkedin.venice.security.SSLFactory;
import java.nio.file.Paths;
import java.util.Base64;

/**
 * The keys of Venice's own server, out of its {@code SSLFactory}: the files and passwords of its
 * {@code SSLConfig}, or the key store that stands there in Base64 ({@code getKeyStoreData}).
 *
 * <p>A factory that keeps its keys to itself has neither, and a JDK gives none out of an {@code
 * SSLContext}: name the files by {@code grpc.read.server.rust.tls.*}, or give {@link KeyFiles}.
 */
public final class VeniceKeys implements KeyMaterial, AutoCloseable {
  private final SSLFactory factory;
  private KeyFiles data;

  /** Takes the keys of a factory. */
  public VeniceKeys(SSLFactory factory) {
    this.factory = factory;
  }

  @Override
  public boolean hasTls() {
    return factory.isSslEnabled();
  }

  @Override
  public void apply(ReadServerConfig.Builder config) {
    if (!hasTls()) {
      return;
    }
    SSLConfig ssl = factory.getSSLConfig();
    String remedy =
        ": set grpc.read.server.rust.tls.key.store, .tls.trust.store and their passwords, or give"
            + " RustReadPath a KeyMaterial of your own (KeyFiles)";
    if (ssl == null) {
      throw new IllegalStateException(
          "the SSLFactory " + factory.getClass().getName() + " has no SSLConfig" + remedy);
    }
    ReadServerConfig.ClientAuth clientAuth = clientAuth(ssl);
    if (!blank(ssl.getKeyStoreData())) {
      byte[] bytes;
      try {
        bytes = Base64.getDecoder().decode(ssl.getKeyStoreData().replaceAll("\\s", ""));
      } catch (IllegalArgumentException e) {
        throw new IllegalStateException("SSLConfig's key store data are no Base64" + remedy, e);
      }
      close();
      data = KeyFiles.ofBytes(bytes, ssl.getKeyStorePassword(), clientAuth);
      data.apply(config);
    } else if (!blank(ssl.getKeyStoreFilePath()) && !blank(ssl.getTrustStoreFilePath())) {
      config
          .tlsKeyStore(Paths.get(ssl.getKeyStoreFilePath()), ssl.getKeyStorePassword())
          .tlsTrustStore(Paths.get(ssl.getTrustStoreFilePath()), ssl.getTrustStoreFilePassword())
          .tlsClientAuth(clientAuth);
      if (!blank(ssl.getKeyStoreType())) {
        config.tlsKeyStoreType(ssl.getKeyStoreType());
      }
    } else {
      throw new IllegalStateException(
          "the SSLConfig of "
              + factory.getClass().getName()
              + " names no key store and trust store, and holds none"
              + remedy);
    }
  }

  private ReadServerConfig.ClientAuth clientAuth(SSLConfig ssl) {
    boolean needed =
        factory.getSSLParameters() == null
            ? ssl.doesSslRequireClientCerts()
            : factory.getSSLParameters().getNeedClientAuth();
    return needed ? ReadServerConfig.ClientAuth.REQUIRED : ReadServerConfig.ClientAuth.OPTIONAL;
  }

  private static boolean blank(String text) {
    return text == null || text.trim().isEmpty();
  }

  @Override
  public void close() {
    if (data != null) {
      data.close();
      data = null;
    }
  }
}
