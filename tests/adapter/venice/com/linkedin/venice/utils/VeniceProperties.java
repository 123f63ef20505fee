package com.linkedin.venice.utils;

import java.util.Map;

/** Stand-in for Venice's class of this name. */
public class VeniceProperties {
  private final Map<String, String> properties;

  public VeniceProperties(Map<String, String> properties) {
    this.properties = properties;
  }

  public Map<String, String> getAsMap() {
    return properties;
  }
}
