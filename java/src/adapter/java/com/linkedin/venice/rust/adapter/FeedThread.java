package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.ReadServerException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a feed, on which it asks Venice and tells the read server, one change after the other.
 * Events come on Venice's threads, maybe under its locks, and are only noted there.
 *
 * <p>Thread-safe.
 */
final class FeedThread {
  private static final Logger LOG = LoggerFactory.getLogger(FeedThread.class);

  /** Far above the time that a node's stores take. */
  private static final long START_SECONDS = 30;

  private final ExecutorService executor;

  FeedThread(String name) {
    executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Waits until all changes that came before are done, within reason.
   *
   * @param what what they are, for the log
   */
  void awaitAll(String what) {
    try {
      executor.submit(() -> {}).get(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("{} takes long, and goes on: {}", what, e.toString());
    }
  }

  /**
   * Makes a change when its turn comes. What goes wrong is a line of the log.
   *
   * @param what what it changes, for the log
   */
  void later(String what, Runnable change) {
    try {
      executor.execute(() -> guarded(what, change));
    } catch (RejectedExecutionException e) {
      LOG.debug("{} comes after the end of the server", what);
    }
  }

  /** Takes no more changes; those that came are made. */
  void stop() {
    executor.shutdown();
  }

  private static void guarded(String what, Runnable change) {
    try {
      change.run();
    } catch (ReadServerException e) {
      LOG.debug("{} is told to the next Rust server: {}", what, e.getMessage());
    } catch (RuntimeException e) {
      LOG.warn("{} did not reach the Rust server", what, e);
    }
  }
}
