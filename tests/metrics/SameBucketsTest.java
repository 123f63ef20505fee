package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramPointData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.Test;

/** The same values in our histograms and in those of OpenTelemetry's SDK, bucket by bucket. */
public class SameBucketsTest {
  /** Venice's, for its histograms. */
  private static final int BUCKETS = 370;

  private static final int SCALE = 5;

  @Test
  public void timesOfGets() throws Exception {
    Random random = new Random(1);
    for (int round = 0; round < 8; round++) {
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        values.add(0.05 * Math.exp(random.nextGaussian()));
      }
      compare(values);
    }
  }

  @Test
  public void rangesThatNeedACoarserScale() throws Exception {
    Random random = new Random(2);
    for (double octaves : new double[] {8, 11.5, 12, 16, 24, 50, 200}) {
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        values.add(1e-3 * Math.pow(2, random.nextDouble() * octaves));
      }
      compare(values);
    }
  }

  @Test
  public void sizes() throws Exception {
    Random random = new Random(3);
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      values.add((double) random.nextInt(1 << (1 + random.nextInt(22))));
    }
    compare(values);
  }

  @Test
  public void fewValues() throws Exception {
    Random random = new Random(4);
    for (int number = 1; number < 20; number++) {
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < number; i++) {
        values.add(random.nextDouble() * 150);
      }
      compare(values);
    }
  }

  private static void compare(List<Double> values) throws Exception {
    String[] lines = ours(values);
    String[] numbers = lines[0].split(" ");
    int scale = Integer.parseInt(numbers[0]);
    TreeMap<Integer, Long> ours = new TreeMap<>();
    String[] counts = lines[1].split(" ");
    assertTrue(counts.length + " buckets", counts.length <= BUCKETS);
    for (int i = 0; i < counts.length; i++) {
      add(ours, Integer.parseInt(numbers[1]) + i, Long.parseLong(counts[i]));
    }
    ExponentialHistogramPointData point = theirs(values);
    TreeMap<Integer, Long> theirs = new TreeMap<>();
    for (int i = 0; i < point.getPositiveBuckets().getBucketCounts().size(); i++) {
      add(
          theirs,
          point.getPositiveBuckets().getOffset() + i,
          point.getPositiveBuckets().getBucketCounts().get(i));
    }
    int common = Math.min(scale, point.getScale());
    assertEquals(down(theirs, point.getScale() - common), down(ours, scale - common));
    assertEquals(point.getZeroCount(), Long.parseLong(numbers[2]));
    assertEquals(point.getCount(), Long.parseLong(numbers[3]));
    assertEquals(point.getSum(), Double.parseDouble(numbers[4]), 1e-9 * point.getSum());
    assertEquals(point.getMin(), Double.parseDouble(numbers[5]), 0);
    assertEquals(point.getMax(), Double.parseDouble(numbers[6]), 0);
  }

  private static void add(Map<Integer, Long> buckets, int index, long count) {
    if (count > 0) {
      buckets.merge(index, count, Long::sum);
    }
  }

  private static Map<Integer, Long> down(Map<Integer, Long> buckets, int by) {
    Map<Integer, Long> merged = new TreeMap<>();
    buckets.forEach((index, count) -> add(merged, index >> by, count));
    return merged;
  }

  private static String[] ours(List<Double> values) throws Exception {
    Process process =
        new ProcessBuilder(System.getProperty("histogram_of"), Integer.toString(BUCKETS))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (PrintStream out =
        new PrintStream(process.getOutputStream(), false, StandardCharsets.UTF_8)) {
      values.forEach(out::println);
    }
    String[] lines = new String[2];
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines[0] = in.readLine();
      lines[1] = in.readLine();
    }
    assertEquals(0, process.waitFor());
    return lines;
  }

  private static ExponentialHistogramPointData theirs(List<Double> values) {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    try (SdkMeterProvider provider =
        SdkMeterProvider.builder()
            .registerMetricReader(reader)
            .registerView(
                InstrumentSelector.builder().setName("values").build(),
                View.builder()
                    .setAggregation(Aggregation.base2ExponentialBucketHistogram(BUCKETS, SCALE))
                    .build())
            .build()) {
      DoubleHistogram histogram = provider.get("test").histogramBuilder("values").build();
      values.forEach(histogram::record);
      return reader.collectAllMetrics().iterator().next().getExponentialHistogramData().getPoints()
          .iterator()
          .next();
    }
  }
}
