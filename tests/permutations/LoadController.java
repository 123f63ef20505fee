package com.linkedin.venice.rust.tests.permutations;

import java.util.Random;

/**
 * Keeps requests from a store that is overloaded, before they reach a server: the more requests the
 * servers refused, the larger the part that the client refuses by itself, as in Venice's {@code
 * LoadControlledAvroGenericStoreClient}. The part is {@code (requests - 2 * accepted) / (requests +
 * 1)}, at most nine in ten; here of all requests of the client that have ended.
 */
final class LoadController {
  private static final double ACCEPT_MULTIPLIER = 2.0;
  private static final double MAX_REJECTED = 0.9;

  private final Random random = new Random(1);
  private int ended;
  private int accepted;

  /** Decides about a request, and counts it if it ends here. */
  synchronized boolean shouldReject() {
    double part = (ended - ACCEPT_MULTIPLIER * accepted) / (ended + 1);
    boolean reject = random.nextDouble() < Math.min(part, MAX_REJECTED);
    ended += reject ? 1 : 0;
    return reject;
  }

  /** Counts a request that a server answered. */
  synchronized void accepted() {
    ended++;
    accepted++;
  }

  /** Counts a request that a server refused. */
  synchronized void refused() {
    ended++;
  }
}
