package com.linkedin.venice.schema;

/** Stand-in for Venice's class of this name. */
public class SchemaEntry {
  private final int id;
  private final String schema;

  public SchemaEntry(int id, String schema) {
    this.id = id;
    this.schema = schema;
  }

  public int getId() {
    return id;
  }

  public String getSchemaStr() {
    return schema;
  }
}
