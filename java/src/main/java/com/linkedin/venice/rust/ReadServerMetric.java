package com.linkedin.venice.rust;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A number that a read server counted: see {@link RustReadServer#metrics()}. Immutable; two are
 * equal when name, dimensions and value are.
 */
public final class ReadServerMetric {
  private final String name;
  private final Map<String, String> dimensions;
  private final long value;

  /**
   * Creates one, for tests of those who read metrics.
   *
   * @param dimensions copied; their order is kept
   */
  public ReadServerMetric(String name, Map<String, String> dimensions, long value) {
    this.name = Objects.requireNonNull(name, "name");
    this.dimensions = Collections.unmodifiableMap(new LinkedHashMap<>(dimensions));
    this.value = value;
  }

  /** The name that Venice's server has for it, without {@code venice.server.}. */
  public String name() {
    return name;
  }

  /** What it is about, by name and value; immutable. */
  public Map<String, String> dimensions() {
    return dimensions;
  }

  /** The count, which only grows while its subject is there. */
  public long value() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof ReadServerMetric)) {
      return false;
    }
    ReadServerMetric that = (ReadServerMetric) other;
    return value == that.value && name.equals(that.name) && dimensions.equals(that.dimensions);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, dimensions, value);
  }

  @Override
  public String toString() {
    return name + dimensions + " " + value;
  }

  /**
   * Reads what the library hands over: of each number its name, how many dimensions it has, name
   * and value of each of them, and the value.
   */
  static List<ReadServerMetric> parse(String[] texts) {
    List<ReadServerMetric> metrics = new ArrayList<>();
    int at = 0;
    while (at < texts.length) {
      String name = texts[at++];
      Map<String, String> dimensions = new LinkedHashMap<>();
      for (int left = Integer.parseInt(texts[at++]); left > 0; left--) {
        dimensions.put(texts[at++], texts[at++]);
      }
      long value = Long.parseLong(texts[at++]);
      metrics.add(new ReadServerMetric(name, dimensions, value));
    }
    return Collections.unmodifiableList(metrics);
  }
}
