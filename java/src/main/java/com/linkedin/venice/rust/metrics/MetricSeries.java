package com.linkedin.venice.rust.metrics;

import java.util.Collections;
import java.util.Map;

/** Which series a number of a {@link MetricsSnapshot} is of. Immutable. */
public final class MetricSeries {
  private final String name;
  private final String unit;
  private final String veniceUnit;
  private final String description;
  private final MetricKind kind;
  private final boolean isTotal;
  private final Map<String, String> attributes;

  MetricSeries(
      String name,
      String unit,
      String veniceUnit,
      String description,
      MetricKind kind,
      boolean isTotal,
      Map<String, String> attributes) {
    this.name = name;
    this.unit = unit;
    this.veniceUnit = veniceUnit;
    this.description = description;
    this.kind = kind;
    this.isTotal = isTotal;
    this.attributes = Collections.unmodifiableMap(attributes);
  }

  /** The full name, {@code venice.server.read.call_time} for example. */
  public String name() {
    return name;
  }

  /** The unit as UCUM writes it: {@code ms}, {@code By}, {@code 1}. */
  public String unit() {
    return unit;
  }

  /** The unit as Venice's own metrics write it: {@code MILLISECOND}, {@code BYTES}. */
  public String veniceUnit() {
    return veniceUnit;
  }

  /** One sentence for people. */
  public String description() {
    return description;
  }

  /** What the values are. */
  public MetricKind kind() {
    return kind;
  }

  /**
   * Whether this is what the metric counted over all series that ever were, those that are gone
   * included. It has no attributes, and never falls while its server runs, unless the kind may.
   */
  public boolean isTotal() {
    return isTotal;
  }

  /** Dimensions and their values, in a fixed order; immutable. */
  public Map<String, String> attributes() {
    return attributes;
  }

  @Override
  public String toString() {
    return isTotal ? name + " (total)" : name + attributes;
  }
}
