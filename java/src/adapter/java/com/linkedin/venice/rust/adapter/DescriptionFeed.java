package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.StoreDescription;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

  private final DescriptionSource source;

  /** What the server is to know, by store. */
  private final Map<String, StoreDescription> told = new TreeMap<>();

  /** Stores that the worker is to look at, and has not begun to. */
  private final Set<String> noted = new HashSet<>();

  private final FeedThread worker = new FeedThread("venice-rust-stores");

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
    worker.awaitAll("the first description of all stores");
  }

  void stop() {
    source.stop();
    tell(null);
    worker.stop();
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
    worker.later("what is known of store " + storeName, () -> refresh(storeName));
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
}
