package com.linkedin.venice.rust.metrics;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was counted between one read and the next. Counters and histograms of a {@link
 * MetricsSnapshot} count from their start; who wants the last minute alone has one of these beside
 * its reader:
 *
 * <pre>{@code
 * MetricsSnapshot now = reader.read();
 * interval.advance(now);
 * for (int i = 0; i < now.series().size(); i++) {
 *   if (now.isHistogram(i)) {
 *     System.out.println(now.series().get(i) + " " + interval.count(i) + " p99 " + interval.quantile(i, 0.99));
 *   }
 * }
 * }</pre>
 *
 * <p>A series that is new, or began anew, has its interval from its own start. Makes no garbage
 * while no series come or go, and ranges do not grow. Not thread-safe.
 */
public final class MetricsInterval {
  private Map<String, Counted> known = new HashMap<>();
  private List<MetricSeries> series = Collections.emptyList();
  private Counted[] counted = new Counted[0];
  private long epoch;

  /** Creates one in which the first interval begins with the start of each series. */
  public MetricsInterval() {}

  /** Ends the interval, and begins the next one. {@code now} has to come from one reader always. */
  public void advance(MetricsSnapshot now) {
    if (now.epoch() != epoch) {
      epoch = now.epoch();
      known = new HashMap<>();
      series = Collections.emptyList();
    }
    if (now.series() != series) {
      adopt(now.series());
    }
    for (int i = 0; i < counted.length; i++) {
      counted[i].advance(now, i);
    }
  }

  private void adopt(List<MetricSeries> next) {
    Map<String, Counted> before = known;
    known = new HashMap<>();
    counted = new Counted[next.size()];
    for (int i = 0; i < counted.length; i++) {
      String name = next.get(i).toString();
      Counted same = before.get(name);
      counted[i] = same == null ? new Counted() : same;
      known.put(name, counted[i]);
    }
    series = next;
  }

  /** When the interval of a series began, in nanoseconds since 1970. */
  public long startUnixNanos(int index) {
    return of(index).from;
  }

  /** Whether the interval is the first of its series, so that the snapshot's values are its own. */
  public boolean isFirst(int index) {
    return of(index).first;
  }

  /** How much a counter of whole numbers grew, or a sum changed; how many values a distribution had. */
  public long longValue(int index) {
    return of(index).whole;
  }

  /** How much a counter grew, or a sum changed; the sum of the values of a distribution. */
  public double doubleValue(int index) {
    return of(index).sum;
  }

  /** How many values a distribution had. */
  public long count(int index) {
    return of(index).whole;
  }

  /** The sum of the values of a distribution. */
  public double sum(int index) {
    return of(index).sum;
  }

  /** How many values of a histogram were 0. */
  public long zeroCount(int index) {
    return of(index).zeros;
  }

  /**
   * How many values were in a bucket of a histogram. Scale, offset and number of buckets are those
   * of the snapshot.
   */
  public long bucket(int index, int bucket) {
    Counted of = of(index);
    if (bucket < 0 || bucket >= of.buckets) {
      throw new IndexOutOfBoundsException(
          "bucket " + bucket + " of " + series.get(index) + ", which has " + of.buckets);
    }
    return of.grown[bucket];
  }

  /** As {@link MetricsSnapshot#quantile}, of the interval. */
  public double quantile(int index, double quantile) {
    return of(index).quantile(quantile);
  }

  private Counted of(int index) {
    if (index < 0 || index >= counted.length) {
      throw new IndexOutOfBoundsException("series " + index + " of " + counted.length);
    }
    return counted[index];
  }

  /** One series: what it had at the last look, and by how much that is more than at the one before. */
  private static final class Counted {
    private long start = Long.MIN_VALUE;
    private long from;
    private long until;
    private boolean first;
    private long wholeBefore;
    private double sumBefore;
    private long zerosBefore;
    private int scale;
    private int offset;
    private int buckets;
    private long[] before = new long[0];
    private long whole;
    private double sum;
    private long zeros;
    private long[] grown = new long[0];

    void advance(MetricsSnapshot now, int index) {
      first = now.startUnixNanos(index) != start;
      if (first) {
        start = now.startUnixNanos(index);
        until = start;
        wholeBefore = 0;
        sumBefore = 0;
        zerosBefore = 0;
        buckets = 0;
      }
      from = until;
      until = now.timeUnixNanos();
      long wholeNow = now.longValue(index);
      double sumNow = now.doubleValue(index);
      whole = wholeNow - wholeBefore;
      sum = sumNow - sumBefore;
      wholeBefore = wholeNow;
      sumBefore = sumNow;
      if (now.isHistogram(index)) {
        advanceBuckets(now, index);
      }
    }

    private void advanceBuckets(MetricsSnapshot now, int index) {
      long zerosNow = now.zeroCount(index);
      zeros = zerosNow - zerosBefore;
      zerosBefore = zerosNow;
      int number = now.buckets(index);
      if (grown.length < number) {
        grown = new long[number];
      }
      for (int i = 0; i < number; i++) {
        grown[i] = now.bucket(index, i);
      }
      // A range only grows, so a scale only falls, and then pairs of buckets have become one.
      int coarser = buckets == 0 ? 0 : scale - now.scale(index);
      if (coarser < 0) {
        throw new IllegalStateException(
            now.series().get(index) + " has scale " + now.scale(index) + " after " + scale);
      }
      scale = now.scale(index);
      for (int i = 0; i < buckets; i++) {
        int at = ((offset + i) >> coarser) - now.offset(index);
        grown[at] -= before[i];
      }
      offset = now.offset(index);
      buckets = number;
      if (before.length < number) {
        before = new long[number];
      }
      for (int i = 0; i < number; i++) {
        before[i] = now.bucket(index, i);
      }
    }

    double quantile(double quantile) {
      long rank = MetricsSnapshot.rank(quantile, whole);
      long seen = zeros;
      if (whole == 0 || rank <= seen) {
        return 0;
      }
      for (int i = 0; i < buckets; i++) {
        seen += grown[i];
        if (rank <= seen) {
          return MetricsSnapshot.middle(scale, offset + i);
        }
      }
      return 0;
    }
  }
}
