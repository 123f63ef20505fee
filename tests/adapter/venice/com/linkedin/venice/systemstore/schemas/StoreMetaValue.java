package com.linkedin.venice.systemstore.schemas;

import org.apache.avro.Schema;

/** Stand-in for Venice's class of this name. */
public class StoreMetaValue extends StandInRecord {
  public static final Schema SCHEMA$ = STORE_META_VALUE;

  public StoreMetaValue() {
    super(SCHEMA$);
  }

  public StoreProperties getStoreProperties() {
    return (StoreProperties) get("storeProperties");
  }

  public StoreKeySchemas getStoreKeySchemas() {
    return (StoreKeySchemas) get("storeKeySchemas");
  }

  public StoreValueSchemas getStoreValueSchemas() {
    return (StoreValueSchemas) get("storeValueSchemas");
  }
}
