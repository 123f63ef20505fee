package com.linkedin.venice.systemstore.schemas;

import java.util.Map;

/** Signature of Venice's class of this name; compiled against only. */
public class StoreKeySchemas {
  public Map<CharSequence, CharSequence> getKeySchemaMap() {
    throw new UnsupportedOperationException();
  }
}
