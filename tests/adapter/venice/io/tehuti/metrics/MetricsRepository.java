package io.tehuti.metrics;

import io.tehuti.Metric;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stand-in for Tehuti's class of this name, as far as a name is a metric's once and for all. */
public class MetricsRepository {
  /** What happened in a server, in order, for tests. */
  public final List<String> events = new CopyOnWriteArrayList<>();

  private final Map<String, Metric> metrics = new ConcurrentHashMap<>();

  public Metric getMetric(String name) {
    return metrics.get(name);
  }

  public Metric addMetric(String name, Measurable measurable) {
    Metric metric =
        new Metric() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public double value() {
            return measurable.measure(new MetricConfig(), System.currentTimeMillis());
          }
        };
    if (metrics.putIfAbsent(name, metric) != null) {
      throw new IllegalArgumentException(
          "A metric named '" + name + "' already exists, can't register another one.");
    }
    return metric;
  }

  public Map<String, ? extends Metric> metrics() {
    return metrics;
  }
}
