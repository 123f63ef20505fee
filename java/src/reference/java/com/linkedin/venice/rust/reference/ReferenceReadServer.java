package com.linkedin.venice.rust.reference;

import com.linkedin.venice.rust.testing.HostedStoreVersions;
import io.grpc.Grpc;
import io.grpc.Server;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Venice's gRPC read server, as {@code ListenerService} and {@code VeniceGrpcServer} set it up:
 * every limit of grpc-java as it is by default (requests of 4 MiB), a fixed pool of worker threads,
 * and a second pool that looks up keys while the worker waits for it.
 *
 * <p>With a {@link StoreRepository} it has Venice's HTTP port as well, where Fast Clients read,
 * compute, and ask for metadata, and answers {@code countByValue}.
 */
public final class ReferenceReadServer implements AutoCloseable {
  /** Venice's default of {@code server.rest.service.storage.thread.num}. */
  public static final int DEFAULT_STORAGE_THREADS = 16;

  /** The constant that Venice uses for the backlog of its sockets and for this queue. */
  public static final int DEFAULT_WORKER_QUEUE_CAPACITY = 1000;

  private static final long CLOSE_SECONDS = 10;

  private final ExecutorService workers;
  private final ExecutorService storageThreads;

  /** Null without an HTTP port. */
  private final ExecutorService computeThreads;

  private final ReadQuotaEnforcementHandler readQuota;
  private final Server server;

  /** Null without an HTTP port. */
  private final HttpReadServer http;

  private ReferenceReadServer(HostedStoreVersions stores, ReferenceServerConfig config)
      throws IOException {
    this.workers =
        threads("GrpcWorkerThread", config.workerThreads(), config.workerQueueCapacity());
    this.storageThreads =
        threads("StorageExecutionThread", config.storageThreads(), Integer.MAX_VALUE);
    StorageEngineRepository engines = new StorageEngineRepository(stores);
    this.readQuota =
        config.quotaInterval() == null
            ? null
            : new ReadQuotaEnforcementHandler(
                engines,
                config.quotaInterval().toMillis(),
                config.quotaCapacityMultiple(),
                System::currentTimeMillis);
    StorageReadRequestHandler storage = new StorageReadRequestHandler(this.storageThreads, engines);
    StoreRepository repository = config.storeRepository();
    this.computeThreads =
        repository == null
            ? null
            : threads("StorageComputeThread", config.storageThreads(), Integer.MAX_VALUE);
    VeniceReadServiceImpl service =
        new VeniceReadServiceImpl(
            new VeniceServerGrpcRequestProcessor(readQuota, storage),
            repository == null ? null : new CountByValueHandler(storage, repository));
    try {
      http =
          repository == null
              ? null
              : new HttpReadServer(
                  config.workerThreads(),
                  new HttpRequestHandler(
                      storage,
                      new ComputeRequestHandler(computeThreads, storage, repository),
                      new ReadMetadataRepository(repository.clusterName(), repository),
                      repository,
                      engines,
                      readQuota));
      server =
          Grpc.newServerBuilderForPort(config.port(), config.credentials())
              .executor(workers)
              .addService(service.bindService())
              .build()
              .start();
    } catch (IOException e) {
      stopThreads();
      throw e;
    }
  }

  /** Starts a server with the default configuration. */
  public static ReferenceReadServer start(HostedStoreVersions stores) throws IOException {
    return start(stores, ReferenceServerConfig.defaults());
  }

  /** Starts a server without TLS and quota; the numbers are those of the configuration. */
  public static ReferenceReadServer start(
      HostedStoreVersions stores, int port, int workerThreads, int storageThreads)
      throws IOException {
    return start(
        stores,
        ReferenceServerConfig.defaults().withPort(port).withThreads(workerThreads, storageThreads));
  }

  /**
   * Starts a server on every address of this host.
   *
   * @param stores what it serves; its partitions stay the caller's, who may close and open them
   * @throws IOException if the port cannot be listened on
   */
  public static ReferenceReadServer start(HostedStoreVersions stores, ReferenceServerConfig config)
      throws IOException {
    return new ReferenceReadServer(stores, config);
  }

  /**
   * Sets the read quota of a store version.
   *
   * @param rcuPerSecond the quota of the whole store, at least 1
   * @param share this node's part of it, 0 to 1; 0 removes the quota
   * @throws IllegalStateException if the server was configured to enforce no quota
   */
  public void setStoreQuota(String storeVersion, long rcuPerSecond, double share) {
    enforcedQuota().setStoreQuota(storeVersion, rcuPerSecond, share);
  }

  /**
   * Sets the read quota of the node, 100,000 RCU per second unless it is set.
   *
   * @param rcuPerSecond at least 1
   * @throws IllegalStateException if the server was configured to enforce no quota
   */
  public void setNodeQuota(long rcuPerSecond) {
    enforcedQuota().setNodeQuota(rcuPerSecond);
  }

  /**
   * Removes the read quota of a store version.
   *
   * @throws IllegalStateException if the server was configured to enforce no quota
   */
  public void removeStoreQuota(String storeVersion) {
    enforcedQuota().removeStoreQuota(storeVersion);
  }

  /** Returns the port that is listened on. */
  public int port() {
    return server.getPort();
  }

  /**
   * Returns the port that HTTP/1.1 is spoken on.
   *
   * @throws IllegalStateException if the server was configured without stores
   */
  public int httpPort() {
    if (http == null) {
      throw new IllegalStateException(
          "this server has no HTTP port: start it with ReferenceServerConfig.withStoreRepository");
    }
    return http.port();
  }

  /** Takes no more requests, waits for those that are being answered, and ends the threads. */
  @Override
  public void close() {
    if (http != null) {
      http.close();
    }
    server.shutdown();
    try {
      if (!server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
        server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      stopThreads();
    }
  }

  private ReadQuotaEnforcementHandler enforcedQuota() {
    if (readQuota == null) {
      throw new IllegalStateException(
          "this server enforces no quota: start it with ReferenceServerConfig.withQuota");
    }
    return readQuota;
  }

  private void stopThreads() {
    workers.shutdown();
    storageThreads.shutdown();
    if (computeThreads != null) {
      computeThreads.shutdown();
    }
  }

  private static ExecutorService threads(String name, int count, int queueCapacity) {
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        count,
        count,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(queueCapacity),
        task -> {
          Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
          thread.setDaemon(true);
          return thread;
        });
  }
}
