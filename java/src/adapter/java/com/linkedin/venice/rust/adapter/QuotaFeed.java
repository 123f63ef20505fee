package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.RustReadServer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the read server the quota of every store version and of the node, and each change, by the
 * rules of Venice's {@code ReadQuotaEnforcementHandler}. What it told is kept, so that a server that
 * is started anew is told all of it.
 *
 * <p>Thread-safe. Events come on Venice's threads, maybe under its locks, and are only noted there: a
 * thread of its own asks Venice and tells the server.
 */
final class QuotaFeed implements StoreSource.Listener, ShareSource.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(QuotaFeed.class);

  /** What a store version is held to. */
  private static final class Setting {
    /** RCU a second of the whole store; 0 for a store that is held to no quota. */
    final long rcu;

    final double share;

    Setting(long rcu, double share) {
      this.rcu = rcu;
      this.share = share;
    }

    void tell(RustReadServer server, String storeVersion) {
      if (rcu == 0) {
        server.disableStoreQuota(storeVersion);
      } else {
        server.setStoreQuota(storeVersion, rcu, share);
      }
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Setting
          && rcu == ((Setting) other).rcu
          && share == ((Setting) other).share;
    }

    @Override
    public int hashCode() {
      return Objects.hash(rcu, share);
    }

    @Override
    public String toString() {
      return rcu == 0 ? "not enforced" : rcu + " RCU/s, share " + share;
    }
  }

  private final StoreSource stores;
  private final ShareSource shares;
  private final long nodeRcu;

  /** What the server is to hold, by store version. */
  private final Map<String, Setting> settings = new TreeMap<>();

  /** The store versions of each store that are followed. Of the worker alone. */
  private final Map<String, Set<String>> followed = new HashMap<>();

  private final FeedThread worker = new FeedThread("venice-rust-quota");

  private RustReadServer server;

  /**
   * Makes a feed.
   *
   * @param nodeRcu the quota of the node, RCU a second
   */
  QuotaFeed(StoreSource stores, ShareSource shares, long nodeRcu) {
    this.stores = stores;
    this.shares = shares;
    this.nodeRcu = nodeRcu;
  }

  /** Begins to listen, and takes over what is there, which is done when this returns. */
  void start() {
    stores.addListener(this);
    shares.start(this);
    for (StoreState store : stores.stores()) {
      storeChanged(store);
    }
    worker.awaitAll("the first read of all quotas");
  }

  void stop() {
    stores.removeListener(this);
    tell(null);
    worker.later(
        "the end of the server",
        () -> {
          for (Set<String> versions : followed.values()) {
            versions.forEach(shares::unfollow);
          }
          followed.clear();
        });
    worker.stop();
  }

  /** Tells a server all that holds now, and from then on each change; null for none. */
  synchronized void tell(RustReadServer next) {
    server = next;
    if (next == null) {
      return;
    }
    next.setNodeQuota(nodeRcu);
    settings.forEach((storeVersion, setting) -> setting.tell(next, storeVersion));
  }

  /** Returns what holds now, by store version. */
  synchronized Map<String, String> describe() {
    Map<String, String> result = new TreeMap<>();
    settings.forEach((storeVersion, setting) -> result.put(storeVersion, setting.toString()));
    return result;
  }

  @Override
  public void storeChanged(StoreState store) {
    worker.later(
        "the quota of store " + store.name(),
        () -> {
          Set<String> gone =
              new HashSet<>(followed.computeIfAbsent(store.name(), name -> new HashSet<>()));
          for (StoreState.VersionState version : store.versions()) {
            String storeVersion = version.storeVersion();
            gone.remove(storeVersion);
            followed.get(store.name()).add(storeVersion);
            shares.follow(storeVersion);
            refresh(store, version);
          }
          for (String storeVersion : gone) {
            followed.get(store.name()).remove(storeVersion);
            forget(storeVersion);
          }
        });
  }

  @Override
  public void storeDeleted(String storeName) {
    worker.later(
        "the end of store " + storeName,
        () -> {
          Set<String> versions = followed.remove(storeName);
          if (versions != null) {
            versions.forEach(this::forget);
          }
        });
  }

  @Override
  public void shareChanged(String storeVersion) {
    int separator = storeVersion.lastIndexOf("_v");
    if (separator <= 0) {
      return;
    }
    String storeName = storeVersion.substring(0, separator);
    worker.later(
        "this node's share of " + storeVersion,
        () -> {
          StoreState store = stores.store(storeName);
          Set<String> versions = followed.get(storeName);
          if (store == null || versions == null || !versions.contains(storeVersion)) {
            return;
          }
          for (StoreState.VersionState version : store.versions()) {
            if (version.storeVersion().equals(storeVersion)) {
              refresh(store, version);
            }
          }
        });
  }

  /** On the worker. */
  private void refresh(StoreState store, StoreState.VersionState version) {
    String storeVersion = version.storeVersion();
    if (!store.quotaEnforced()) {
      set(storeVersion, new Setting(0, 1));
      return;
    }
    OptionalDouble share = shares.share(version);
    if (!share.isPresent()) {
      if (isUnenforced(storeVersion)) {
        // It was held to no quota, and now it is: to the node's, until its share is known.
        set(storeVersion, null);
      }
    } else if (share.getAsDouble() <= 0) {
      set(storeVersion, null);
    } else if (store.quotaRcu() < 1) {
      LOG.warn(
          "store {} has a read quota of {} RCU/s, and Rust needs at least 1: what {} was held to"
              + " stays",
          store.name(),
          store.quotaRcu(),
          storeVersion);
    } else {
      set(storeVersion, new Setting(store.quotaRcu(), Math.min(1, share.getAsDouble())));
    }
  }

  private synchronized void set(String storeVersion, Setting setting) {
    Setting before = settings.get(storeVersion);
    if (Objects.equals(before, setting)) {
      return;
    }
    if (setting == null) {
      settings.remove(storeVersion);
      if (server != null) {
        server.removeStoreQuota(storeVersion);
      }
    } else {
      settings.put(storeVersion, setting);
      if (server != null) {
        setting.tell(server, storeVersion);
      }
    }
    LOG.info("read quota of {} on the Rust server: {}", storeVersion, setting);
  }

  /** On the worker. */
  private void forget(String storeVersion) {
    shares.unfollow(storeVersion);
    set(storeVersion, null);
  }

  private synchronized boolean isUnenforced(String storeVersion) {
    Setting setting = settings.get(storeVersion);
    return setting != null && setting.rcu == 0;
  }
}
