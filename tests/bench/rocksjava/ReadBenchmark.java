package com.linkedin.venice.rust.bench.rocksjava;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;

/** The reads of Venice's {@code RocksDBStoragePartition}, one key at a time. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class ReadBenchmark {
  private final ReadOptions readOptions = new ReadOptions();
  private byte[] buffer;

  /** Makes room for a value. */
  @Setup(Level.Trial)
  public void room(BenchDatabase bench) {
    buffer = new byte[bench.valueBytes];
  }

  /** Frees the options. */
  @TearDown(Level.Trial)
  public void close() {
    readOptions.close();
  }

  /** {@code byte[] get(byte[])}. */
  @Benchmark
  public byte[] getHit(BenchDatabase bench) throws RocksDBException {
    return bench.database.get(bench.nextKey());
  }

  /** {@code byte[] get(byte[])} of a key that is not there. */
  @Benchmark
  public byte[] getMiss(BenchDatabase bench) throws RocksDBException {
    return bench.database.get(bench.nextMissing());
  }

  /** {@code int get(byte[], byte[])}. */
  @Benchmark
  public int getIntoHit(BenchDatabase bench) throws RocksDBException {
    return bench.database.get(bench.nextKey(), buffer);
  }

  /** {@code int get(byte[], byte[])} of a key that is not there. */
  @Benchmark
  public int getIntoMiss(BenchDatabase bench) throws RocksDBException {
    return bench.database.get(bench.nextMissing(), buffer);
  }

  /** {@code byte[] get(ColumnFamilyHandle, ReadOptions, byte[], int, int)}. */
  @Benchmark
  public byte[] getOfFamilyHit(BenchDatabase bench) throws RocksDBException {
    byte[] key = bench.nextKey();
    return bench.database.get(bench.family, readOptions, key, 0, key.length);
  }

  /** {@code byte[] get(ColumnFamilyHandle, ReadOptions, ...)} of a key that is not there. */
  @Benchmark
  public byte[] getOfFamilyMiss(BenchDatabase bench) throws RocksDBException {
    byte[] key = bench.nextMissing();
    return bench.database.get(bench.family, readOptions, key, 0, key.length);
  }
}
