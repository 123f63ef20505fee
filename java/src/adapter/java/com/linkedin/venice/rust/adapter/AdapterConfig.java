package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import java.util.Map;

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
  private final Map<String, String> properties;

  AdapterConfig(Map<String, String> properties) {
    this.properties = properties;
    enabled = ReadServerConfig.enabledBy(properties);
    quotaMode = quotaMode(properties.getOrDefault(QUOTA_MODE, "full").trim());
    if (enabled && !properties.containsKey(PREFIX + "port")) {
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
    ofVenice.forEach(builder::set);
    if (!namesKeys()) {
      if (keys != null && keys.hasTls()) {
        keys.apply(builder);
      }
    }
    return builder.properties(properties).build();
  }

  boolean hasTls(KeyMaterial keys) {
    return namesKeys() || keys != null && keys.hasTls();
  }

  /** Whether the properties themselves name a key store, by our name or by Venice's. */
  private boolean namesKeys() {
    return ReadServerConfig.fromProperties(properties).tlsKeyStore().isPresent();
  }

  DiscoveryConfig discovery(boolean tls) {
    return DiscoveryConfig.fromProperties(properties, tls);
  }
}
