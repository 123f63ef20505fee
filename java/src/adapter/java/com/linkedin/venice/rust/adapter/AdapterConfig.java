package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import java.util.Map;
import java.util.TreeMap;

/** The adapter's part of a server's properties. Immutable. */
final class AdapterConfig {
  static final String PREFIX = "grpc.read.server.rust.";
  static final String ENABLED = PREFIX + "enabled";
  static final String QUOTA_MODE = PREFIX + "quota.mode";

  /** How Java and Rust live with one quota: VIP-3's approaches 2 and 3. */
  enum QuotaMode {
    /** Both enforce the whole: who reads from both gets up to twice the quota. */
    FULL,
    /** Java's gRPC server has to be off, so that Rust's count is the only one of gRPC. */
    EXCLUSIVE
  }

  final boolean enabled;
  final QuotaMode quotaMode;
  private final Map<String, String> settings = new TreeMap<>();
  private final Map<String, String> properties;

  AdapterConfig(Map<String, String> properties) {
    this.properties = properties;
    String on = properties.getOrDefault(ENABLED, "false").trim();
    if (!on.equalsIgnoreCase("true") && !on.equalsIgnoreCase("false")) {
      throw new IllegalArgumentException(ENABLED + "=" + cut(on) + ": give true or false");
    }
    enabled = on.equalsIgnoreCase("true");
    quotaMode = quotaMode(properties.getOrDefault(QUOTA_MODE, "full").trim());
    for (Map.Entry<String, String> property : properties.entrySet()) {
      String name = property.getKey();
      if (name.startsWith(PREFIX)
          && !name.startsWith(DiscoveryConfig.PREFIX)
          && !name.equals(ENABLED)
          && !name.equals(QUOTA_MODE)) {
        settings.put(name.substring(PREFIX.length()), property.getValue());
      }
    }
    if (enabled && !settings.containsKey("port")) {
      throw new IllegalArgumentException(
          PREFIX + "port is not set: give the port that the Rust server listens on");
    }
  }

  private static QuotaMode quotaMode(String name) {
    for (QuotaMode mode : QuotaMode.values()) {
      if (mode.name().equalsIgnoreCase(name)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(QUOTA_MODE + "=" + cut(name) + ": give full or exclusive");
  }

  private static String cut(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "...";
  }

  /** Returns the server's configuration; what the properties set wins over the keys. */
  ReadServerConfig serverConfig(KeyMaterial keys, Map<String, String> ofVenice) {
    ReadServerConfig.Builder builder = ReadServerConfig.builder();
    boolean tlsIsSet = false;
    for (String name : settings.keySet()) {
      tlsIsSet |= name.startsWith("tls.key.store") || name.startsWith("tls.trust.store");
    }
    if (keys != null && keys.hasTls() && !tlsIsSet) {
      keys.apply(builder);
    }
    ofVenice.forEach(builder::set);
    settings.forEach(builder::set);
    return builder.build();
  }

  boolean hasTls(KeyMaterial keys) {
    return settings.containsKey("tls.key.store") || keys != null && keys.hasTls();
  }

  DiscoveryConfig discovery(boolean tls) {
    return DiscoveryConfig.fromProperties(properties, tls);
  }
}
