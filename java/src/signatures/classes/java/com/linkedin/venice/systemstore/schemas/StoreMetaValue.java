package com.linkedin.venice.systemstore.schemas;

/** Signature of Venice's class of this name; compiled against only. */
public class StoreMetaValue {
  public StoreProperties getStoreProperties() {
    throw new UnsupportedOperationException();
  }

  public StoreKeySchemas getStoreKeySchemas() {
    throw new UnsupportedOperationException();
  }

  public StoreValueSchemas getStoreValueSchemas() {
    throw new UnsupportedOperationException();
  }
}
