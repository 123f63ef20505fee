package com.linkedin.venice.rust.bench.rocksjava;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksIterator;

/**
 * Iterators: their steps, short scans as those of YCSB's workload E, and what opening and closing
 * them costs.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class IteratorBenchmark {
  private static final int WALK = 1000;
  private static final int ROWS = 10;
  private static final int TOGETHER = 10;
  private static final int MANY = 100_000;

  private final ReadOptions readOptions = new ReadOptions();
  private final ByteBuffer key = ByteBuffer.allocateDirect(16);
  private final RocksIterator[] open = new RocksIterator[MANY];
  private ByteBuffer value;

  /** Makes room for a value. */
  @Setup(Level.Trial)
  public void room(BenchDatabase bench) {
    value = ByteBuffer.allocateDirect(bench.valueBytes);
  }

  /** Frees the options. */
  @TearDown(Level.Trial)
  public void close() {
    readOptions.close();
  }

  /** A step of an iterator, with its key and value; opening it is a thousandth part. */
  @Benchmark
  @OperationsPerInvocation(WALK)
  public void iterate(BenchDatabase bench, Blackhole blackhole) {
    try (RocksIterator iterator = bench.database.newIterator(readOptions)) {
      iterator.seekToFirst();
      for (int i = 0; i < WALK && iterator.isValid(); i++) {
        blackhole.consume(iterator.key());
        blackhole.consume(iterator.value());
        iterator.next();
      }
    }
  }

  /** A scan of ten rows from a random key on, as {@code byte[]}: opened, read and closed. */
  @Benchmark
  public void scan(BenchDatabase bench, Blackhole blackhole) {
    try (RocksIterator iterator = bench.database.newIterator(readOptions)) {
      iterator.seek(bench.nextKey());
      for (int i = 0; i < ROWS && iterator.isValid(); i++) {
        blackhole.consume(iterator.key());
        blackhole.consume(iterator.value());
        iterator.next();
      }
    }
  }

  /** As {@link #scan}, with keys and values in direct buffers. */
  @Benchmark
  public void scanDirect(BenchDatabase bench, Blackhole blackhole) {
    try (RocksIterator iterator = bench.database.newIterator(readOptions)) {
      key.clear().put(bench.nextKey()).flip();
      iterator.seek(key);
      for (int i = 0; i < ROWS && iterator.isValid(); i++) {
        key.clear();
        value.clear();
        blackhole.consume(iterator.key(key));
        blackhole.consume(iterator.value(value));
        iterator.next();
      }
    }
  }

  /** An iterator opened and closed, with ten open at a time. */
  @Benchmark
  @OperationsPerInvocation(TOGETHER)
  public void openAndClose(BenchDatabase bench) {
    openAndClose(bench, TOGETHER);
  }

  /** An iterator opened and closed, with a hundred thousand open at a time. */
  @Benchmark
  @OperationsPerInvocation(MANY)
  public void openManyAndClose(BenchDatabase bench) {
    openAndClose(bench, MANY);
  }

  private void openAndClose(BenchDatabase bench, int count) {
    for (int i = 0; i < count; i++) {
      open[i] = bench.database.newIterator(readOptions);
    }
    for (int i = 0; i < count; i++) {
      open[i].close();
    }
  }
}
