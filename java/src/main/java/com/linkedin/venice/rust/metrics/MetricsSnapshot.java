package com.linkedin.venice.rust.metrics;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * All metrics of a server at one moment. A {@link MetricsReader} has one, which it fills anew at
 * each read: take out what is to stay.
 *
 * <p>Values are found by the index of their series in {@link #series()}. Counters, histograms and
 * summaries count from {@link #startUnixNanos}, and do not fall while that stays the same.
 *
 * <p>Not thread-safe.
 */
public final class MetricsSnapshot {
  /** {@code MAGIC} of rust/metrics/src/binary.rs, with the version in its low half. */
  private static final long MAGIC = 0x56454E4D_00000001L;

  private static final int HEADER = 6 * 8;

  private static final int UNSIGNED = 0;
  private static final int SIGNED = 1;
  private static final int DOUBLE = 2;
  private static final int SUMMARY = 3;
  private static final int HISTOGRAM = 4;

  /** Behind shape and start, in bytes. */
  private static final int VALUE = 16;

  private ByteBuffer numbers = ByteBuffer.allocate(0);
  private int[] places = new int[0];
  private List<MetricSeries> series = Collections.emptyList();

  MetricsSnapshot() {}

  static void checkMagic(long magic, long expected) {
    if (magic != expected) {
      throw new IllegalStateException(
          String.format(
              "the library writes metrics as %016x, and this reader reads %016x: take jar and"
                  + " library of one release",
              magic, expected));
    }
  }

  /** The generation that the labels of {@code filled} have. */
  static long generation(ByteBuffer filled) {
    checkMagic(filled.getLong(0), MAGIC);
    return filled.getLong(3 * 8);
  }

  void fill(ByteBuffer filled, MetricLabels labels) {
    numbers = filled.order(ByteOrder.LITTLE_ENDIAN);
    series = labels.series;
    int number = Math.toIntExact(filled.getLong(5 * 8));
    if (number != series.size()) {
      throw new IllegalStateException(
          "the library sent " + number + " numbers for " + series.size() + " series");
    }
    if (places.length < number) {
      places = new int[number + number / 4];
    }
    int at = HEADER;
    for (int i = 0; i < number; i++) {
      places[i] = at;
      at += length(at);
    }
  }

  private int length(int at) {
    long shape = numbers.getLong(at);
    if (shape == HISTOGRAM) {
      return VALUE + 8 * (8 + Math.toIntExact(numbers.getLong(at + VALUE + 7 * 8)));
    }
    if (shape == SUMMARY) {
      return VALUE + 4 * 8;
    }
    if (shape == UNSIGNED || shape == SIGNED || shape == DOUBLE) {
      return VALUE + 8;
    }
    throw new IllegalStateException("the library sent a number of the unknown shape " + shape);
  }

  /** The series, by index. The same list as before if no series came or went. */
  public List<MetricSeries> series() {
    return series;
  }

  /**
   * The index of a series that has these attributes, among others; -1 if there is none. Totals are
   * not looked at. It compares texts, so keep the index until {@link #series()} is another list.
   */
  public int find(String name, Map<String, String> attributes) {
    for (int i = 0; i < series.size(); i++) {
      MetricSeries candidate = series.get(i);
      if (!candidate.isTotal()
          && candidate.name().equals(name)
          && candidate.attributes().entrySet().containsAll(attributes.entrySet())) {
        return i;
      }
    }
    return -1;
  }

  /** The index of the total of a metric; -1 if it has none. */
  public int findTotal(String name) {
    for (int i = 0; i < series.size(); i++) {
      if (series.get(i).isTotal() && series.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** Another for each start of a server: then all counts begin anew. */
  public long epoch() {
    return numbers.getLong(2 * 8);
  }

  /** When this was read, in nanoseconds since 1970. */
  public long timeUnixNanos() {
    return numbers.getLong(4 * 8);
  }

  /** When counting began, in nanoseconds since 1970. */
  public long startUnixNanos(int index) {
    return word(index, -1);
  }

  /**
   * The value of a counter, or of a gauge of whole numbers; the count of a histogram or a summary.
   */
  public long longValue(int index) {
    switch (shape(index)) {
      case UNSIGNED:
      case SIGNED:
        return word(index, 0);
      case DOUBLE:
        return (long) Double.longBitsToDouble(word(index, 0));
      default:
        return count(index);
    }
  }

  /** The value of a counter or a gauge; the sum of a histogram or a summary. */
  public double doubleValue(int index) {
    switch (shape(index)) {
      case UNSIGNED:
      case SIGNED:
        return word(index, 0);
      case DOUBLE:
        return Double.longBitsToDouble(word(index, 0));
      default:
        return sum(index);
    }
  }

  /** Whether the value of a counter or a gauge is no whole number. */
  public boolean isDouble(int index) {
    return shape(index) == DOUBLE;
  }

  /** Whether the value has buckets. */
  public boolean isHistogram(int index) {
    return shape(index) == HISTOGRAM;
  }

  /** Whether {@link #count}, {@link #sum}, {@link #min} and {@link #max} are known. */
  public boolean isDistribution(int index) {
    return shape(index) >= SUMMARY;
  }

  /** How many values there were. */
  public long count(int index) {
    return distribution(index, 0);
  }

  /** The sum of the values. */
  public double sum(int index) {
    return Double.longBitsToDouble(distribution(index, 1));
  }

  /** The least value; 0 if there was none. */
  public double min(int index) {
    return Double.longBitsToDouble(distribution(index, 2));
  }

  /** The greatest value; 0 if there was none. */
  public double max(int index) {
    return Double.longBitsToDouble(distribution(index, 3));
  }

  /** The scale of a histogram: buckets are 2^(2^-scale) wide. */
  public int scale(int index) {
    return (int) histogram(index, 0);
  }

  /** The number of the first bucket: it is above 2^(offset / 2^scale). */
  public int offset(int index) {
    return (int) histogram(index, 1);
  }

  /** How many values were 0. */
  public long zeroCount(int index) {
    return histogram(index, 2);
  }

  /** How many buckets follow each other from {@link #offset}. */
  public int buckets(int index) {
    return (int) histogram(index, 7);
  }

  /** How many values are in a bucket, from 0 to {@link #buckets}. */
  public long bucket(int index, int bucket) {
    if (bucket < 0 || bucket >= buckets(index)) {
      throw new IndexOutOfBoundsException(
          "bucket " + bucket + " of " + series.get(index) + ", which has " + buckets(index));
    }
    return word(index, 8 + bucket);
  }

  /**
   * The value that {@code quantile} (0 to 1) of all values do not exceed: an estimate, no further
   * from it than a bucket is wide. 0 without values.
   */
  public double quantile(int index, double quantile) {
    long count = count(index);
    if (count == 0) {
      return 0;
    }
    long rank = rank(quantile, count);
    long seen = zeroCount(index);
    if (rank <= seen) {
      return 0;
    }
    for (int i = 0; i < buckets(index); i++) {
      seen += word(index, 8 + i);
      if (rank <= seen) {
        double middle = middle(scale(index), offset(index) + i);
        return Math.min(Math.max(middle, min(index)), max(index));
      }
    }
    return max(index);
  }

  /** How many values a quantile has up to it, of {@code count}; 1 at least. */
  static long rank(double quantile, long count) {
    return Math.max(1, (long) Math.ceil(Math.min(Math.max(quantile, 0), 1) * count));
  }

  /** The middle of a bucket: the geometric mean of its bounds. */
  static double middle(int scale, int bucket) {
    return Math.pow(2, (bucket + 0.5) * Math.pow(2, -scale));
  }

  private int shape(int index) {
    return (int) numbers.getLong(place(index));
  }

  private int place(int index) {
    if (index < 0 || index >= series.size()) {
      throw new IndexOutOfBoundsException("series " + index + " of " + series.size());
    }
    return places[index];
  }

  private long word(int index, int word) {
    return numbers.getLong(place(index) + VALUE + 8 * word);
  }

  private long distribution(int index, int word) {
    int shape = shape(index);
    if (shape == SUMMARY) {
      return word(index, word);
    }
    if (shape == HISTOGRAM) {
      return word(index, 3 + word);
    }
    throw new IllegalArgumentException(series.get(index) + " is no histogram and no summary");
  }

  private long histogram(int index, int word) {
    if (shape(index) != HISTOGRAM) {
      throw new IllegalArgumentException(series.get(index) + " is no histogram");
    }
    return word(index, word);
  }
}
