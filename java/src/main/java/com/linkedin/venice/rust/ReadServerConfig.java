package com.linkedin.venice.rust;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The immutable configuration of a {@link RustReadServer}.
 *
 * <p>Each builder method documents its unit, its default and its effect, and refuses a bad value at
 * once with an {@link IllegalArgumentException} that names the value and the limit. The setting
 * names ({@code port}, {@code drain.ms}, ...) are those of the server itself, so that a properties
 * file can be handed over with {@link #fromSettings}. All of them are in {@code docs/settings.md}.
 */
public final class ReadServerConfig extends SettingGetters {
  /** What was set, in the form of the settings; what is absent has its default. */
  private final EnumMap<ReadServerSetting, String> values;

  private ReadServerConfig(Builder builder) {
    values = builder.values.clone();
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

  /**
   * Reads the settings out of a Venice server's properties: {@code grpc.read.server.rust.<setting>}
   * for every setting, and for what is absent Venice's own keys where they mean the same ({@code
   * ssl.keystore.*}, {@code ssl.key.password} and {@code ssl.truststore.*} if {@code ssl.enabled},
   * {@code server.quota.enforcement.interval.in.millis} and {@code .capacity.multiple}).
   *
   * <p>Times and sizes may have a unit: {@code us}, {@code ms}, {@code s}, {@code m}, {@code h};
   * {@code B}, {@code KiB}, {@code MiB}, {@code GiB}, and {@code KB}, {@code MB}, {@code GB}, which
   * are the same, as in Venice. Other properties are not looked at, nor are {@code
   * grpc.read.server.rust.enabled}, {@code .quota.mode} and {@code .d2.*}, which belong to others.
   *
   * @throws IllegalArgumentException if there is no setting of a name, with the nearest one there
   *     is, or a value is bad
   */
  public static ReadServerConfig fromProperties(Map<String, String> properties) {
    return builder().properties(properties).build();
  }

  /**
   * Returns {@code grpc.read.server.rust.enabled}, by default false: whether a Venice server is to
   * have a Rust server.
   *
   * @throws IllegalArgumentException if it is neither true nor false
   */
  public static boolean enabledBy(Map<String, String> properties) {
    return PropertyReader.enabled(properties);
  }

  /** Returns name, value, name, value..., the form in which native code takes the settings. */
  String[] toSettings() {
    return values.entrySet().stream()
        .flatMap(entry -> Stream.of(entry.getKey().settingName(), entry.getValue()))
        .toArray(String[]::new);
  }

  /** Returns whether there are files of TLS, which are followed as {@code tls.reload.ms} says. */
  boolean hasTlsFiles() {
    return tlsKeyStore().isPresent();
  }

  @Override
  String text(ReadServerSetting setting) {
    return values.getOrDefault(setting, setting.allowed().defaultValue());
  }

  private static ReadServerSetting named(String name) {
    Objects.requireNonNull(name, "name");
    ReadServerSetting[] all = ReadServerSetting.values();
    return Arrays.stream(all)
        .filter(setting -> setting.settingName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no setting \""
                        + SettingValues.shown(name)
                        + "\": use one of "
                        + Arrays.stream(all)
                            .map(ReadServerSetting::settingName)
                            .collect(Collectors.joining(", "))));
  }

  /** Whether a client has to show a certificate. */
  public enum ClientAuth {
    /** Without one there is no connection. */
    REQUIRED,
    /** It need not; what it shows has to be trusted. */
    OPTIONAL,
    /** It is not asked for one. */
    NONE
  }

  /** Builds a {@link ReadServerConfig}. Not thread-safe. */
  public static final class Builder extends SettingSetters {
    private final EnumMap<ReadServerSetting, String> values =
        new EnumMap<>(ReadServerSetting.class);

    private Builder() {}

    /**
     * Sets {@code tls.key.store} and {@code tls.key.store.password}.
     *
     * @param password null for PEM
     */
    public Builder tlsKeyStore(Path file, String password) {
      tlsKeyStore(file);
      return password == null ? this : tlsKeyStorePassword(password);
    }

    /**
     * Sets {@code tls.trust.store} and {@code tls.trust.store.password}.
     *
     * @param password null for PEM, and for JKS that need not be checked for changes
     */
    public Builder tlsTrustStore(Path file, String password) {
      tlsTrustStore(file);
      return password == null ? this : tlsTrustStorePassword(password);
    }

    /** Sets {@code tls.client.auth}. Default {@link ClientAuth#REQUIRED}. */
    public Builder tlsClientAuth(ClientAuth value) {
      return tlsClientAuth(value.name().toLowerCase(Locale.ROOT));
    }

    /**
     * Sets one setting by its name.
     *
     * @throws IllegalArgumentException if the name is unknown or the value is bad
     */
    public Builder set(String name, String value) {
      return put(named(name), value);
    }

    /**
     * Sets what a Venice server's properties set, as {@link ReadServerConfig#fromProperties}.
     *
     * @throws IllegalArgumentException if a name is unknown or a value is bad
     */
    public Builder properties(Map<String, String> properties) {
      PropertyReader.read(properties, this);
      return this;
    }

    /** Returns the configuration. */
    public ReadServerConfig build() {
      return new ReadServerConfig(this);
    }

    @Override
    Builder put(ReadServerSetting setting, String value) {
      values.put(setting, setting.allowed().check(setting.settingName(), value));
      return this;
    }

    @Override
    Builder put(ReadServerSetting setting, long value) {
      values.put(setting, setting.allowed().checkRange(setting.settingName(), value, value));
      return this;
    }

    @Override
    Builder put(ReadServerSetting setting, Duration value) {
      long millis = setting.allowed().checkTime(setting.settingName(), value);
      values.put(setting, Long.toString(millis));
      return this;
    }
  }
}
