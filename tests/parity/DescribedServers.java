package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.reference.ReferenceServerConfig;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.reference.StoreRepository;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.tests.described.Descriptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;

/**
 * The Java server and the Rust server of one JVM, on the same open databases, and told the same of
 * their stores. The Java server is asked over HTTP, as Venice's is.
 */
final class DescribedServers implements AutoCloseable {
  /** The cluster that both are in. */
  static final String CLUSTER = "cluster";

  private final ServedStore served =
      ServedStore.start(
          ReadServerConfig.builder()
              .bindAddress("127.0.0.1")
              .set("stores.cluster", CLUSTER)
              .build());
  private final StoreRepository repository = new StoreRepository(CLUSTER);
  private final Map<String, Integer> groups = new TreeMap<>();
  private final ReferenceReadServer reference;
  private final HttpForm javaHttp;
  private final ManagedChannel rust;

  DescribedServers() throws IOException {
    reference =
        ReferenceReadServer.start(
            served, ReferenceServerConfig.defaults().withStoreRepository(repository));
    javaHttp = new HttpForm("127.0.0.1:" + reference.httpPort());
    rust = channel(served.address());
  }

  /** Returns what both serve. */
  ServedStore served() {
    return served;
  }

  /** Returns the Java server's HTTP port. */
  HttpForm javaHttp() {
    return javaHttp;
  }

  /** Returns a connection to the Rust server. */
  ManagedChannel rust() {
    return rust;
  }

  /** Sets the Helix groups of instances, for stores that are described from now on. */
  void instanceGroups(Map<String, Integer> all) {
    groups.clear();
    groups.putAll(all);
    repository.setInstanceGroups(all);
  }

  /** Tells both of a store. */
  void describe(Store store) {
    repository.put(store);
    served.server().describeStore(Descriptions.of(store, CLUSTER, groups));
  }

  /** Lets both forget a store. */
  void forget(String storeName) {
    repository.remove(storeName);
    served.server().forgetStore(storeName);
  }

  @Override
  public void close() throws RocksDBException {
    rust.shutdownNow();
    reference.close();
    served.close();
  }

  private static ManagedChannel channel(String address) {
    return Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
  }
}
