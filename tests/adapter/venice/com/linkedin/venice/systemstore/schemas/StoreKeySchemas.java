package com.linkedin.venice.systemstore.schemas;

import java.util.Map;
import org.apache.avro.Schema;

/** Stand-in for Venice's class of this name. */
public class StoreKeySchemas extends StandInRecord {
  public static final Schema SCHEMA$ = inside("storeKeySchemas");

  public StoreKeySchemas() {
    super(SCHEMA$);
  }

  @SuppressWarnings("unchecked")
  public Map<CharSequence, CharSequence> getKeySchemaMap() {
    return (Map<CharSequence, CharSequence>) get("keySchemaMap");
  }
}
