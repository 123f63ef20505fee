package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.StoreVersionReads;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which store versions were read since the last look, by a daemon thread that looks at even
 * times. It follows one server after the other, and remembers what it has told.
 *
 * <p>Thread-safe.
 */
final class UsageFeed {
  private static final Logger LOG = LoggerFactory.getLogger(UsageFeed.class);

  private final Consumer<String> listener;
  private final long everyMillis;

  /** Held while a server is looked at, and what was read of it is told. */
  private final Object lock = new Object();

  /** By store version: what was seen last; null before the first look. */
  private Map<String, StoreVersionReads> seen;

  private RustReadServer server;
  private Thread thread;
  private boolean failed;

  /**
   * Creates a feed that does not look yet.
   *
   * @param listener takes the name of each version that was read, {@code <store>_v<N>}
   * @param every at least 1 ms
   */
  UsageFeed(Consumer<String> listener, Duration every) {
    this.listener = Objects.requireNonNull(listener, "listener");
    everyMillis = every.toMillis();
    if (everyMillis < 1) {
      throw new IllegalArgumentException("reads cannot be looked at every " + every);
    }
  }

  /** Looks at {@code followed} from now on. What was read before the first one is told nobody. */
  void follow(RustReadServer followed) {
    synchronized (lock) {
      server = Objects.requireNonNull(followed, "followed");
      if (seen == null) {
        look(followed);
      }
      thread = new Thread(() -> run(followed), "venice-rust-usage");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Looks for the last time, while the server is still there. Does nothing where none is followed. */
  void leave() {
    synchronized (lock) {
      if (server != null) {
        look(server);
        server = null;
        thread.interrupt();
        thread = null;
      }
    }
  }

  private void run(RustReadServer followed) {
    try {
      boolean follows = true;
      while (follows) {
        Thread.sleep(everyMillis);
        synchronized (lock) {
          follows = server == followed && look(followed);
        }
      }
    } catch (InterruptedException left) {
      // Who left has looked.
    }
  }

  /** Returns whether the server is there. */
  private boolean look(RustReadServer followed) {
    try {
      Map<String, StoreVersionReads> now = new HashMap<>();
      for (StoreVersionReads version : followed.versionReads()) {
        now.put(version.storeVersion(), version);
      }
      if (seen != null) {
        for (StoreVersionReads version : now.values()) {
          if (isReadSince(seen.get(version.storeVersion()), version)) {
            listener.accept(version.storeVersion());
          }
        }
      }
      // Versions that are gone are forgotten. Where the listener failed, all is told again.
      seen = now;
      failed = false;
    } catch (ReadServerException stopped) {
      return false;
    } catch (RuntimeException | LinkageError e) {
      if (!failed) {
        LOG.warn("what Rust reads does not reach the usage tracker: {}", e.toString());
      }
      failed = true;
    }
    return true;
  }

  private static boolean isReadSince(StoreVersionReads before, StoreVersionReads now) {
    if (before == null) {
      return now.reads() > 0;
    }
    // Also where the version was deleted and came anew, so that its count began again.
    return now.reads() != before.reads() || !Objects.equals(now.lastRead(), before.lastRead());
  }
}
