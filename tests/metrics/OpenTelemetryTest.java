package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.metrics.opentelemetry.RustReadServerMetricProducer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.metrics.export.AggregationTemporalitySelector;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.junit.Rule;
import org.junit.Test;

/** The metrics of a serving server, as the OpenTelemetry SDK of its JVM collects them. */
public class OpenTelemetryTest {
  private static final String CALLS = "venice.server.read.call_count";
  private static final String TIMES = "venice.server.read.call_time";
  private static final String OPEN = "venice.server.connection.active_count";
  private static final AttributeKey<String> METHOD =
      AttributeKey.stringKey("venice.request.method");
  private static final AttributeKey<String> TRANSPORT =
      AttributeKey.stringKey("venice.server.transport");

  @Rule public final MeteredStore store = new MeteredStore();

  @Test
  public void cumulativePointsCountFromTheStart() {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    try (SdkMeterProvider provider = provider(reader)) {
      store.gets(10);
      LongPointData first = gets(metric(reader, CALLS));
      store.gets(30);
      MetricData calls = metric(reader, CALLS);
      assertEquals(MetricDataType.LONG_SUM, calls.getType());
      assertEquals("NUMBER", calls.getUnit());
      assertTrue(calls.getLongSumData().isMonotonic());
      assertEquals(
          AggregationTemporality.CUMULATIVE, calls.getLongSumData().getAggregationTemporality());
      assertEquals("venice.server.rust", calls.getInstrumentationScopeInfo().getName());
      LongPointData second = gets(calls);
      assertEquals(10, first.getValue());
      assertEquals(40, second.getValue());
      assertEquals("rust_grpc", second.getAttributes().get(TRANSPORT));
      assertEquals(first.getStartEpochNanos(), second.getStartEpochNanos());
      assertTrue(first.getEpochNanos() <= second.getEpochNanos());
      assertTrue(second.getStartEpochNanos() <= second.getEpochNanos());
      ExponentialHistogramPointData times = times(metric(reader, TIMES));
      assertEquals(40, times.getCount());
      assertEquals(40, counted(times));
      assertTrue(times.hasMin() && times.getMin() > 0 && times.getMin() <= times.getMax());
      MetricData open = metric(reader, OPEN);
      assertFalse(open.getLongSumData().isMonotonic());
    }
  }

  @Test
  public void aServerThatSendsOtlpItselfGetsNoProducer() {
    ReadServerConfig config =
        ReadServerConfig.builder()
            .bindAddress("127.0.0.1")
            .metricsExporters("otlp")
            .metricsOtlpEndpoint("http://127.0.0.1:9/v1/metrics")
            .metricsOtlpInterval(Duration.ofDays(1))
            .build();
    try (RustReadServer sends = RustReadServer.start(config)) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  new RustReadServerMetricProducer(
                      sends, AggregationTemporalitySelector.alwaysCumulative()));
      assertTrue(refused.getMessage(), refused.getMessage().contains("metrics.exporters"));
      assertTrue(sends.stop(Duration.ZERO));
    }
  }

  @Test
  public void deltasCountFromTheReadBefore() {
    InMemoryMetricReader reader = InMemoryMetricReader.createDelta();
    try (SdkMeterProvider provider = provider(reader)) {
      store.gets(10);
      MetricData calls = metric(reader, CALLS);
      assertEquals(
          AggregationTemporality.DELTA, calls.getLongSumData().getAggregationTemporality());
      LongPointData first = gets(calls);
      assertEquals(10, first.getValue());
      store.gets(30);
      store.client().batchGet(store.rows.keys());
      Collection<MetricData> all = reader.collectAllMetrics();
      LongPointData second = gets(metric(all, CALLS));
      assertEquals(30, second.getValue());
      assertEquals(first.getEpochNanos(), second.getStartEpochNanos());
      ExponentialHistogramPointData times = times(metric(all, TIMES));
      assertEquals(30, times.getCount());
      assertEquals(30, counted(times));
      assertTrue(times.getSum() > 0);
      assertFalse(times.hasMin());
      LongPointData third = gets(metric(reader, CALLS));
      assertEquals(0, third.getValue());
    }
  }

  /** A reader that takes deltas sums up to what a cumulative one has. */
  @Test
  public void deltasAddUp() {
    InMemoryMetricReader deltas = InMemoryMetricReader.createDelta();
    InMemoryMetricReader sums = InMemoryMetricReader.create();
    try (SdkMeterProvider provider = provider(deltas);
        SdkMeterProvider other = provider(sums)) {
      long counted = 0;
      long[] buckets = new long[400];
      int offset = 0;
      int scale = 0;
      for (int round = 1; round <= 20; round++) {
        store.gets(round);
        ExponentialHistogramPointData times = times(metric(deltas, TIMES));
        counted += times.getCount();
        if (round > 1) {
          assertTrue("the range grew beyond one scale", times.getScale() <= scale);
        }
        long[] merged = new long[400];
        int coarser = round == 1 ? 0 : scale - times.getScale();
        int next = times.getPositiveBuckets().getOffset();
        for (int i = 0; i < buckets.length; i++) {
          if (buckets[i] > 0) {
            merged[((offset + i) >> coarser) - next] += buckets[i];
          }
        }
        for (int i = 0; i < times.getPositiveBuckets().getBucketCounts().size(); i++) {
          merged[i] += times.getPositiveBuckets().getBucketCounts().get(i);
        }
        buckets = merged;
        offset = next;
        scale = times.getScale();
      }
      ExponentialHistogramPointData all = times(metric(sums, TIMES));
      assertEquals(210, counted);
      assertEquals(210, all.getCount());
      assertEquals(scale, all.getScale());
      for (int i = 0; i < all.getPositiveBuckets().getBucketCounts().size(); i++) {
        assertEquals(
            (long) all.getPositiveBuckets().getBucketCounts().get(i),
            buckets[i + all.getPositiveBuckets().getOffset() - offset]);
      }
    }
  }

  @Test
  public void pointsAreOfOneSeriesEach() {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    try (SdkMeterProvider provider = provider(reader)) {
      store.gets(1);
      store.client().batchGet(store.rows.keys());
      Set<String> names = new HashSet<>();
      for (MetricData metric : reader.collectAllMetrics()) {
        assertTrue(metric.getName(), names.add(metric.getName()));
        assertFalse(metric.getDescription().isEmpty());
        assertFalse(metric.toString().isEmpty());
        Set<Object> series = new HashSet<>();
        for (PointData point : metric.getData().getPoints()) {
          assertTrue(point.toString(), series.add(point.getAttributes()));
          assertTrue(point.getExemplars().isEmpty());
        }
      }
      assertTrue(names.size() > 10);
    }
  }

  @Test
  public void aStoppedServerHasNothing() {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    try (SdkMeterProvider provider = provider(reader)) {
      store.gets(1);
      assertNotNull(metric(reader, CALLS));
      store.server().close();
      assertTrue(reader.collectAllMetrics().isEmpty());
    }
  }

  private SdkMeterProvider provider(InMemoryMetricReader reader) {
    return SdkMeterProvider.builder()
        .registerMetricReader(reader)
        .registerMetricProducer(new RustReadServerMetricProducer(store.server(), reader))
        .build();
  }


  private static MetricData metric(InMemoryMetricReader reader, String name) {
    return metric(reader.collectAllMetrics(), name);
  }

  private static MetricData metric(Collection<MetricData> metrics, String name) {
    for (MetricData metric : metrics) {
      if (metric.getName().equals(name)) {
        return metric;
      }
    }
    throw new AssertionError("no " + name + " in " + metrics);
  }

  private static LongPointData gets(MetricData metric) {
    return single(metric.getLongSumData().getPoints());
  }

  private static ExponentialHistogramPointData times(MetricData metric) {
    return single(metric.getExponentialHistogramData().getPoints());
  }

  private static <T extends PointData> T single(Collection<T> points) {
    for (T point : points) {
      if ("single_get".equals(point.getAttributes().get(METHOD))) {
        return point;
      }
    }
    throw new AssertionError("no single get in " + points);
  }

  private static long counted(ExponentialHistogramPointData point) {
    return point.getZeroCount() + point.getPositiveBuckets().getTotalCount();
  }
}
