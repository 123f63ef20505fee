package com.linkedin.venice.rust.reference;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Decides whether a request fits the quotas: that of its store version, then that of the node.
 * Thread-safe.
 *
 * <p>Venice computes quotas of the store's configuration and of who is ready to serve; here they
 * are set. Every store is one that has {@code storageNodeReadQuotaEnabled}, and no request is a
 * retry: over gRPC the flag is not looked at.
 */
final class ReadQuotaEnforcementHandler {
  /** Venice's default of {@code server.node.capacity.rcu.per.second}. */
  private static final long NODE_RCU_PER_SECOND = 100_000;

  /** What a request is told. */
  enum QuotaEnforcementResult {
    /** It may read. */
    ALLOWED,
    /** The quota of its store version is used up. */
    REJECTED,
    /** The node's quota is used up. */
    OVER_CAPACITY,
    /** Nobody knows its store. */
    BAD_REQUEST
  }

  private record Limiter(long rcuPerSecond, TokenBucket bucket) {}

  private final StorageEngineRepository storageEngineRepository;
  private final long intervalMillis;
  private final int capacityMultiple;
  private final LongSupplier clockMillis;
  private final Map<String, Limiter> storeVersionRateLimiters = new ConcurrentHashMap<>();
  private volatile TokenBucket storageNodeRateLimiter;

  ReadQuotaEnforcementHandler(
      StorageEngineRepository storageEngineRepository,
      long intervalMillis,
      int capacityMultiple,
      LongSupplier clockMillis) {
    this.storageEngineRepository = storageEngineRepository;
    this.intervalMillis = intervalMillis;
    this.capacityMultiple = capacityMultiple;
    this.clockMillis = clockMillis;
    setNodeQuota(NODE_RCU_PER_SECOND);
  }

  /** Sets the quota of the node, which starts full. */
  void setNodeQuota(long rcuPerSecond) {
    storageNodeRateLimiter = bucket(rcuPerSecond, 1.0);
  }

  /** Sets the quota of a store version; one that is as before keeps what was used. */
  void setStoreQuota(String storeVersion, long rcuPerSecond, double share) {
    long ofThisNode = (long) Math.ceil(rcuPerSecond * share);
    storeVersionRateLimiters.compute(
        storeVersion,
        (name, known) -> {
          if (share <= 0) {
            return null;
          }
          return known != null && known.rcuPerSecond() == ofThisNode
              ? known
              : new Limiter(ofThisNode, bucket(rcuPerSecond, share));
        });
  }

  /** Removes the quota of a store version. */
  void removeStoreQuota(String storeVersion) {
    storeVersionRateLimiters.remove(storeVersion);
  }

  QuotaEnforcementResult enforceQuota(RouterRequest request) {
    String storeVersion = request.resourceName();
    Limiter limiter = storeVersionRateLimiters.get(storeVersion);
    if (limiter == null && storageEngineRepository.getLocalStorageEngine(storeVersion) == null) {
      return QuotaEnforcementResult.BAD_REQUEST;
    }
    if (limiter != null && !limiter.bucket().tryConsume(request.keyCount())) {
      return QuotaEnforcementResult.REJECTED;
    }
    return storageNodeRateLimiter.tryConsume(request.keyCount())
        ? QuotaEnforcementResult.ALLOWED
        : QuotaEnforcementResult.OVER_CAPACITY;
  }

  private TokenBucket bucket(long rcuPerSecond, double share) {
    return TokenBucket.ofRcuPerSecond(
        rcuPerSecond, share, intervalMillis, capacityMultiple, clockMillis);
  }
}
