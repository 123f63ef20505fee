package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.reference.ReferenceServerConfig;
import com.linkedin.venice.rust.testing.HostedStoreVersions;
import com.linkedin.venice.rust.tests.permutations.Permutation.Server;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;

/** A server of either kind. Quotas, where they are set, are refilled every ten seconds. */
interface ReadServer extends AutoCloseable {
  /** A quota of one RCU per second is so many keys, and no more until the next refill. */
  int KEYS_OF_ONE_RCU = 10;

  /** From one refill to the next, as in Venice. A test reads faster than it is refilled. */
  Duration QUOTA_INTERVAL = Duration.ofSeconds(KEYS_OF_ONE_RCU);

  /** Refills that a quota holds. */
  int QUOTA_CAPACITY_MULTIPLE = 1;

  /** Returns the port that is listened on. */
  int port();

  /** Sets the read quota of a store version. */
  void setStoreQuota(String storeVersion, long rcuPerSecond);

  /** Removes the read quota of a store version. */
  void removeStoreQuota(String storeVersion);

  @Override
  void close();

  /** Returns {@code 127.0.0.1:<port>}. */
  default String address() {
    return "127.0.0.1:" + port();
  }

  /** Starts a server; the Rust server finds what is open by itself. */
  static ReadServer start(Server kind, Transport transport, HostedStoreVersions stores)
      throws IOException, GeneralSecurityException {
    return kind == Server.JAVA ? java(transport, stores) : rust(transport);
  }

  private static ReadServer java(Transport transport, HostedStoreVersions stores)
      throws IOException, GeneralSecurityException {
    ReferenceReadServer server =
        ReferenceReadServer.start(
            stores,
            ReferenceServerConfig.defaults()
                .withCredentials(transport.javaServer())
                .withQuota(QUOTA_INTERVAL, QUOTA_CAPACITY_MULTIPLE));
    return new ReadServer() {
      @Override
      public int port() {
        return server.port();
      }

      @Override
      public void setStoreQuota(String storeVersion, long rcuPerSecond) {
        server.setStoreQuota(storeVersion, rcuPerSecond, 1.0);
      }

      @Override
      public void removeStoreQuota(String storeVersion) {
        server.removeStoreQuota(storeVersion);
      }

      @Override
      public void close() {
        server.close();
      }
    };
  }

  private static ReadServer rust(Transport transport) {
    RustReadServer server =
        RustReadServer.start(
            transport
                .rustServer(
                    ReadServerConfig.builder()
                        .bindAddress("127.0.0.1")
                        .quotaInterval(QUOTA_INTERVAL)
                        .quotaCapacityMultiple(QUOTA_CAPACITY_MULTIPLE))
                .build());
    return new ReadServer() {
      @Override
      public int port() {
        return server.port();
      }

      @Override
      public void setStoreQuota(String storeVersion, long rcuPerSecond) {
        server.setStoreQuota(storeVersion, rcuPerSecond, 1.0);
      }

      @Override
      public void removeStoreQuota(String storeVersion) {
        server.removeStoreQuota(storeVersion);
      }

      @Override
      public void close() {
        server.close();
      }
    };
  }
}
