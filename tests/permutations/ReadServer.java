package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.reference.ReferenceServerConfig;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.reference.StoreRepository;
import com.linkedin.venice.rust.testing.HostedStoreVersions;
import com.linkedin.venice.rust.tests.described.Descriptions;
import com.linkedin.venice.rust.tests.permutations.Permutation.Server;
import io.grpc.ChannelCredentials;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;

/** A server of either kind. Quotas, where they are set, are refilled every ten seconds. */
interface ReadServer extends AutoCloseable {
  /** A quota of one RCU per second is so many keys, and no more until the next refill. */
  int KEYS_OF_ONE_RCU = 10;

  /** From one refill to the next, as in Venice. A test reads faster than it is refilled. */
  Duration QUOTA_INTERVAL = Duration.ofSeconds(KEYS_OF_ONE_RCU);

  /** Refills that a quota holds. */
  int QUOTA_CAPACITY_MULTIPLE = 1;

  /** The cluster that all servers are in. */
  String CLUSTER = "permutations";

  /** Returns the port that is listened on. */
  int port();

  /** Tells the server of a store, in place of what it was told before. */
  void describe(Store store);

  /** Returns a client of what the server answers beside gets; the caller closes it. */
  StoreService storeService(ChannelCredentials credentials);

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
    return kind == Server.JAVA ? java(transport, stores) : rust(transport, stores);
  }

  private static ReadServer java(Transport transport, HostedStoreVersions stores)
      throws IOException, GeneralSecurityException {
    StoreRepository repository = new StoreRepository(CLUSTER);
    ReferenceReadServer server =
        ReferenceReadServer.start(
            stores,
            ReferenceServerConfig.defaults()
                .withStoreRepository(repository)
                .withCredentials(transport.javaServer())
                .withQuota(QUOTA_INTERVAL, QUOTA_CAPACITY_MULTIPLE));
    return new ReadServer() {
      @Override
      public int port() {
        return server.port();
      }

      @Override
      public void describe(Store store) {
        repository.put(store);
      }

      @Override
      public StoreService storeService(ChannelCredentials credentials) {
        return StoreService.overHttp("127.0.0.1:" + server.httpPort());
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

  private static ReadServer rust(Transport transport, HostedStoreVersions stores) {
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
      public void describe(Store store) {
        server.describeStore(Descriptions.of(store, CLUSTER, Map.of(), stores));
      }

      @Override
      public StoreService storeService(ChannelCredentials credentials) {
        return StoreService.overGrpc(address(), credentials);
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
