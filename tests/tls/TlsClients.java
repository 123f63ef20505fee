package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.testing.KeyStores;
import io.grpc.ChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettySslContextChannelCredentials;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Clients that speak TLS as the JDK does. grpc-java by itself takes BoringSSL, which knows less. */
final class TlsClients {
  private TlsClients() {}

  /**
   * Returns what a gRPC client connects with.
   *
   * @param trust PEM file with what has to have signed the server's certificate
   * @param client PKCS#12 file with what the client shows, or null
   * @param protocols of TLS, for example {@code TLSv1.3}
   */
  static ChannelCredentials credentials(String trust, String client, String... protocols)
      throws IOException, GeneralSecurityException {
    SslContextBuilder context =
        GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
            .trustManager(Stores.pem(KeyStores.file(trust)))
            .protocols(protocols);
    if (client != null) {
      KeyStore store = Stores.load(client);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, Stores.password());
      context.keyManager(keys);
    }
    return NettySslContextChannelCredentials.create(context.build());
  }

  /** The certificate that a server shows. */
  static X509Certificate shown(int port) throws IOException, GeneralSecurityException {
    return shown(port, parameters -> {});
  }

  /** The certificate that a server shows to a client of these parameters. */
  static X509Certificate shown(int port, Consumer<SSLParameters> change)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Everybody()}, null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      change.accept(parameters);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  /** Trusts everybody: these clients only want to know whom they see. */
  private static final class Everybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
