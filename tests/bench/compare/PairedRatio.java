package com.linkedin.venice.rust.bench.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one subject takes of another's time, measured in pairs: each pair ran one right after the
 * other, so that both met the same machine.
 */
public final class PairedRatio {
  private final String name;
  private final List<Pair> pairs = new ArrayList<>();
  private int dropped;

  private record Pair(double baseline, double subject) {
    double ratio() {
      return subject / baseline;
    }
  }

  /** Makes one without pairs. */
  public PairedRatio(String name) {
    this.name = name;
  }

  /** Adds a pair of times, in the same unit. */
  public void add(double baseline, double subject) {
    pairs.add(new Pair(baseline, subject));
  }

  /** Counts a pair that the machine disturbed. */
  public void drop() {
    dropped++;
  }

  /** What was measured. */
  public String name() {
    return name;
  }

  /** How many pairs count. */
  public int count() {
    return pairs.size();
  }

  /** How many do not. */
  public int dropped() {
    return dropped;
  }

  /** The median of the pairs' ratios. */
  public double median() {
    return quantile(0.5);
  }

  /** The least ratio of a pair. */
  public double least() {
    return quantile(0);
  }

  /** The greatest ratio of a pair. */
  public double most() {
    return quantile(1);
  }

  /** A quantile of the ratios, between 0 and 1. */
  public double quantile(double q) {
    return quantile(pairs.stream().mapToDouble(Pair::ratio).toArray(), q);
  }

  /** The median time of the baseline. */
  public double baseline() {
    return quantile(pairs.stream().mapToDouble(Pair::baseline).toArray(), 0.5);
  }

  /** The median time of the subject. */
  public double subject() {
    return quantile(pairs.stream().mapToDouble(Pair::subject).toArray(), 0.5);
  }

  /** Interpolates between the nearest two; NaN when there is nothing. */
  static double quantile(double[] values, double q) {
    if (values.length == 0) {
      return Double.NaN;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double at = q * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = (int) Math.ceil(at);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
