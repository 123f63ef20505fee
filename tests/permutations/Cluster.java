package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.DirectoryTree;
import com.linkedin.venice.rust.testing.HostedStoreVersions;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import com.linkedin.venice.rust.tests.permutations.Permutation.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rocksdb.RocksDBException;

/**
 * The stores and the servers of all tests of a JVM, made when they are first needed. Both replicas
 * of a store serve the same open databases. Used by one thread, but for {@link #find}.
 */
final class Cluster implements HostedStoreVersions, AutoCloseable {
  private static Cluster shared;

  private final RocksResources resources = new RocksResources();
  private final Path data = Files.createTempDirectory("permutations");
  private final Map<String, TestStores.Store> stores = new LinkedHashMap<>();
  private final Map<String, StoreVersion> versions = new ConcurrentHashMap<>();
  private final Map<Replica, ReadServer> servers = new LinkedHashMap<>();

  private record Replica(Server kind, Transport transport, int number) {}

  private Cluster() throws IOException {}

  /** Returns the cluster of this JVM. */
  static Cluster shared() throws IOException {
    if (shared == null) {
      shared = new Cluster();
    }
    return shared;
  }

  /** Stops the servers and closes the stores, if there are any. */
  static void closeShared() throws IOException, RocksDBException {
    if (shared != null) {
      shared.close();
      shared = null;
    }
  }

  /** Returns the store of records. */
  TestStores.Store records(CompressionStrategy compression) throws IOException, RocksDBException {
    return hosted(TestStores.records("fast_client", compression));
  }

  /** Returns the next version of the store of records, with two schemas. */
  TestStores.Store recordsOfTwoSchemas(CompressionStrategy compression)
      throws IOException, RocksDBException {
    return hosted(TestStores.recordsOfTwoSchemas("fast_client", compression));
  }

  /** Returns the store of strings. */
  TestStores.Store strings(CompressionStrategy compression) throws IOException, RocksDBException {
    return hosted(TestStores.strings("grpc", compression));
  }

  /** Returns a replica's server; the tests share it. */
  ReadServer server(Permutation permutation, int number)
      throws IOException, GeneralSecurityException {
    Replica replica = new Replica(permutation.server(), permutation.transport(), number);
    ReadServer server = servers.get(replica);
    if (server == null) {
      server = newServer(permutation);
      servers.put(replica, server);
    }
    return server;
  }

  /** Returns a server of the caller's own. */
  ReadServer newServer(Permutation permutation) throws IOException, GeneralSecurityException {
    return ReadServer.start(permutation.server(), permutation.transport(), this);
  }

  /** Returns what a client needs to know of a store that so many replicas serve. */
  StoreMetadata metadata(Permutation permutation, TestStores.Store store, int replicas)
      throws IOException, GeneralSecurityException {
    List<String> addresses = new ArrayList<>();
    for (int number = 0; number < replicas; number++) {
      addresses.add(server(permutation, number).address());
    }
    return StoreMetadata.of(store, addresses, permutation.transport().client());
  }

  @Override
  public StoreVersion find(String resource) {
    return versions.get(resource);
  }

  @Override
  public void close() throws IOException, RocksDBException {
    servers.values().forEach(ReadServer::close);
    for (StoreVersion version : versions.values()) {
      version.close();
    }
    resources.close();
    DirectoryTree.delete(data);
  }

  private TestStores.Store hosted(TestStores.Store wanted) throws IOException, RocksDBException {
    String resource = wanted.config().resource();
    TestStores.Store known = stores.get(resource);
    if (known != null) {
      return known;
    }
    try (StoreVersionWriter writer = new StoreVersionWriter(data, wanted.config(), resources)) {
      TestStores.write(wanted, writer);
      versions.put(resource, writer.endOfPush());
    }
    stores.put(resource, wanted);
    return wanted;
  }
}
