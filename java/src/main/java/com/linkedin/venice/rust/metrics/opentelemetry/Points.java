package com.linkedin.venice.rust.metrics.opentelemetry;

import com.linkedin.venice.rust.metrics.MetricKind;
import com.linkedin.venice.rust.metrics.MetricSeries;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.Data;
import io.opentelemetry.sdk.metrics.data.DoubleExemplarData;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramBuckets;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramData;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramPointData;
import io.opentelemetry.sdk.metrics.data.GaugeData;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongExemplarData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.metrics.data.SumData;
import io.opentelemetry.sdk.resources.Resource;
import java.util.AbstractList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * The SDK's points and metrics. Their interfaces are public since 1.x, what makes them only since
 * 1.68; so they are implemented here.
 */
final class Points {
  private Points() {}

  static MetricData metric(
      Resource resource,
      InstrumentationScopeInfo scope,
      MetricSeries series,
      boolean isDouble,
      AggregationTemporality temporality,
      List<? extends Point> points) {
    MetricDataType type;
    Data<?> data;
    switch (series.kind()) {
      case HISTOGRAM:
        type = MetricDataType.EXPONENTIAL_HISTOGRAM;
        data = new ExponentialHistograms(temporality, points);
        break;
      case SUMMARY:
        type = MetricDataType.HISTOGRAM;
        data = new Histograms(temporality, points);
        break;
      case GAUGE:
        type = isDouble ? MetricDataType.DOUBLE_GAUGE : MetricDataType.LONG_GAUGE;
        data = new Gauges<>(points);
        break;
      default:
        type = isDouble ? MetricDataType.DOUBLE_SUM : MetricDataType.LONG_SUM;
        data = new Sums<>(temporality, series.kind() == MetricKind.COUNTER, points);
        break;
    }
    return new Metric(resource, scope, series, type, data);
  }

  /** A value of a series, and the time it is of. */
  abstract static class Point implements PointData {
    private final long start;
    private final long end;
    private final Attributes attributes;

    Point(long start, long end, Attributes attributes) {
      this.start = start;
      this.end = end;
      this.attributes = attributes;
    }

    @Override
    public long getStartEpochNanos() {
      return start;
    }

    @Override
    public long getEpochNanos() {
      return end;
    }

    @Override
    public Attributes getAttributes() {
      return attributes;
    }

    abstract String value();

    @Override
    public String toString() {
      return attributes + " from " + start + " to " + end + ": " + value();
    }
  }

  static final class LongNumber extends Point implements LongPointData {
    private final long value;

    LongNumber(long start, long end, Attributes attributes, long value) {
      super(start, end, attributes);
      this.value = value;
    }

    @Override
    public long getValue() {
      return value;
    }

    @Override
    public List<LongExemplarData> getExemplars() {
      return Collections.emptyList();
    }

    @Override
    String value() {
      return Long.toString(value);
    }
  }

  static final class DoubleNumber extends Point implements DoublePointData {
    private final double value;

    DoubleNumber(long start, long end, Attributes attributes, double value) {
      super(start, end, attributes);
      this.value = value;
    }

    @Override
    public double getValue() {
      return value;
    }

    @Override
    public List<DoubleExemplarData> getExemplars() {
      return Collections.emptyList();
    }

    @Override
    String value() {
      return Double.toString(value);
    }
  }

  /** Count, sum, least and greatest value; NaN where the last two are not known. */
  abstract static class Spread extends Point {
    private final long count;
    private final double sum;
    private final double min;
    private final double max;

    Spread(
        long start,
        long end,
        Attributes attributes,
        long count,
        double sum,
        double min,
        double max) {
      super(start, end, attributes);
      this.count = count;
      this.sum = sum;
      this.min = min;
      this.max = max;
    }

    public long getCount() {
      return count;
    }

    public double getSum() {
      return sum;
    }

    public boolean hasMin() {
      return count > 0 && !Double.isNaN(min);
    }

    public double getMin() {
      return min;
    }

    public boolean hasMax() {
      return count > 0 && !Double.isNaN(max);
    }

    public double getMax() {
      return max;
    }

    @Override
    public List<DoubleExemplarData> getExemplars() {
      return Collections.emptyList();
    }

    @Override
    String value() {
      return "count " + count + ", sum " + sum + ", min " + min + ", max " + max;
    }
  }

  static final class Distribution extends Spread implements HistogramPointData {
    Distribution(
        long start,
        long end,
        Attributes attributes,
        long count,
        double sum,
        double min,
        double max) {
      super(start, end, attributes, count, sum, min, max);
    }

    @Override
    public List<Double> getBoundaries() {
      return Collections.emptyList();
    }

    @Override
    public List<Long> getCounts() {
      return Collections.singletonList(getCount());
    }
  }

  static final class Exponential extends Spread implements ExponentialHistogramPointData {
    private final long zeros;
    private final Buckets positive;

    Exponential(
        long start,
        long end,
        Attributes attributes,
        long count,
        double sum,
        double min,
        double max,
        long zeros,
        Buckets positive) {
      super(start, end, attributes, count, sum, min, max);
      this.zeros = zeros;
      this.positive = positive;
    }

    @Override
    public int getScale() {
      return positive.getScale();
    }

    @Override
    public long getZeroCount() {
      return zeros;
    }

    @Override
    public ExponentialHistogramBuckets getPositiveBuckets() {
      return positive;
    }

    @Override
    public ExponentialHistogramBuckets getNegativeBuckets() {
      return new Buckets(getScale(), 0, new long[0]);
    }

    @Override
    String value() {
      return super.value() + ", scale " + getScale() + ", zeros " + zeros + ", " + positive;
    }
  }

  static final class Buckets extends AbstractList<Long> implements ExponentialHistogramBuckets {
    private final int scale;
    private final int offset;
    private final long[] counts;

    Buckets(int scale, int offset, long[] counts) {
      this.scale = scale;
      this.offset = offset;
      this.counts = counts;
    }

    @Override
    public int getScale() {
      return scale;
    }

    @Override
    public int getOffset() {
      return offset;
    }

    @Override
    public List<Long> getBucketCounts() {
      return this;
    }

    @Override
    public long getTotalCount() {
      long total = 0;
      for (long count : counts) {
        total += count;
      }
      return total;
    }

    @Override
    public Long get(int index) {
      return counts[index];
    }

    @Override
    public int size() {
      return counts.length;
    }
  }

  private abstract static class Values<T extends PointData> implements Data<T> {
    private final Collection<T> points;

    /** {@code points} are {@code T}s: the kind of the series made them. */
    @SuppressWarnings("unchecked")
    Values(List<? extends Point> points) {
      this.points = (Collection<T>) Collections.unmodifiableList(points);
    }

    @Override
    public Collection<T> getPoints() {
      return points;
    }
  }

  private static final class Gauges<T extends PointData> extends Values<T>
      implements GaugeData<T> {
    Gauges(List<? extends Point> points) {
      super(points);
    }
  }

  /** Values that were counted over a time. */
  private abstract static class CountedValues<T extends PointData> extends Values<T> {
    private final AggregationTemporality temporality;

    CountedValues(AggregationTemporality temporality, List<? extends Point> points) {
      super(points);
      this.temporality = temporality;
    }

    public AggregationTemporality getAggregationTemporality() {
      return temporality;
    }
  }

  private static final class Sums<T extends PointData> extends CountedValues<T>
      implements SumData<T> {
    private final boolean monotonic;

    Sums(
        AggregationTemporality temporality, boolean monotonic, List<? extends Point> points) {
      super(temporality, points);
      this.monotonic = monotonic;
    }

    @Override
    public boolean isMonotonic() {
      return monotonic;
    }
  }

  private static final class Histograms extends CountedValues<HistogramPointData>
      implements HistogramData {
    Histograms(AggregationTemporality temporality, List<? extends Point> points) {
      super(temporality, points);
    }
  }

  private static final class ExponentialHistograms
      extends CountedValues<ExponentialHistogramPointData> implements ExponentialHistogramData {
    ExponentialHistograms(AggregationTemporality temporality, List<? extends Point> points) {
      super(temporality, points);
    }
  }

  private static final class Metric implements MetricData {
    private final Resource resource;
    private final InstrumentationScopeInfo scope;
    private final MetricSeries series;
    private final MetricDataType type;
    private final Data<?> data;

    Metric(
        Resource resource,
        InstrumentationScopeInfo scope,
        MetricSeries series,
        MetricDataType type,
        Data<?> data) {
      this.resource = resource;
      this.scope = scope;
      this.series = series;
      this.type = type;
      this.data = data;
    }

    @Override
    public Resource getResource() {
      return resource;
    }

    @Override
    public InstrumentationScopeInfo getInstrumentationScopeInfo() {
      return scope;
    }

    @Override
    public String getName() {
      return series.name();
    }

    @Override
    public String getDescription() {
      return series.description();
    }

    @Override
    public String getUnit() {
      return series.veniceUnit().isEmpty() ? series.unit() : series.veniceUnit();
    }

    @Override
    public MetricDataType getType() {
      return type;
    }

    @Override
    public Data<?> getData() {
      return data;
    }

    @Override
    public String toString() {
      return series.name() + " (" + type + ", " + getUnit() + ") " + data.getPoints();
    }
  }
}
