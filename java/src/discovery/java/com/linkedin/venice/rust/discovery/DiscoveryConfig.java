package com.linkedin.venice.rust.discovery;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** How a server is announced: mode, names, addresses. Immutable. */
public final class DiscoveryConfig {
  /** The resource of Venice's Java server ({@code server.d2.service.name}). */
  public static final String JAVA_SERVICE = "venice-server-d2";

  /** The resource of Rust servers, and the beginning of the names of per-store resources. */
  public static final String RUST_SERVICE = "venice-server-rust-d2";

  /** What every property of discovery begins with. */
  public static final String PREFIX = "grpc.read.server.rust.d2.";

  private static final Duration SHORTEST_SESSION = Duration.ofMillis(100);
  private static final Duration LONGEST_SESSION = Duration.ofHours(1);

  private final DiscoveryMode mode;
  private final String zooKeeper;
  private final String basePath;
  private final Duration sessionTimeout;
  private final Duration waitTime;
  private final String serviceName;
  private final String host;
  private final int httpPort;
  private final boolean tls;
  private final double weight;
  private final Set<String> stores;

  private DiscoveryConfig(Builder builder) {
    mode = builder.mode;
    zooKeeper = builder.zooKeeper;
    basePath = builder.basePath;
    sessionTimeout = builder.sessionTimeout;
    waitTime = builder.waitTime;
    serviceName =
        builder.serviceName != null
            ? builder.serviceName
            : mode == DiscoveryMode.SHARED ? JAVA_SERVICE : RUST_SERVICE;
    host = builder.host;
    httpPort = builder.httpPort;
    tls = builder.tls;
    weight = builder.weight;
    stores = new LinkedHashSet<>(builder.stores);
    if (mode != DiscoveryMode.NONE) {
      require(zooKeeper, "zookeeper", "ZooKeeper's address (Venice's zookeeper.address)");
      require(host, "host", "the name by which clients reach this server (listener.hostname)");
      if (httpPort == 0) {
        throw new IllegalArgumentException(
            "no port of the Java server's HTTP listener: set listener.port, by which clients know"
                + " the server");
      }
    }
  }

  private static void require(String value, String name, String meaning) {
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException(PREFIX + name + " is not set: give " + meaning);
    }
  }

  /** Returns a builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads {@code grpc.read.server.rust.d2.{mode,service.name,weight,stores,zookeeper,base.path,
   * session.timeout.ms,wait.ms,host}}, and for what is absent Venice's own {@code
   * zookeeper.address}, {@code listener.hostname} and {@code listener.port}. Other properties are
   * not looked at.
   *
   * @param tls whether the Rust server has TLS, which clients are to know
   * @throws IllegalArgumentException if a property of discovery is unknown or its value is bad
   */
  public static DiscoveryConfig fromProperties(Map<String, String> properties, boolean tls) {
    Builder builder = builder().tls(tls);
    builder.zooKeeper(properties.get("zookeeper.address"));
    builder.host(properties.get("listener.hostname"));
    if (properties.containsKey("listener.port")) {
      builder.httpPort((int) number("listener.port", properties.get("listener.port"), 65_535));
    }
    for (Map.Entry<String, String> property : properties.entrySet()) {
      if (property.getKey().startsWith(PREFIX)) {
        builder.set(property.getKey(), property.getValue());
      }
    }
    return builder.build();
  }

  private static long number(String name, String value, long most) {
    try {
      long number = Long.parseLong(value.trim());
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through to the refusal.
    }
    throw new IllegalArgumentException(
        name + "=" + Names.cut(value) + ": give a whole number from 0 to " + most);
  }

  /** Returns the mode. */
  public DiscoveryMode mode() {
    return mode;
  }

  /** Returns ZooKeeper's connect string. */
  public String zooKeeper() {
    return zooKeeper;
  }

  /** Returns the node of ZooKeeper under which D2 lives. */
  public String basePath() {
    return basePath;
  }

  /** Returns how long ZooKeeper keeps the announcement of a server that it does not hear of. */
  public Duration sessionTimeout() {
    return sessionTimeout;
  }

  /** Returns how long {@code register} and {@code unregister} wait for ZooKeeper. */
  public Duration waitTime() {
    return waitTime;
  }

  /** Returns the resource, or the beginning of the names of per-store resources. */
  public String serviceName() {
    return serviceName;
  }

  /** Returns the host that clients connect to. */
  public String host() {
    return host;
  }

  /** Returns the port of the Java server's HTTP listener. */
  public int httpPort() {
    return httpPort;
  }

  /** Returns whether the Rust server has TLS. */
  public boolean tls() {
    return tls;
  }

  /** Returns the weight of the Rust server at first. */
  public double weight() {
    return weight;
  }

  /** Returns the stores that are announced at first, in mode {@link DiscoveryMode#STORE}. */
  public Set<String> stores() {
    return new LinkedHashSet<>(stores);
  }

  /** Builds a {@link DiscoveryConfig}; each method refuses a bad value at once. */
  public static final class Builder {
    private DiscoveryMode mode = DiscoveryMode.NONE;
    private String zooKeeper;
    private String basePath = "/d2";
    private Duration sessionTimeout = Duration.ofSeconds(5);
    private Duration waitTime = Duration.ofSeconds(5);
    private String serviceName;
    private String host;
    private int httpPort;
    private boolean tls;
    private double weight = 1;
    private final Set<String> stores = new LinkedHashSet<>();

    private Builder() {}

    /** Sets {@code d2.mode}. Default none. */
    public Builder mode(DiscoveryMode value) {
      mode = Objects.requireNonNull(value, "mode");
      return this;
    }

    /** Sets {@code d2.zookeeper}, {@code host:port,host:port}. Default: Venice's own. */
    public Builder zooKeeper(String value) {
      zooKeeper = value;
      return this;
    }

    /** Sets {@code d2.base.path}. Default {@code /d2}, as Venice's. */
    public Builder basePath(String value) {
      if (!value.matches("(/[A-Za-z0-9_.-]+){1,20}")) {
        throw new IllegalArgumentException(
            PREFIX + "base.path=" + Names.cut(value) + ": give a path such as /d2");
      }
      basePath = value;
      return this;
    }

    /**
     * Sets {@code d2.session.timeout.ms}, 100 ms to one hour: after so long a server that died is
     * gone from discovery. Default 5 seconds, as Venice's.
     */
    public Builder sessionTimeout(Duration value) {
      if (value.compareTo(SHORTEST_SESSION) < 0 || value.compareTo(LONGEST_SESSION) > 0) {
        throw new IllegalArgumentException(
            PREFIX + "session.timeout.ms=" + value.toMillis() + ": give 100 to 3600000");
      }
      sessionTimeout = value;
      return this;
    }

    /**
     * Sets {@code d2.wait.ms}, 0 to one hour: how long to wait for ZooKeeper to hold what was
     * announced or taken back. Longer, and it goes on in the background. Default 5 seconds.
     */
    public Builder waitTime(Duration value) {
      if (value.isNegative() || value.compareTo(LONGEST_SESSION) > 0) {
        throw new IllegalArgumentException(
            PREFIX + "wait.ms=" + value.toMillis() + ": give 0 to 3600000");
      }
      waitTime = value;
      return this;
    }

    /**
     * Sets {@code d2.service.name}. Default {@code venice-server-d2} in mode shared, else {@code
     * venice-server-rust-d2}.
     */
    public Builder serviceName(String value) {
      serviceName = Names.check(PREFIX + "service.name", value);
      return this;
    }

    /** Sets {@code d2.host}: what clients connect to. Default {@code listener.hostname}. */
    public Builder host(String value) {
      host = value;
      return this;
    }

    /** Sets the port of the Java server's HTTP listener, 1 to 65535 ({@code listener.port}). */
    public Builder httpPort(int value) {
      if (value < 0 || value > 65_535) {
        throw new IllegalArgumentException("listener.port=" + value + ": give 1 to 65535");
      }
      httpPort = value;
      return this;
    }

    /** Sets whether the Rust server has TLS: its URI then begins with https. Default false. */
    public Builder tls(boolean value) {
      tls = value;
      return this;
    }

    /**
     * Sets {@code d2.weight}, 0 to 1000. Up to 1 it is also the share of clients that {@link
     * ServerDirectory} sends to the Rust server. Default 1.
     */
    public Builder weight(double value) {
      weight = checkWeight(value);
      return this;
    }

    /** Adds a store of {@code d2.stores}, a list with commas: announced at first in mode store. */
    public Builder store(String name) {
      stores.add(Names.check("store", name));
      return this;
    }

    private void set(String property, String value) {
      switch (property.substring(PREFIX.length())) {
        case "mode":
          mode(DiscoveryMode.named(value.trim()));
          break;
        case "zookeeper":
          zooKeeper(value.trim());
          break;
        case "base.path":
          basePath(value.trim());
          break;
        case "session.timeout.ms":
          sessionTimeout(Duration.ofMillis(number(property, value, LONGEST_SESSION.toMillis())));
          break;
        case "wait.ms":
          waitTime(Duration.ofMillis(number(property, value, LONGEST_SESSION.toMillis())));
          break;
        case "service.name":
          serviceName(value.trim());
          break;
        case "host":
          host(value.trim());
          break;
        case "weight":
          try {
            weight(Double.parseDouble(value.trim()));
          } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                property + "=" + Names.cut(value) + ": give a number from 0 to 1000", e);
          }
          break;
        case "stores":
          for (String store : value.split(",")) {
            if (!store.trim().isEmpty()) {
              store(store.trim());
            }
          }
          break;
        default:
          throw new IllegalArgumentException(
              Names.cut(property)
                  + " is unknown: d2 has mode, zookeeper, base.path, session.timeout.ms, wait.ms,"
                  + " service.name, host, weight and stores");
      }
    }

    /** Returns the configuration; without a mode nothing else is needed. */
    public DiscoveryConfig build() {
      return new DiscoveryConfig(this);
    }
  }

  static double checkWeight(double value) {
    if (!(value >= 0 && value <= 1000)) {
      throw new IllegalArgumentException(
          PREFIX + "weight=" + value + ": give a number from 0 to 1000");
    }
    return value;
  }
}
