package com.linkedin.davinci.config;

import com.linkedin.venice.utils.VeniceProperties;

/** Signature of Venice's class of this name; compiled against only. */
public class VeniceConfigLoader {
  public static VeniceConfigLoader loadFromEnvironmentVariable() {
    throw new UnsupportedOperationException();
  }

  public static VeniceConfigLoader loadFromConfigDirectory(String configDirPath) {
    throw new UnsupportedOperationException();
  }

  public VeniceProperties getCombinedProperties() {
    throw new UnsupportedOperationException();
  }
}
