package com.linkedin.venice.rust.metrics;

/** What the values of a metric are. */
public enum MetricKind {
  /** A sum that only grows. */
  COUNTER,
  /** A sum that may fall. */
  UP_DOWN_COUNTER,
  /** The value at the moment of reading. */
  GAUGE,
  /** A base-2 exponential histogram. */
  HISTOGRAM,
  /** Count, sum, least and greatest value. */
  SUMMARY;

  private static final MetricKind[] BY_NUMBER = values();

  static MetricKind of(long number) {
    if (number < 0 || number >= BY_NUMBER.length) {
      throw new IllegalStateException("the library sent a metric of the unknown kind " + number);
    }
    return BY_NUMBER[(int) number];
  }
}
