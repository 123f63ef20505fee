package com.linkedin.davinci.config;

import com.linkedin.venice.utils.VeniceProperties;
import java.util.Map;

/** Stand-in for Venice's class of this name. */
public class VeniceConfigLoader {
  private final Map<String, String> properties;

  public VeniceConfigLoader(Map<String, String> properties) {
    this.properties = properties;
  }

  public static VeniceConfigLoader loadFromEnvironmentVariable() {
    throw new UnsupportedOperationException("no folder here");
  }

  public static VeniceConfigLoader loadFromConfigDirectory(String configDirPath) {
    throw new UnsupportedOperationException("no folder here");
  }

  public VeniceProperties getCombinedProperties() {
    return new VeniceProperties(properties);
  }
}
