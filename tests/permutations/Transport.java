package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerConfig.ClientAuth;
import com.linkedin.venice.rust.testing.KeyStores;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** How a client and a server know each other. */
public enum Transport {
  /** HTTP/2 without TLS. */
  PLAIN("plain"),
  /** The server shows a certificate. */
  TLS("TLS"),
  /** Both show one. */
  MTLS("mTLS");

  private static final String AUTHORITY = "ca.pem";
  private static final String SERVER = "server.p12";
  private static final String CLIENT = "client.p12";

  private final String text;

  Transport(String text) {
    this.text = text;
  }

  /** Returns what clients connect with. */
  ChannelCredentials client() throws IOException, GeneralSecurityException {
    return this == PLAIN
        ? InsecureChannelCredentials.create()
        : KeyStores.credentials(AUTHORITY, this == MTLS ? CLIENT : null);
  }

  /** Returns what a server in Java listens with. */
  ServerCredentials javaServer() throws IOException, GeneralSecurityException {
    return this == PLAIN
        ? InsecureServerCredentials.create()
        : KeyStores.serverCredentials(SERVER, this == MTLS ? AUTHORITY : null);
  }

  /** Sets what the Rust server listens with. */
  ReadServerConfig.Builder rustServer(ReadServerConfig.Builder config) {
    if (this == PLAIN) {
      return config;
    }
    config.tlsKeyStore(KeyStores.file(SERVER), KeyStores.PASSWORD);
    return this == MTLS
        ? config.tlsTrustStore(KeyStores.file(AUTHORITY), null)
        : config.tlsClientAuth(ClientAuth.NONE);
  }

  @Override
  public String toString() {
    return text;
  }
}
