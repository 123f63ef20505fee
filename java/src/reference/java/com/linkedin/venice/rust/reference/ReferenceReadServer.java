package com.linkedin.venice.rust.reference;

import com.linkedin.venice.rust.testing.HostedStoreVersions;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Venice's gRPC read server, as {@code ListenerService} and {@code VeniceGrpcServer} set it up:
 * plain HTTP/2, every limit of grpc-java as it is by default (requests of 4 MiB), a fixed pool of
 * worker threads, and a second pool that looks up keys while the worker waits for it.
 */
public final class ReferenceReadServer implements AutoCloseable {
  /** Venice's default of {@code server.rest.service.storage.thread.num}. */
  public static final int DEFAULT_STORAGE_THREADS = 16;

  /** The constant that Venice uses for the backlog of its sockets and for this queue. */
  private static final int WORKER_QUEUE_CAPACITY = 1000;

  private static final long CLOSE_SECONDS = 10;

  private final ExecutorService workers;
  private final ExecutorService storageThreads;
  private final Server server;

  private ReferenceReadServer(
      HostedStoreVersions stores, int port, int workerThreads, int storageThreads)
      throws IOException {
    this.workers = threads("GrpcWorkerThread", workerThreads, WORKER_QUEUE_CAPACITY);
    this.storageThreads = threads("StorageExecutionThread", storageThreads, Integer.MAX_VALUE);
    StorageReadRequestHandler storage =
        new StorageReadRequestHandler(this.storageThreads, new StorageEngineRepository(stores));
    VeniceReadServiceImpl service =
        new VeniceReadServiceImpl(new VeniceServerGrpcRequestProcessor(storage));
    try {
      server =
          Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
              .executor(workers)
              .addService(service.bindService())
              .build()
              .start();
    } catch (IOException e) {
      stopThreads();
      throw e;
    }
  }

  /** Starts a server on any free port, with a worker for each core. */
  public static ReferenceReadServer start(HostedStoreVersions stores) throws IOException {
    return start(stores, 0, Runtime.getRuntime().availableProcessors(), DEFAULT_STORAGE_THREADS);
  }

  /**
   * Starts a server on every address of this host.
   *
   * @param stores what it serves; its partitions stay the caller's, who may close and open them
   * @param port 0 for any free port
   * @param workerThreads requests that are handled at a time, at least 1
   * @param storageThreads lookups at a time, at least 1
   * @throws IOException if the port cannot be listened on
   */
  public static ReferenceReadServer start(
      HostedStoreVersions stores, int port, int workerThreads, int storageThreads)
      throws IOException {
    return new ReferenceReadServer(stores, port, workerThreads, storageThreads);
  }

  /** Returns the port that is listened on. */
  public int port() {
    return server.getPort();
  }

  /** Takes no more requests, waits for those that are being answered, and ends the threads. */
  @Override
  public void close() {
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

  private void stopThreads() {
    workers.shutdown();
    storageThreads.shutdown();
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
