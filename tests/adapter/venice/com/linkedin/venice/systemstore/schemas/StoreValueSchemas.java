package com.linkedin.venice.systemstore.schemas;

import java.util.Map;
import org.apache.avro.Schema;

/** Stand-in for Venice's class of this name. */
public class StoreValueSchemas extends StandInRecord {
  public static final Schema SCHEMA$ = inside("storeValueSchemas");

  public StoreValueSchemas() {
    super(SCHEMA$);
  }

  @SuppressWarnings("unchecked")
  public Map<CharSequence, CharSequence> getValueSchemaMap() {
    return (Map<CharSequence, CharSequence>) get("valueSchemaMap");
  }
}
