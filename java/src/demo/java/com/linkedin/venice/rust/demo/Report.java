package com.linkedin.venice.rust.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Prints the results as a short table. */
final class Report {
  private static final int SAMPLE_ROWS = 5;

  private final PrintStream out;

  Report(PrintStream out) {
    this.out = out;
  }

  void store(String resource, List<Row> rows, int partitions, double seconds, String address) {
    long bytes = rows.stream().mapToLong(row -> row.key().length + row.value().length).sum();
    line(
        "%s: %,d rows, %s in %,d partitions, written in %.2f s, served on %s",
        resource, rows.size(), size(bytes), partitions, seconds, address);
    line("");
  }

  void results(ReadBack.Result single, ReadBack.Result batch) {
    line(
        "%-12s %9s %9s %9s %9s %9s %9s %9s %9s",
        "", "requests", "keys", "keys/s", "p50", "p95", "p99", "p99.9", "max");
    result("single get", single);
    result("batch get", batch);
    line(
        "latency seen by the client in this JVM after a warm-up: %d single gets in flight,"
            + " or %d batches of up to %d keys",
        ReadBack.SINGLE_GETS_IN_FLIGHT, ReadBack.BATCHES_IN_FLIGHT, ReadBack.BATCH_KEYS);
    line("");
  }

  /** Prints a few rows, spread over the input, with values as they came back over gRPC. */
  void samples(AvroInput input, List<Row> readBack) {
    for (Row row : readBack) {
      line("  %s  %s", input.keyText(row), input.valueText(row.value()));
    }
    line("");
  }

  /** Returns a few rows, spread over the input. */
  static List<Row> pickSamples(List<Row> rows) {
    int count = Math.min(SAMPLE_ROWS, rows.size());
    return IntStream.range(0, count)
        .mapToObj(i -> rows.get((int) ((long) i * rows.size() / count)))
        .toList();
  }

  void differences(String way, ReadBack.Result result) {
    if (result.firstDifference() != null) {
      line("%s: %s", way, result.firstDifference());
    }
  }

  void verdict(ReadBack.Result single, ReadBack.Result batch) {
    line(
        "%,d of %,d keys equal by single get; %,d of %,d by batch get",
        single.equal(), single.keys(), batch.equal(), batch.keys());
  }

  private void result(String name, ReadBack.Result result) {
    Histogram latency = result.latency();
    line(
        "%-12s %,9d %,9d %,9.0f %9s %9s %9s %9s %9s",
        name,
        result.requests(),
        result.keys(),
        result.keys() / result.seconds(),
        time(latency.getValueAtPercentile(50)),
        time(latency.getValueAtPercentile(95)),
        time(latency.getValueAtPercentile(99)),
        time(latency.getValueAtPercentile(99.9)),
        time(latency.getMaxValue()));
  }

  private static String time(long nanos) {
    return nanos < 1_000_000
        ? String.format(Locale.ROOT, "%d µs", nanos / 1000)
        : String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
  }

  private static String size(long bytes) {
    return bytes < 10_000_000
        ? String.format(Locale.ROOT, "%,d kB", (bytes + 500) / 1000)
        : String.format(Locale.ROOT, "%,d MB", (bytes + 500_000) / 1_000_000);
  }

  private void line(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
  }
}
