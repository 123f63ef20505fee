package com.linkedin.davinci.config;

import com.linkedin.venice.utils.VeniceProperties;

/** Signature of Venice's class of this name; compiled against only. */
public class VeniceServerConfig {
  public VeniceProperties getClusterProperties() {
    throw new UnsupportedOperationException();
  }

  public String getZookeeperAddress() {
    throw new UnsupportedOperationException();
  }

  public int getListenerPort() {
    throw new UnsupportedOperationException();
  }

  public String getListenerHostname() {
    throw new UnsupportedOperationException();
  }

  public boolean isGrpcEnabled() {
    throw new UnsupportedOperationException();
  }

  public boolean isQuotaEnforcementEnabled() {
    throw new UnsupportedOperationException();
  }

  public long getNodeCapacityInRcu() {
    throw new UnsupportedOperationException();
  }

  public int getQuotaEnforcementIntervalInMs() {
    throw new UnsupportedOperationException();
  }

  public int getQuotaEnforcementCapacityMultiple() {
    throw new UnsupportedOperationException();
  }

  public boolean isReadQuotaInitializationFallbackEnabled() {
    throw new UnsupportedOperationException();
  }
}
