package com.linkedin.venice.rust.demo;

import com.linkedin.venice.rust.metrics.MetricKind;
import com.linkedin.venice.rust.metrics.MetricSeries;
import com.linkedin.venice.rust.metrics.MetricsSnapshot;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints what the server itself counted while it was read, as a short table. */
final class MetricsTable {
  private static final String PREFIX = "venice.server.";

  /** What tells most of a server's work; docs/metrics.md has all. */
  private static final List<String> SHOWN =
      List.of(
          "read.call_count",
          "read.call_time",
          "read.request.key_count",
          "read.response.size",
          "read.cpu_time",
          "storage_engine.query.time",
          "storage_engine.queue.wait_time",
          "connection.request_count",
          "request.refused_count",
          "client_memory.size",
          "worker.busy_time",
          "thread_pool.thread.max_count");

  /** Attributes that are the same for all series here, or repeat another. */
  private static final List<String> LEFT_OUT =
      List.of(
          "venice.cluster.name",
          "venice.server.transport",
          "venice.store.name",
          "http.response.status_code_category",
          "venice.response.status_code_category");

  private final PrintStream out;

  MetricsTable(PrintStream out) {
    this.out = out;
  }

  /** Prints the series of {@code now} that have counted something. */
  void print(MetricsSnapshot now) {
    line("");
    line(
        "%-56s %-9s %10s %9s %9s %9s",
        "counted by the server, warm-ups included", "unit", "count", "p50", "p99", "max");
    for (String name : SHOWN) {
      for (int i = 0; i < now.series().size(); i++) {
        MetricSeries series = now.series().get(i);
        if (!series.isTotal() && series.name().equals(PREFIX + name)) {
          print(now, i, name + attributes(series));
        }
      }
    }
  }

  private void print(MetricsSnapshot now, int index, String label) {
    MetricSeries series = now.series().get(index);
    String unit = series.unit();
    if (now.isHistogram(index)) {
      line(
          "%-56s %-9s %,10d %9s %9s %9s",
          label,
          unit,
          now.count(index),
          number(now.quantile(index, 0.5)),
          number(now.quantile(index, 0.99)),
          number(now.max(index)));
    } else if (series.kind() != MetricKind.COUNTER || now.doubleValue(index) > 0) {
      line("%-56s %-9s %10s", label, unit, number(now.doubleValue(index)));
    }
  }

  private static String attributes(MetricSeries series) {
    String values =
        series.attributes().entrySet().stream()
            .filter(attribute -> !LEFT_OUT.contains(attribute.getKey()))
            .sorted(Map.Entry.comparingByKey())
            .map(Map.Entry::getValue)
            .collect(Collectors.joining(", "));
    return values.isEmpty() ? "" : " (" + values + ")";
  }

  private static String number(double value) {
    boolean whole = value == Math.rint(value) || value >= 1000;
    return String.format(Locale.ROOT, whole ? "%,.0f" : "%.3f", value);
  }

  private void line(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
  }
}
