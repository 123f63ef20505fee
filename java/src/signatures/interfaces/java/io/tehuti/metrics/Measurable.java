package io.tehuti.metrics;

/** Signature of Tehuti's interface of this name; compiled against only. */
public interface Measurable {
  double measure(MetricConfig config, long now);
}
