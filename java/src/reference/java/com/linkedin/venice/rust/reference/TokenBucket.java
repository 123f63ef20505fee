package com.linkedin.venice.rust.reference;

import java.util.function.LongSupplier;

/**
 * Tokens that are given out until none are left, and refilled from time to time; {@code
 * com.linkedin.venice.throttle.TokenBucket}. Thread-safe.
 */
final class TokenBucket {
  private final long capacity;
  private final long refillAmount;
  private final long refillIntervalMillis;
  private final LongSupplier clockMillis;
  private long tokens;
  private long nextUpdateTime;

  /** Creates a full bucket. */
  TokenBucket(
      long capacity, long refillAmount, long refillIntervalMillis, LongSupplier clockMillis) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity is " + capacity + " tokens: give at least 1");
    }
    this.capacity = capacity;
    this.refillAmount = refillAmount;
    this.refillIntervalMillis = refillIntervalMillis;
    this.clockMillis = clockMillis;
    tokens = capacity;
    nextUpdateTime = clockMillis.getAsLong() + refillIntervalMillis;
  }

  /**
   * Returns the bucket of a node that has a share of a quota.
   *
   * @param rcuPerSecond the whole quota, at least 1
   * @param share the node's part of it, above 0 and at most 1
   * @param intervalMillis from one refill to the next
   * @param capacityMultiple how many refills the bucket holds
   */
  static TokenBucket ofRcuPerSecond(
      long rcuPerSecond,
      double share,
      long intervalMillis,
      int capacityMultiple,
      LongSupplier clockMillis) {
    long totalRefill = (long) Math.ceil(rcuPerSecond / 1000.0 * intervalMillis);
    long totalCapacity = totalRefill * capacityMultiple;
    return new TokenBucket(
        (long) Math.ceil(totalCapacity * share),
        (long) Math.ceil(totalRefill * share),
        intervalMillis,
        clockMillis);
  }

  /** Takes all of these tokens, or none. Only who finds too few looks at the clock. */
  synchronized boolean tryConsume(long wanted) {
    if (tokens < wanted) {
      refill();
    }
    if (tokens < wanted) {
      return false;
    }
    tokens -= wanted;
    return true;
  }

  private void refill() {
    long now = clockMillis.getAsLong();
    if (now > nextUpdateTime) {
      long refills = (now - nextUpdateTime) / refillIntervalMillis + 1;
      tokens = Math.min(capacity, tokens + refills * refillAmount);
      nextUpdateTime = now + refillIntervalMillis;
    }
  }
}
