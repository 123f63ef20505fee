package com.linkedin.venice.systemstore.schemas;

import org.apache.avro.Schema;

/** Signature of Venice's class of this name; compiled against only. */
public class StoreProperties {
  public static Schema getClassSchema() {
    throw new UnsupportedOperationException();
  }

  public int getCurrentVersion() {
    throw new UnsupportedOperationException();
  }
}
