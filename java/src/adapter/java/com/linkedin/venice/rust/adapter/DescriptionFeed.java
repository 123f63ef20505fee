package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.StoreDescription;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the read server what is known of every store, and each change. What it told is kept, so that
 * a server that is started anew is told all of it.
 *
 * <p>Thread-safe. Events come on Venice's threads, maybe under its locks, and are only noted there: a
 * thread of its own asks Venice and tells the server. Many events of one store are one question.
 */
final class DescriptionFeed implements DescriptionSource.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(DescriptionFeed.class);

  /** Far above the time that a node's stores take. */
  private static final long START_SECONDS = 30;

  private final DescriptionSource source;

  /** What the server is to know, by store. */
  private final Map<String, StoreDescription> told = new TreeMap<>();

  /** Stores that the worker is to look at, and has not begun to. */
  private final Set<String> noted = new HashSet<>();

  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "venice-rust-stores");
            thread.setDaemon(true);
            return thread;
          });

  private RustReadServer server;

  DescriptionFeed(DescriptionSource source) {
    this.source = source;
  }

  /** Begins to listen, and takes over what is there, which is done when this returns. */
  void start() {
    source.start(this);
    for (String store : source.storeNames()) {
      storeChanged(store);
    }
    try {
      worker.submit(() -> {}).get(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the first description of all stores takes long, and goes on: {}", e.toString());
    }
  }

  void stop() {
    source.stop();
    tell(null);
    worker.shutdown();
  }

  /** Tells a server all that holds now, and from then on each change; null for none. */
  synchronized void tell(RustReadServer next) {
    server = next;
    if (next != null) {
      told.values().forEach(description -> describe(next, description));
    }
  }

  /** Returns the names of the stores that are described. */
  synchronized Set<String> stores() {
    return new HashSet<>(told.keySet());
  }

  @Override
  public void storeChanged(String storeName) {
    synchronized (noted) {
      if (!noted.add(storeName)) {
        return;
      }
    }
    later(storeName, () -> refresh(storeName));
  }

  @Override
  public void storeDeleted(String storeName) {
    // By what is there when its turn comes: it may have been made anew.
    storeChanged(storeName);
  }

  /** On the worker. */
  private void refresh(String storeName) {
    synchronized (noted) {
      // What changes from here on is looked at again.
      noted.remove(storeName);
    }
    StoreDescription description = source.describe(storeName);
    synchronized (this) {
      if (description == null) {
        if (told.remove(storeName) != null && server != null) {
          server.forgetStore(storeName);
        }
      } else if (!description.equals(told.put(storeName, description)) && server != null) {
        describe(server, description);
      }
    }
  }

  /** A store that is refused, and why, is a line of the log; the others are told. */
  private static void describe(RustReadServer server, StoreDescription description) {
    try {
      server.describeStore(description);
    } catch (ReadServerException e) {
      LOG.warn(
          "store {} keeps what was known of it on the Rust server: {}",
          description.name(),
          e.getMessage());
    }
  }

  private void later(String storeName, Runnable change) {
    try {
      worker.execute(
          () -> {
            try {
              change.run();
            } catch (RuntimeException e) {
              LOG.warn("what is known of store {} did not reach the Rust server", storeName, e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("a change of store {} comes after the end of the server", storeName);
    }
  }
}
