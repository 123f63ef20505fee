package io.tehuti.metrics;

import io.tehuti.Metric;

/** Signature of Tehuti's class of this name; compiled against only. */
public class MetricsRepository {
  public Metric addMetric(String name, Measurable measurable) {
    return null;
  }
}
