package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.StoreDescription;
import java.util.Collection;

/** Where is known what a read server has to know of stores beyond their databases. */
public interface DescriptionSource {
  /** Hears of changes; never blocks long, never throws. */
  interface Listener {
    /** What is known of a store may have changed, or the store is new. */
    void storeChanged(String storeName);

    /** A store was deleted. */
    void storeDeleted(String storeName);
  }

  /** Returns the names of all stores as they are now. */
  Collection<String> storeNames();

  /**
   * Returns what is known of a store now, or null if there is no such store. May ask other services,
   * and take a while.
   */
  StoreDescription describe(String storeName);

  /** Sets the listener, once, and begins to tell it of changes. */
  void start(Listener listener);

  /** Stops to. */
  void stop();
}
