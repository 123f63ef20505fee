package com.linkedin.davinci.storage;

import com.linkedin.davinci.store.StorageEngine;

/** Signature of Venice's class of this name; compiled against only. */
public class StorageEngineRepository {
  public StorageEngine getLocalStorageEngine(String storeName) {
    throw new UnsupportedOperationException();
  }
}
