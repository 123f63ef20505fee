package com.linkedin.venice.rust.bench.compare;

import java.util.ArrayList;
import java.util.List;

/**
 * Notices when something else has the machine: a fixed piece of work takes longer then.
 *
 * <p>It runs between the measurements. Its own median over the run is what it takes on this
 * machine.
 */
public final class Canary {
  /** A song that takes this much longer than the median shows a disturbed machine. */
  private static final double DISTURBED = 1.5;

  private static final int WORK = 20_000_000;

  private final List<Double> songs = new ArrayList<>();
  private long sink;

  /** Warms up. */
  public Canary() {
    for (int i = 0; i < 5; i++) {
      sing();
    }
    songs.clear();
  }

  /** Does the work and returns the number of this song. */
  public int sing() {
    long begin = System.nanoTime();
    long x = sink | 1;
    for (int i = 0; i < WORK; i++) {
      x ^= x << 13;
      x ^= x >>> 7;
      x ^= x << 17;
    }
    sink = x;
    songs.add((double) (System.nanoTime() - begin));
    return songs.size() - 1;
  }

  /** Whether the machine was disturbed at one of the songs {@code from} to {@code to}. */
  public boolean disturbed(int from, int to) {
    double median = median();
    return songs.subList(from, to + 1).stream().anyMatch(song -> song > DISTURBED * median);
  }

  /** The median song in nanoseconds. */
  public double median() {
    return PairedRatio.quantile(songs.stream().mapToDouble(Double::doubleValue).toArray(), 0.5);
  }
}
