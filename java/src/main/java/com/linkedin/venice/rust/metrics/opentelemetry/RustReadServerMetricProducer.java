package com.linkedin.venice.rust.metrics.opentelemetry;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.metrics.MetricKind;
import com.linkedin.venice.rust.metrics.MetricSeries;
import com.linkedin.venice.rust.metrics.MetricsInterval;
import com.linkedin.venice.rust.metrics.MetricsReader;
import com.linkedin.venice.rust.metrics.MetricsSnapshot;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.AggregationTemporalitySelector;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.opentelemetry.sdk.resources.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Hands the metrics of a read server to the OpenTelemetry of its JVM, which exports them beside its
 * own:
 *
 * <pre>{@code
 * SdkMeterProvider.builder()
 *     .registerMetricReader(reader)
 *     .registerMetricProducer(new RustReadServerMetricProducer(server, reader))
 *     .build();
 * }</pre>
 *
 * <p>Names, units and dimensions are those of Venice (docs/metrics.md). The scope is another than
 * that of the Java server, and {@code venice.server.transport} is {@code rust_grpc}, so that points
 * of both never have the same identity.
 *
 * <p>OpenTelemetry does not convert what a producer hands out: the temporality has to be that of the
 * reader. With deltas each point counts from the read before, so a producer is for one reader.
 *
 * <p>Thread-safe. When the server was stopped there is nothing to hand out.
 */
public final class RustReadServerMetricProducer implements MetricProducer {
  /** The name of the scope, unless another is given. */
  public static final String DEFAULT_SCOPE = "venice.server.rust";

  private final MetricsReader reader;
  private final MetricsInterval interval = new MetricsInterval();
  private final InstrumentationScopeInfo scope;
  private final AggregationTemporalitySelector temporality;
  private List<MetricSeries> series = Collections.emptyList();
  private Attributes[] attributes = new Attributes[0];
  private List<int[]> metrics = Collections.emptyList();

  /** Creates a producer in the scope {@value #DEFAULT_SCOPE}. */
  public RustReadServerMetricProducer(
      RustReadServer server, AggregationTemporalitySelector temporality) {
    this(server, temporality, DEFAULT_SCOPE);
  }

  /**
   * Creates a producer.
   *
   * @param server what is read
   * @param temporality what the reader prefers: the reader itself, or its exporter
   * @param scope the name of the instrumentation scope: {@code venice.<prefix>.rust}
   * @throws IllegalArgumentException if the server sends the same series by OTLP itself
   */
  public RustReadServerMetricProducer(
      RustReadServer server, AggregationTemporalitySelector temporality, String scope) {
    this.reader = new MetricsReader(server);
    if (server.sendsOtlp()) {
      throw new IllegalArgumentException(
          "the read server sends these metrics by OTLP itself (setting metrics.exporters): make no"
              + " producer, or set it to none or prometheus");
    }
    this.temporality = Objects.requireNonNull(temporality, "temporality");
    this.scope = InstrumentationScopeInfo.create(Objects.requireNonNull(scope, "scope"));
  }

  @Override
  public synchronized Collection<MetricData> produce(Resource resource) {
    MetricsSnapshot now;
    try {
      now = reader.read();
    } catch (ReadServerException stopped) {
      return Collections.emptyList();
    }
    if (now.series() != series) {
      sort(now.series());
    }
    interval.advance(now);
    List<MetricData> produced = new ArrayList<>(metrics.size());
    for (int[] indexes : metrics) {
      produced.add(metric(resource, now, indexes));
    }
    return produced;
  }

  /** Puts the series of a metric together, and leaves totals out: they count the same again. */
  private void sort(List<MetricSeries> next) {
    Map<String, List<Integer>> names = new LinkedHashMap<>();
    attributes = new Attributes[next.size()];
    for (int i = 0; i < next.size(); i++) {
      if (next.get(i).isTotal()) {
        continue;
      }
      AttributesBuilder builder = Attributes.builder();
      next.get(i).attributes().forEach(builder::put);
      attributes[i] = builder.build();
      names.computeIfAbsent(next.get(i).name(), name -> new ArrayList<>()).add(i);
    }
    metrics = new ArrayList<>(names.size());
    for (List<Integer> indexes : names.values()) {
      metrics.add(indexes.stream().mapToInt(Integer::intValue).toArray());
    }
    series = next;
  }

  private MetricData metric(Resource resource, MetricsSnapshot now, int[] indexes) {
    MetricSeries first = now.series().get(indexes[0]);
    boolean delta = isDelta(first.kind());
    List<Points.Point> points = new ArrayList<>(indexes.length);
    for (int index : indexes) {
      points.add(point(now, index, first.kind(), delta));
    }
    AggregationTemporality temporality =
        delta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
    boolean isDouble = now.isDouble(indexes[0]);
    return Points.metric(resource, scope, first, isDouble, temporality, points);
  }

  private boolean isDelta(MetricKind kind) {
    InstrumentType type;
    switch (kind) {
      case COUNTER:
        type = InstrumentType.COUNTER;
        break;
      case UP_DOWN_COUNTER:
        type = InstrumentType.UP_DOWN_COUNTER;
        break;
      case GAUGE:
        return false;
      default:
        type = InstrumentType.HISTOGRAM;
        break;
    }
    return temporality.getAggregationTemporality(type) == AggregationTemporality.DELTA;
  }

  private Points.Point point(MetricsSnapshot now, int index, MetricKind kind, boolean delta) {
    long start = delta ? interval.startUnixNanos(index) : now.startUnixNanos(index);
    // What a delta had for least and greatest value is not known, but for the first.
    boolean bounds = !delta || interval.isFirst(index);
    Attributes labels = attributes[index];
    long end = now.timeUnixNanos();
    switch (kind) {
      case HISTOGRAM:
        long[] counts = new long[now.buckets(index)];
        for (int i = 0; i < counts.length; i++) {
          counts[i] = delta ? interval.bucket(index, i) : now.bucket(index, i);
        }
        return new Points.Exponential(
            start,
            end,
            labels,
            delta ? interval.count(index) : now.count(index),
            delta ? interval.sum(index) : now.sum(index),
            bounds ? now.min(index) : Double.NaN,
            bounds ? now.max(index) : Double.NaN,
            delta ? interval.zeroCount(index) : now.zeroCount(index),
            new Points.Buckets(now.scale(index), now.offset(index), counts));
      case SUMMARY:
        return new Points.Distribution(
            start,
            end,
            labels,
            delta ? interval.count(index) : now.count(index),
            delta ? interval.sum(index) : now.sum(index),
            bounds ? now.min(index) : Double.NaN,
            bounds ? now.max(index) : Double.NaN);
      default:
        if (now.isDouble(index)) {
          double value = delta ? interval.doubleValue(index) : now.doubleValue(index);
          return new Points.DoubleNumber(start, end, labels, value);
        }
        long value = delta ? interval.longValue(index) : now.longValue(index);
        return new Points.LongNumber(start, end, labels, value);
    }
  }
}
