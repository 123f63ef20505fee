package com.linkedin.venice.systemstore.schemas;

import java.util.Map;

/** Signature of Venice's class of this name; compiled against only. */
public class StoreValueSchemas {
  public Map<CharSequence, CharSequence> getValueSchemaMap() {
    throw new UnsupportedOperationException();
  }
}
