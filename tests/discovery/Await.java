package com.linkedin.venice.rust.tests;

import static org.junit.Assert.fail;

import java.util.concurrent.Callable;

/** Waits for a state, with a bound that only a fault reaches. */
final class Await {
  private static final long HANG_GUARD_NANOS = 90_000_000_000L;

  private Await() {}

  static void until(String what, Callable<Boolean> holds) throws Exception {
    long deadline = System.nanoTime() + HANG_GUARD_NANOS;
    while (!holds.call()) {
      if (System.nanoTime() > deadline) {
        fail("not within 90 seconds: " + what);
      }
      Thread.sleep(2);
    }
  }
}
