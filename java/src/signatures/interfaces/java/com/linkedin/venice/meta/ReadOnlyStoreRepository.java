package com.linkedin.venice.meta;

import java.util.List;

/** Signature of Venice's interface of this name; compiled against only. */
public interface ReadOnlyStoreRepository {
  Store getStore(String storeName);

  List<Store> getAllStores();

  void registerStoreDataChangedListener(StoreDataChangedListener listener);

  void unregisterStoreDataChangedListener(StoreDataChangedListener listener);
}
