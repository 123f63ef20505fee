package com.linkedin.venice.rust.reference;

import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import java.time.Duration;

/**
 * How a {@link ReferenceReadServer} is set up. {@code with...} returns a copy.
 *
 * @param port 0 for any free port
 * @param workerThreads requests that are handled at a time, at least 1
 * @param storageThreads lookups at a time, at least 1
 * @param workerQueueCapacity tasks that may wait for a worker; what comes on top of them is refused
 * @param credentials how clients connect; Venice has no TLS, or TLS with client certificates
 * @param quotaInterval from one refill of the quotas to the next ({@code
 *     server.quota.enforcement.interval.in.millis}); null to enforce none, Venice's default
 * @param quotaCapacityMultiple refills that a quota may save up ({@code
 *     server.quota.enforcement.capacity.multiple})
 * @param storeRepository what is known of stores, for the HTTP port; null for none, and no port
 */
public record ReferenceServerConfig(
    int port,
    int workerThreads,
    int storageThreads,
    int workerQueueCapacity,
    ServerCredentials credentials,
    Duration quotaInterval,
    int quotaCapacityMultiple,
    StoreRepository storeRepository) {
  /** Returns any free port, a worker for each core, plain HTTP/2, and no quota. */
  public static ReferenceServerConfig defaults() {
    return new ReferenceServerConfig(
        0,
        Runtime.getRuntime().availableProcessors(),
        ReferenceReadServer.DEFAULT_STORAGE_THREADS,
        ReferenceReadServer.DEFAULT_WORKER_QUEUE_CAPACITY,
        InsecureServerCredentials.create(),
        null,
        1,
        null);
  }

  /** Returns a copy with a port. */
  public ReferenceServerConfig withPort(int newPort) {
    return new ReferenceServerConfig(
        newPort,
        workerThreads,
        storageThreads,
        workerQueueCapacity,
        credentials,
        quotaInterval,
        quotaCapacityMultiple,
        storeRepository);
  }

  /** Returns a copy with threads. */
  public ReferenceServerConfig withThreads(int workers, int storage) {
    return new ReferenceServerConfig(
        port,
        workers,
        storage,
        workerQueueCapacity,
        credentials,
        quotaInterval,
        quotaCapacityMultiple,
        storeRepository);
  }

  /** Returns a copy with room for waiting tasks. */
  public ReferenceServerConfig withWorkerQueueCapacity(int tasks) {
    return new ReferenceServerConfig(
        port,
        workerThreads,
        storageThreads,
        tasks,
        credentials,
        quotaInterval,
        quotaCapacityMultiple,
        storeRepository);
  }

  /** Returns a copy with credentials. */
  public ReferenceServerConfig withCredentials(ServerCredentials serverCredentials) {
    return new ReferenceServerConfig(
        port,
        workerThreads,
        storageThreads,
        workerQueueCapacity,
        serverCredentials,
        quotaInterval,
        quotaCapacityMultiple,
        storeRepository);
  }

  /** Returns a copy that enforces the quotas that will be set. */
  public ReferenceServerConfig withQuota(Duration interval, int capacityMultiple) {
    return new ReferenceServerConfig(
        port,
        workerThreads,
        storageThreads,
        workerQueueCapacity,
        credentials,
        interval,
        capacityMultiple,
        storeRepository);
  }

  /** Returns a copy that has an HTTP port as well, and computes. */
  public ReferenceServerConfig withStoreRepository(StoreRepository repository) {
    return new ReferenceServerConfig(
        port,
        workerThreads,
        storageThreads,
        workerQueueCapacity,
        credentials,
        quotaInterval,
        quotaCapacityMultiple,
        repository);
  }
}
