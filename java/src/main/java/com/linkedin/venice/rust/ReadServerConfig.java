package com.linkedin.venice.rust;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * The immutable configuration of a {@link RustReadServer}.
 *
 * <p>Each builder method documents its unit, its default and its effect, and refuses a bad value at
 * once with an {@link IllegalArgumentException} that names the value and the limit. The setting
 * names ({@code port}, {@code drain.ms}, ...) are those of the server itself, so that a properties
 * file can be handed over with {@link #fromSettings}.
 */
public final class ReadServerConfig {
  private final String bindAddress;
  private final int port;
  private final OptionalInt workerThreads;
  private final OptionalInt diskThreads;
  private final int maxRequestBytes;
  private final int maxResponseBytes;
  private final int maxConcurrentStreams;
  private final Duration drainTime;
  private final Duration readDeadline;

  private ReadServerConfig(Builder builder) {
    bindAddress = builder.bindAddress;
    port = builder.port;
    workerThreads = builder.workerThreads;
    diskThreads = builder.diskThreads;
    maxRequestBytes = builder.maxRequestBytes;
    maxResponseBytes = builder.maxResponseBytes;
    maxConcurrentStreams = builder.maxConcurrentStreams;
    drainTime = builder.drainTime;
    readDeadline = builder.readDeadline;
  }

  /** Returns a builder that holds the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the configuration with every default: all addresses, any free port. */
  public static ReadServerConfig defaults() {
    return builder().build();
  }

  /**
   * Reads settings by name, for example from a properties file. What is absent keeps its default.
   *
   * @throws IllegalArgumentException if a name is unknown or a value is bad
   */
  public static ReadServerConfig fromSettings(Map<String, String> settings) {
    Builder builder = builder();
    settings.forEach(builder::set);
    return builder.build();
  }

  /** The local address that is listened on. */
  public String bindAddress() {
    return bindAddress;
  }

  /** The port asked for; 0 means any free port, see {@link RustReadServer#port()}. */
  public int port() {
    return port;
  }

  /** The threads that serve connections; empty means one per available core. */
  public OptionalInt workerThreads() {
    return workerThreads;
  }

  /** The threads for reads that touch the disk; empty means twice the cores, at least 4. */
  public OptionalInt diskThreads() {
    return diskThreads;
  }

  /** The largest request accepted, in bytes. */
  public int maxRequestBytes() {
    return maxRequestBytes;
  }

  /** The largest response sent, in bytes. */
  public int maxResponseBytes() {
    return maxResponseBytes;
  }

  /** The requests that one connection may have in flight. */
  public int maxConcurrentStreams() {
    return maxConcurrentStreams;
  }

  /** How long {@link RustReadServer#close()} waits for requests in flight. */
  public Duration drainTime() {
    return drainTime;
  }

  /** How long one read of RocksDB may take. */
  public Duration readDeadline() {
    return readDeadline;
  }

  /** Returns name, value, name, value..., the form in which native code takes the settings. */
  String[] toSettings() {
    List<String> settings = new ArrayList<>();
    settings.addAll(List.of("bind.address", bindAddress));
    settings.addAll(List.of("port", Integer.toString(port)));
    workerThreads.ifPresent(n -> settings.addAll(List.of("worker.threads", Integer.toString(n))));
    diskThreads.ifPresent(n -> settings.addAll(List.of("disk.threads", Integer.toString(n))));
    settings.addAll(List.of("max.request.bytes", Integer.toString(maxRequestBytes)));
    settings.addAll(List.of("max.response.bytes", Integer.toString(maxResponseBytes)));
    settings.addAll(List.of("max.concurrent.streams", Integer.toString(maxConcurrentStreams)));
    settings.addAll(List.of("drain.ms", Long.toString(drainTime.toMillis())));
    settings.addAll(List.of("read.deadline.ms", Long.toString(readDeadline.toMillis())));
    return settings.toArray(new String[0]);
  }

  /** Builds a {@link ReadServerConfig}. Not thread-safe. */
  public static final class Builder {
    private static final int FOUR_MEBIBYTES = 4 * 1024 * 1024;
    private static final int MAX_THREADS = 1024;
    private static final Duration MAX_DURATION = Duration.ofHours(24);

    private String bindAddress = "0.0.0.0";
    private int port = 0;
    private OptionalInt workerThreads = OptionalInt.empty();
    private OptionalInt diskThreads = OptionalInt.empty();
    private int maxRequestBytes = FOUR_MEBIBYTES;
    private int maxResponseBytes = FOUR_MEBIBYTES;
    private int maxConcurrentStreams = 1000;
    private Duration drainTime = Duration.ofSeconds(10);
    private Duration readDeadline = Duration.ofSeconds(10);

    private Builder() {}

    /**
     * Sets {@code bind.address}, the IP address of this host to listen on. Default {@code 0.0.0.0},
     * every IPv4 address; {@code 127.0.0.1} serves clients of this host only.
     */
    public Builder bindAddress(String address) {
      Objects.requireNonNull(address, "bind.address");
      if (address.isBlank()) {
        throw new IllegalArgumentException(
            "bind.address is blank: give an IP address of this host, or 0.0.0.0 for all of them");
      }
      bindAddress = address;
      return this;
    }

    /** Sets {@code port}, 0 to 65535. Default 0: the system picks a free port. */
    public Builder port(int value) {
      port = inRange("port", value, 0, 65535);
      return this;
    }

    /**
     * Sets {@code worker.threads}, 1 to 1024: the threads that serve connections and answer from
     * memory. Default: one per available core.
     */
    public Builder workerThreads(int value) {
      workerThreads = OptionalInt.of(inRange("worker.threads", value, 1, MAX_THREADS));
      return this;
    }

    /**
     * Sets {@code disk.threads}, 1 to 1024: the threads for reads that memory cannot answer, and so
     * the number of disk reads at the same time. Default: twice the available cores, at least 4.
     */
    public Builder diskThreads(int value) {
      diskThreads = OptionalInt.of(inRange("disk.threads", value, 1, MAX_THREADS));
      return this;
    }

    /**
     * Sets {@code max.request.bytes}, at least 1: a larger request is refused with the gRPC status
     * RESOURCE_EXHAUSTED. Default 4 MiB, as in grpc-java servers.
     */
    public Builder maxRequestBytes(int value) {
      maxRequestBytes = inRange("max.request.bytes", value, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Sets {@code max.response.bytes}, at least 1: a larger answer becomes error code 500. Default
     * 4 MiB, what gRPC clients take by default; raise it only together with the clients' limit.
     */
    public Builder maxResponseBytes(int value) {
      maxResponseBytes = inRange("max.response.bytes", value, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Sets {@code max.concurrent.streams}, at least 1: the requests that one connection may have in
     * flight; a client queues the others. Default 1000.
     */
    public Builder maxConcurrentStreams(int value) {
      maxConcurrentStreams = inRange("max.concurrent.streams", value, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Sets {@code drain.ms}, whole milliseconds from 0 to 24 hours: how long {@link
     * RustReadServer#close()} waits for requests in flight before it cuts them. Default 10 seconds.
     */
    public Builder drainTime(Duration value) {
      drainTime = inRange("drain.ms", value, 0);
      return this;
    }

    /**
     * Sets {@code read.deadline.ms}, whole milliseconds from 1 to 24 hours: the longest that one
     * RocksDB read may take before it fails. It also bounds how long closing a partition waits for
     * readers. Default 10 seconds.
     */
    public Builder readDeadline(Duration value) {
      readDeadline = inRange("read.deadline.ms", value, 1);
      return this;
    }

    /**
     * Sets one setting by its name.
     *
     * @throws IllegalArgumentException if the name is unknown or the value is bad
     */
    public Builder set(String name, String value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, name);
      switch (name) {
        case "bind.address":
          return bindAddress(value);
        case "port":
          return port(parseInt(name, value));
        case "worker.threads":
          return workerThreads(parseInt(name, value));
        case "disk.threads":
          return diskThreads(parseInt(name, value));
        case "max.request.bytes":
          return maxRequestBytes(parseInt(name, value));
        case "max.response.bytes":
          return maxResponseBytes(parseInt(name, value));
        case "max.concurrent.streams":
          return maxConcurrentStreams(parseInt(name, value));
        case "drain.ms":
          return drainTime(Duration.ofMillis(parseInt(name, value)));
        case "read.deadline.ms":
          return readDeadline(Duration.ofMillis(parseInt(name, value)));
        default:
          throw new IllegalArgumentException(
              "there is no setting \""
                  + name
                  + "\": use one of bind.address, port, worker.threads, disk.threads,"
                  + " max.request.bytes, max.response.bytes, max.concurrent.streams, drain.ms,"
                  + " read.deadline.ms");
      }
    }

    /** Returns the configuration. */
    public ReadServerConfig build() {
      return new ReadServerConfig(this);
    }

    private static int parseInt(String name, String value) {
      try {
        return Integer.parseInt(value.trim());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            name
                + " is \""
                + value
                + "\": give a whole number of at most "
                + Integer.MAX_VALUE
                + " in digits, without a unit",
            e);
      }
    }

    private static int inRange(String name, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            name + " is " + value + ": give a value from " + least + " to " + most);
      }
      return value;
    }

    private static Duration inRange(String name, Duration value, long leastMillis) {
      Objects.requireNonNull(value, name);
      checkMillis(name, value, leastMillis);
      return value;
    }

    /** Refuses what is outside the range of {@code drain.ms} or {@code read.deadline.ms}. */
    static long checkMillis(String name, Duration value, long leastMillis) {
      if (value.compareTo(Duration.ofMillis(leastMillis)) < 0
          || value.compareTo(MAX_DURATION) > 0) {
        throw new IllegalArgumentException(
            name
                + " is "
                + value
                + ": give a time from "
                + leastMillis
                + " ms to "
                + MAX_DURATION.toMillis()
                + " ms");
      }
      return value.toMillis();
    }
  }
}
