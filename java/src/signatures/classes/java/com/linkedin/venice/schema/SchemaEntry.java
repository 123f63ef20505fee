package com.linkedin.venice.schema;

/** Signature of Venice's class of this name; compiled against only. */
public class SchemaEntry {
  public int getId() {
    throw new UnsupportedOperationException();
  }

  public String getSchemaStr() {
    throw new UnsupportedOperationException();
  }
}
