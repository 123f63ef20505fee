package com.linkedin.venice.utils;

import java.util.Map;

/** Signature of Venice's class of this name; compiled against only. */
public class VeniceProperties {
  public Map<String, String> getAsMap() {
    throw new UnsupportedOperationException();
  }
}
