package com.linkedin.venice.rust;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the settings out of a Venice server's properties: names with a prefix, values with units. */
final class PropertyReader {
  /** What the properties of the Rust server begin with, as Venice's {@code grpc.read.server.*}. */
  static final String PREFIX = "grpc.read.server.rust.";

  static final String ENABLED = "enabled";

  /** Names that belong to others: the switch, the adapter. Those of discovery begin with d2. */
  private static final Set<String> OF_OTHERS =
      new HashSet<>(Arrays.asList(ENABLED, "quota.mode"));

  private static final String DISCOVERY = "d2.";

  /** Keys of Venice (its CommonConfigKeys and ConfigKeys) that mean what a setting means. */
  private static final Map<String, ReadServerSetting> OF_VENICE = ofVenice();

  private static final String SSL_ENABLED = "ssl.enabled";

  private static final Pattern WITH_UNIT = Pattern.compile("\\s*(-?\\d+)\\s*([A-Za-z]+)\\s*");

  private PropertyReader() {}

  private static Map<String, ReadServerSetting> ofVenice() {
    Map<String, ReadServerSetting> keys = new LinkedHashMap<>();
    keys.put("ssl.keystore.location", ReadServerSetting.TLS_KEY_STORE);
    keys.put("ssl.keystore.type", ReadServerSetting.TLS_KEY_STORE_TYPE);
    keys.put("ssl.keystore.password", ReadServerSetting.TLS_KEY_STORE_PASSWORD);
    keys.put("ssl.key.password", ReadServerSetting.TLS_KEY_PASSWORD);
    keys.put("ssl.truststore.location", ReadServerSetting.TLS_TRUST_STORE);
    keys.put("ssl.truststore.type", ReadServerSetting.TLS_TRUST_STORE_TYPE);
    keys.put("ssl.truststore.password", ReadServerSetting.TLS_TRUST_STORE_PASSWORD);
    keys.put("server.quota.enforcement.interval.in.millis", ReadServerSetting.QUOTA_INTERVAL);
    keys.put("server.quota.enforcement.capacity.multiple", ReadServerSetting.QUOTA_CAPACITY_MULTIPLE);
    return Collections.unmodifiableMap(keys);
  }

  /** Reads {@code grpc.read.server.rust.enabled}. */
  static boolean enabled(Map<String, String> properties) {
    String value = properties.getOrDefault(PREFIX + ENABLED, "false").trim();
    if (value.equalsIgnoreCase("true")) {
      return true;
    }
    if (value.equalsIgnoreCase("false")) {
      return false;
    }
    throw new IllegalArgumentException(
        PREFIX + ENABLED + " is \"" + SettingValues.shown(value) + "\": give true or false");
  }

  /** Sets what the properties set; those of Venice first, so that ours win. */
  static void read(Map<String, String> properties, ReadServerConfig.Builder into) {
    boolean tls = "true".equalsIgnoreCase(trimmed(properties.get(SSL_ENABLED)));
    OF_VENICE.forEach(
        (key, setting) -> {
          String value = properties.get(key);
          if (value != null && !value.trim().isEmpty() && (tls || !key.startsWith("ssl."))) {
            set(key, setting, value, into);
          }
        });
    properties.forEach(
        (key, value) -> {
          if (key.startsWith(PREFIX)) {
            String name = key.substring(PREFIX.length());
            if (!OF_OTHERS.contains(name) && !name.startsWith(DISCOVERY)) {
              set(key, named(key, name), value, into);
            }
          }
        });
  }

  private static String trimmed(String text) {
    return text == null ? null : text.trim();
  }

  private static void set(
      String key, ReadServerSetting setting, String value, ReadServerConfig.Builder into) {
    if (value == null) {
      throw new IllegalArgumentException(key + " has no value");
    }
    into.put(setting, setting.allowed().unit().isEmpty() ? value : inUnit(key, setting, value));
  }

  /** Turns {@code 10s} and {@code 64MiB} into the number that the setting takes. */
  private static String inUnit(String key, ReadServerSetting setting, String value) {
    Matcher parts = WITH_UNIT.matcher(value);
    if (!parts.matches()) {
      return value;
    }
    String unit = parts.group(2).toLowerCase(Locale.ROOT);
    String of = setting.allowed().unit();
    long factor;
    long divisor = 1;
    switch (of) {
      case "milliseconds":
      case "microseconds":
        factor = micros(unit);
        divisor = of.equals("milliseconds") ? 1_000 : 1;
        break;
      case "bytes":
        factor = bytes(unit);
        break;
      default:
        factor = 0;
        break;
    }
    if (factor == 0) {
      throw new IllegalArgumentException(
          key + " is \"" + SettingValues.shown(value) + "\": " + units(of));
    }
    try {
      long scaled = Math.multiplyExact(Long.parseLong(parts.group(1)), factor);
      if (scaled % divisor != 0) {
        throw new IllegalArgumentException(
            key + " is \"" + SettingValues.shown(value) + "\": give whole milliseconds");
      }
      return Long.toString(scaled / divisor);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          key
              + " is \""
              + SettingValues.shown(value)
              + "\": give a value of at most "
              + setting.allowed().max()
              + " "
              + of,
          e);
    }
  }

  private static String units(String unit) {
    switch (unit) {
      case "milliseconds":
      case "microseconds":
        return "give a number of " + unit + ", or one with the unit us, ms, s, m or h";
      case "bytes":
        return "give a number of bytes, or one with the unit B, KiB, MiB or GiB (KB, MB and GB are"
            + " the same, as in Venice)";
      default:
        return "give a number of " + unit + ", without a unit";
    }
  }

  private static long micros(String unit) {
    switch (unit) {
      case "us":
        return 1;
      case "ms":
        return 1_000;
      case "s":
        return 1_000_000;
      case "m":
        return 60_000_000;
      case "h":
        return 3_600_000_000L;
      default:
        return 0;
    }
  }

  /** KB and the like are powers of 1024 in Venice (its VeniceProperties), and so here. */
  private static long bytes(String unit) {
    switch (unit) {
      case "b":
        return 1;
      case "kib":
      case "kb":
        return 1L << 10;
      case "mib":
      case "mb":
        return 1L << 20;
      case "gib":
      case "gb":
        return 1L << 30;
      default:
        return 0;
    }
  }

  private static ReadServerSetting named(String key, String name) {
    List<String> names = new ArrayList<>(OF_OTHERS);
    for (ReadServerSetting setting : ReadServerSetting.values()) {
      if (setting.settingName().equals(name)) {
        return setting;
      }
      names.add(setting.settingName());
    }
    String nearest = Collections.min(names, (a, b) -> distance(name, a) - distance(name, b));
    throw new IllegalArgumentException(
        "there is no property "
            + SettingValues.shown(key)
            + ": the nearest is "
            + PREFIX
            + nearest
            + ", and docs/settings.md has all");
  }

  /** How many letters have to be put in, left out or changed: Levenshtein's distance. */
  private static int distance(String from, String to) {
    // A name of any length comes from outside; what is much longer than ours is near none of them.
    String name = SettingValues.shown(from);
    int[] before = new int[to.length() + 1];
    for (int j = 0; j < before.length; j++) {
      before[j] = j;
    }
    for (int i = 1; i <= name.length(); i++) {
      int[] now = new int[before.length];
      now[0] = i;
      for (int j = 1; j < now.length; j++) {
        int changed = before[j - 1] + (name.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        now[j] = Math.min(changed, Math.min(before[j], now[j - 1]) + 1);
      }
      before = now;
    }
    return before[to.length()];
  }
}
