package com.linkedin.venice.systemstore.schemas;

import org.apache.avro.Schema;

/** Stand-in for Venice's class of this name. */
public class StoreProperties extends StandInRecord {
  public static final Schema SCHEMA$ = inside("storeProperties");

  public StoreProperties() {
    super(SCHEMA$);
  }

  public static Schema getClassSchema() {
    return SCHEMA$;
  }

  public int getCurrentVersion() {
    return (Integer) get("currentVersion");
  }
}
