package com.linkedin.venice.rust;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The threads of Java's that one server has: they ask the access controller, follow the files of
 * TLS, and put slow requests into recordings. Not thread-safe.
 */
final class ServerThreads {
  /** Enough for a thread to see that the server has stopped. */
  private static final Duration END = Duration.ofMillis(500);

  private final List<Thread> threads = new ArrayList<>();

  /**
   * Starts a thread.
   *
   * @param purposeAndRemedy for the error: what it is for, and what to do without it
   * @throws ReadServerException if the process can have no more threads
   */
  void start(Thread thread, String purposeAndRemedy) {
    try {
      thread.start();
      threads.add(thread);
    } catch (OutOfMemoryError e) {
      throw new ReadServerException(
          "cannot start a thread for "
              + purposeAndRemedy
              + ", or raise the limits of the process",
          e);
    }
  }

  /**
   * Waits for the threads of a server that has stopped. They end at once, but for one that is in
   * the controller, or waits for a disk: that ends when these come back, and nobody waits for that.
   */
  void end() {
    long deadline = System.nanoTime() + END.toNanos();
    boolean interrupted = false;
    for (Thread thread : threads) {
      if (thread instanceof SlowReadThread) {
        // It waits for time to pass, so it has to be told.
        thread.interrupt();
      }
    }
    for (Thread thread : threads) {
      long millis = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
      try {
        if (thread != Thread.currentThread()) {
          thread.join(millis);
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
