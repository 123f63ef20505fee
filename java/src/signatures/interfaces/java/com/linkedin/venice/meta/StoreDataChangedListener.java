package com.linkedin.venice.meta;

/** Signature of Venice's interface of this name; compiled against only. */
public interface StoreDataChangedListener {
  default void handleStoreCreated(Store store) {}

  default void handleStoreDeleted(String storeName) {}

  default void handleStoreChanged(Store store) {}
}
