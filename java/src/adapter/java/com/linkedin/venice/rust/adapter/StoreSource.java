package com.linkedin.venice.rust.adapter;

import java.util.Collection;

/** Where the stores of a server are known. */
public interface StoreSource {
  /** Hears of changes; never blocks long, never throws. */
  interface Listener {
    /** A store is there, or has changed: its quota, its versions, their status. */
    void storeChanged(StoreState store);

    /** A store was deleted. */
    void storeDeleted(String storeName);
  }

  /** Returns all stores as they are now. */
  Collection<StoreState> stores();

  /** Returns one store, or null. */
  StoreState store(String storeName);

  /** Starts to tell a listener of changes. */
  void addListener(Listener listener);

  /** Stops to. */
  void removeListener(Listener listener);
}
