package com.linkedin.davinci.config;

import com.linkedin.venice.utils.VeniceProperties;
import java.util.Map;

/** Stand-in for Venice's class of this name. */
public class VeniceServerConfig {
  private final Map<String, String> properties;

  public VeniceServerConfig(Map<String, String> properties) {
    this.properties = properties;
  }

  private String get(String name, String absent) {
    return properties.getOrDefault(name, absent);
  }

  public VeniceProperties getClusterProperties() {
    return new VeniceProperties(properties);
  }

  public String getZookeeperAddress() {
    return properties.get("zookeeper.address");
  }

  public int getListenerPort() {
    return Integer.parseInt(get("listener.port", "0"));
  }

  public String getListenerHostname() {
    return get("listener.hostname", "127.0.0.1");
  }

  public boolean isGrpcEnabled() {
    return Boolean.parseBoolean(get("grpc.read.server.enabled", "false"));
  }

  public boolean isQuotaEnforcementEnabled() {
    return Boolean.parseBoolean(get("server.quota.enforcement.enabled", "false"));
  }

  public long getNodeCapacityInRcu() {
    return Long.parseLong(get("server.node.capacity.rcu.per.second", "100000"));
  }

  public int getQuotaEnforcementIntervalInMs() {
    return Integer.parseInt(get("server.quota.enforcement.interval.in.millis", "10000"));
  }

  public int getQuotaEnforcementCapacityMultiple() {
    return Integer.parseInt(get("server.quota.enforcement.capacity.multiple", "5"));
  }

  public boolean isReadQuotaInitializationFallbackEnabled() {
    return Boolean.parseBoolean(get("server.read.quota.initialization.fallback.enabled", "true"));
  }
}
