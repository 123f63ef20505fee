package com.linkedin.venice.rust.testing;

import com.linkedin.venice.rust.ReadAccessController;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.rocksdb.RocksDBException;

/** A read server on a free port of this host, and the store versions it has to serve. */
public final class ServedStore implements HostedStoreVersions, AutoCloseable {
  private final RocksResources resources;
  private final RustReadServer server;
  private final List<StoreVersion> versions = new CopyOnWriteArrayList<>();
  private final List<FastClient> clients = new ArrayList<>();

  private ManagedChannel channel;

  private ServedStore(Supplier<RustReadServer> start, RocksResources resources) {
    this.resources = resources;
    this.server = start.get();
  }

  /** Starts a server on the loopback address with the default configuration. */
  public static ServedStore start() {
    return start(ReadServerConfig.builder().bindAddress("127.0.0.1").build());
  }

  /** Starts a server. */
  public static ServedStore start(ReadServerConfig config) {
    return start(() -> RustReadServer.start(config));
  }

  /** Starts a server that asks who may read. */
  public static ServedStore start(ReadServerConfig config, ReadAccessController accessController) {
    return start(() -> RustReadServer.start(config, accessController));
  }

  private static ServedStore start(Supplier<RustReadServer> start) {
    RocksResources resources = new RocksResources();
    try {
      return new ServedStore(start, resources);
    } catch (RuntimeException e) {
      resources.close();
      throw e;
    }
  }

  /** Writes a store version and leaves it open; it is closed with this object. */
  public StoreVersion push(Path dataPath, StoreVersionConfig config, Rows rows)
      throws IOException, RocksDBException {
    try (StoreVersionWriter writer = new StoreVersionWriter(dataPath, config, resources)) {
      rows.addTo(writer);
      StoreVersion version = writer.endOfPush();
      versions.add(version);
      return version;
    }
  }

  /** Opens a store version that was written before; it is closed with this object. */
  public StoreVersion open(Path dataPath, StoreVersionConfig config)
      throws IOException, RocksDBException {
    StoreVersion version = StoreVersion.open(dataPath, config, resources);
    versions.add(version);
    return version;
  }

  /** Returns the store version that was pushed or opened last under this name, or null. */
  @Override
  public StoreVersion find(String resource) {
    StoreVersion found = null;
    for (StoreVersion version : versions) {
      if (version.resource().equals(resource)) {
        found = version;
      }
    }
    return found;
  }

  /** Returns a new client of a store version; it is closed with this object. */
  public FastClient client(StoreVersionConfig config) {
    return client(config, FastClient.DEFAULT_BATCH_GET_LIMIT);
  }

  /** Returns a new client with a limit of keys in a batch; it is closed with this object. */
  public FastClient client(StoreVersionConfig config, int batchGetLimit) {
    return client(config, batchGetLimit, InsecureChannelCredentials.create());
  }

  /** Returns a new client that connects with credentials; it is closed with this object. */
  public FastClient client(StoreVersionConfig config, ChannelCredentials credentials) {
    return client(config, FastClient.DEFAULT_BATCH_GET_LIMIT, credentials);
  }

  private FastClient client(
      StoreVersionConfig config, int batchGetLimit, ChannelCredentials credentials) {
    StoreRoutes routes =
        StoreRoutes.oneServer(config.resource(), config.partitionCount(), address())
            .withDictionary(config.dictionary());
    FastClient client = new FastClient(routes, batchGetLimit, credentials);
    clients.add(client);
    return client;
  }

  /** Returns the service itself, for requests that the client would not send. */
  public BlockingReadService stub() {
    return new BlockingReadService(channel());
  }

  /** Returns a new call of the streaming service; what is left of it ends with this object. */
  public StreamingCall stream() {
    return new StreamingCall(channel());
  }

  private ManagedChannel channel() {
    if (channel == null) {
      channel = Grpc.newChannelBuilder(address(), InsecureChannelCredentials.create()).build();
    }
    return channel;
  }

  /** Returns {@code 127.0.0.1:<port>}. */
  public String address() {
    return "127.0.0.1:" + server.port();
  }

  /** Returns the server. */
  public RustReadServer server() {
    return server;
  }

  /** Adds the rows of a push. */
  public interface Rows {
    /** Adds every row to the writer. */
    void addTo(StoreVersionWriter writer);
  }

  /** Closes the clients, then the server, then the databases. */
  @Override
  public void close() throws RocksDBException {
    clients.forEach(FastClient::close);
    if (channel != null) {
      channel.shutdownNow();
    }
    server.close();
    RocksDBException failure = null;
    for (StoreVersion version : versions) {
      try {
        version.close();
      } catch (RocksDBException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    resources.close();
    if (failure != null) {
      throw failure;
    }
  }
}
