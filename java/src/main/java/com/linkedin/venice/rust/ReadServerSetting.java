package com.linkedin.venice.rust;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The settings of a read server: name, default and bounds. Units, effects and reasons stand at the
 * methods of {@link ReadServerConfig.Builder}; the same names are in {@code
 * rust/server/src/config/settings.rs}.
 */
enum ReadServerSetting {
  BIND_ADDRESS("bind.address", Kind.TEXT, "0.0.0.0", 0, 0),
  PORT("port", Kind.NUMBER, "0", 0, 65535),
  WORKER_THREADS("worker.threads", Kind.NUMBER, null, 1, Limits.THREADS),
  WORKER_CPUS("worker.cpus", Kind.TEXT, null, 0, 0),
  WORKER_SPIN_MICROS("worker.spin.us", Kind.NUMBER, "0", 0, 10_000),
  WORKER_NICE("worker.nice", Kind.NUMBER, "0", -20, 19),
  WORKER_SLICE_MICROS("worker.slice.us", Kind.NUMBER, "100", 0, 100_000),
  DISK_THREADS("disk.threads", Kind.NUMBER, null, 1, Limits.THREADS),
  MAX_REQUEST_BYTES("max.request.bytes", Kind.NUMBER, "4194304", 1, Integer.MAX_VALUE),
  MAX_RESPONSE_BYTES("max.response.bytes", Kind.NUMBER, "4194304", 1, Integer.MAX_VALUE),
  MAX_BATCH_KEYS("max.batch.keys", Kind.NUMBER, "10000", 1, Integer.MAX_VALUE),
  MAX_CONCURRENT_STREAMS("max.concurrent.streams", Kind.NUMBER, "1000", 1, Integer.MAX_VALUE),
  MAX_HEADER_BYTES("max.header.bytes", Kind.NUMBER, "16384", 1024, 1024 * 1024),
  MAX_CLIENT_BYTES("max.client.bytes", Kind.NUMBER, "268435456", 1 << 24, 1L << 40),
  MAX_CONNECTIONS("max.connections", Kind.NUMBER, "10000", 1, 1_000_000),
  MAX_CONNECTIONS_PER_ADDRESS("max.connections.per.address", Kind.NUMBER, "0", 0, 1_000_000),
  MAX_HANDSHAKES("max.handshakes", Kind.NUMBER, "0", 0, Limits.THREADS),
  MAX_CONNECTION_IDLE("max.connection.idle.ms", Kind.MILLISECONDS, "3600000", 0, Limits.MILLIS),
  MAX_CONNECTION_AGE("max.connection.age.ms", Kind.MILLISECONDS, "0", 0, Limits.MILLIS),
  MAX_CONNECTION_AGE_GRACE(
      "max.connection.age.grace.ms", Kind.MILLISECONDS, "60000", 1, Limits.MILLIS),
  KEEP_ALIVE("keep.alive.ms", Kind.MILLISECONDS, "60000", 1, Limits.MILLIS),
  KEEP_ALIVE_TIMEOUT("keep.alive.timeout.ms", Kind.MILLISECONDS, "20000", 1, Limits.MILLIS),
  RECEIVE_TIMEOUT("receive.timeout.ms", Kind.MILLISECONDS, "10000", 1, Limits.MILLIS),
  HANDSHAKE_TIMEOUT("handshake.timeout.ms", Kind.MILLISECONDS, "10000", 1, Limits.MILLIS),
  TLS_KEY_STORE("tls.key.store", Kind.TEXT, null, 0, 0),
  TLS_KEY_STORE_TYPE("tls.key.store.type", Kind.TEXT, null, 0, 0),
  TLS_KEY_STORE_PASSWORD("tls.key.store.password", Kind.PASSWORD, null, 0, 0),
  TLS_KEY_PASSWORD("tls.key.password", Kind.PASSWORD, null, 0, 0),
  TLS_KEY_ALIAS("tls.key.alias", Kind.TEXT, null, 0, 0),
  TLS_PRIVATE_KEY("tls.private.key", Kind.TEXT, null, 0, 0),
  TLS_TRUST_STORE("tls.trust.store", Kind.TEXT, null, 0, 0),
  TLS_TRUST_STORE_TYPE("tls.trust.store.type", Kind.TEXT, null, 0, 0),
  TLS_TRUST_STORE_PASSWORD("tls.trust.store.password", Kind.PASSWORD, null, 0, 0),
  TLS_CLIENT_AUTH("tls.client.auth", Kind.TEXT, "required", 0, 0),
  TLS_MIN_VERSION("tls.min.version", Kind.TEXT, "1.2", 0, 0),
  TLS_RELOAD("tls.reload.ms", Kind.MILLISECONDS, "60000", 0, Limits.MILLIS),
  DRAIN("drain.ms", Kind.MILLISECONDS, "10000", 0, Limits.MILLIS),
  READ_DEADLINE("read.deadline.ms", Kind.MILLISECONDS, "10000", 1, Limits.MILLIS),
  STREAM_CHUNK_BYTES("stream.chunk.bytes", Kind.NUMBER, "65536", 1, Integer.MAX_VALUE),
  REFLECTION("reflection", Kind.TEXT, "false", 0, 0),
  QUOTA_INTERVAL("quota.interval.ms", Kind.MILLISECONDS, "10000", 1, Limits.MILLIS),
  QUOTA_CAPACITY_MULTIPLE("quota.capacity.multiple", Kind.NUMBER, "5", 1, 1000),
  ACCESS_THREADS("access.threads", Kind.NUMBER, "4", 1, Limits.THREADS),
  ACCESS_REFRESH("access.refresh.ms", Kind.MILLISECONDS, "60000", 1, Limits.MILLIS),
  ACCESS_STALE("access.stale.ms", Kind.MILLISECONDS, "600000", 0, Limits.MILLIS),
  ACCESS_WAIT("access.wait.ms", Kind.MILLISECONDS, "5000", 1, Limits.MILLIS),
  ACCESS_CACHE_ENTRIES("access.cache.entries", Kind.NUMBER, "10000", 1, Integer.MAX_VALUE),
  ACCESS_CACHE_BYTES("access.cache.bytes", Kind.NUMBER, "33554432", 65536, Integer.MAX_VALUE);

  private enum Kind {
    TEXT,
    /** Any text; no message shows it. */
    PASSWORD,
    NUMBER,
    MILLISECONDS
  }

  private static final class Limits {
    /** A larger number of threads is a slip of the pen. */
    static final int THREADS = 1024;

    /** One day: a longer wait is a slip of the pen as well. */
    static final int MILLIS = 24 * 60 * 60 * 1000;
  }

  private final String settingName;
  private final Kind kind;
  private final String defaultValue;
  private final long least;
  private final long most;

  ReadServerSetting(String settingName, Kind kind, String defaultValue, long least, long most) {
    this.settingName = settingName;
    this.kind = kind;
    this.defaultValue = defaultValue;
    this.least = least;
    this.most = most;
  }

  /** The name that a properties file has. */
  String settingName() {
    return settingName;
  }

  /** The value when nothing is set; null when the server chooses it for the machine. */
  String defaultValue() {
    return defaultValue;
  }

  /**
   * Finds a setting by its name.
   *
   * @throws IllegalArgumentException if there is none; names those that there are
   */
  static ReadServerSetting named(String name) {
    Objects.requireNonNull(name, "name");
    return Arrays.stream(values())
        .filter(setting -> setting.settingName.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no setting \""
                        + name
                        + "\": use one of "
                        + Arrays.stream(values())
                            .map(ReadServerSetting::settingName)
                            .collect(Collectors.joining(", "))));
  }

  /**
   * Checks a value in its text form and returns it as the server takes it.
   *
   * @throws IllegalArgumentException if the setting does not take it
   */
  String check(String value) {
    if (kind == Kind.PASSWORD) {
      return value;
    }
    if (kind == Kind.TEXT) {
      if (value.codePoints().allMatch(Character::isWhitespace)) {
        throw new IllegalArgumentException(
            settingName + " is blank: give a value, or leave the setting out for its default");
      }
      return value;
    }
    long number = parse(value);
    checkRange(number, kind == Kind.MILLISECONDS ? Duration.ofMillis(number) : number);
    return Long.toString(number);
  }

  /**
   * Checks a number; {@code shown} is how the caller gave it.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  void checkRange(long number, Object shown) {
    if (number < least || number > most) {
      throw new IllegalArgumentException(
          settingName
              + " is "
              + shown
              + (kind == Kind.MILLISECONDS ? ": give a time from " : ": give a value from ")
              + least
              + (kind == Kind.MILLISECONDS ? " ms to " : " to ")
              + most
              + (kind == Kind.MILLISECONDS ? " ms" : ""));
    }
  }

  /**
   * Checks a time and returns it in whole milliseconds.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  long checkTime(Duration value) {
    Objects.requireNonNull(value, settingName);
    long millis = value.getSeconds() > Limits.MILLIS ? Long.MAX_VALUE : value.toMillis();
    checkRange(value.isNegative() ? -1 : millis, value);
    return millis;
  }

  private long parse(String value) {
    long largest = Math.max(most, Integer.MAX_VALUE);
    try {
      long number = Long.parseLong(value.trim());
      if (number > largest) {
        throw new NumberFormatException(value);
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          settingName
              + " is \""
              + value
              + "\": give a whole number of at most "
              + largest
              + " in digits, without a unit",
          e);
    }
  }
}
