package com.linkedin.venice.rust.bench.rocksjava;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
import org.rocksdb.EnvOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;
import org.rocksdb.WriteBatch;

/** The writes of Venice's ingestion: hybrid stores put, batch pushes write sorted files. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class WriteBenchmark {
  private static final int BATCH = 100;
  private static final int FILE_ROWS = 1000;

  private byte[][] sorted;

  /** Sorts the keys of a file. */
  @Setup(Level.Trial)
  public void sort(BenchDatabase bench) {
    sorted = Arrays.copyOf(bench.keys, FILE_ROWS);
    Arrays.sort(sorted, Arrays::compareUnsigned);
  }

  /** Empties the database. */
  @Setup(Level.Iteration)
  public void empty(BenchDatabase bench) throws IOException, RocksDBException {
    bench.reopenEmpty();
  }

  /** {@code put(WriteOptions, byte[], int, int, byte[], int, int)} without the log. */
  @Benchmark
  public void put(BenchDatabase bench) throws RocksDBException {
    byte[] key = bench.nextKey();
    bench.database.put(bench.noLog, key, 0, key.length, bench.value, 0, bench.value.length);
  }

  /** A row of a batch of a hundred, with its part of the write, without the log. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void writeBatch(BenchDatabase bench) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      for (int i = 0; i < BATCH; i++) {
        batch.put(bench.family, bench.nextKey(), bench.value);
      }
      bench.database.write(bench.noLog, batch);
    }
  }

  /** A row of a sorted file of a thousand, with its part of opening and finishing the file. */
  @Benchmark
  @OperationsPerInvocation(FILE_ROWS)
  public void sstFileWriter(BenchDatabase bench) throws IOException, RocksDBException {
    Path file = bench.directory.resolve("rows.sst");
    try (EnvOptions environment = new EnvOptions().setUseDirectWrites(false);
        SstFileWriter writer = new SstFileWriter(environment, bench.options)) {
      writer.open(file.toString());
      for (byte[] key : sorted) {
        writer.put(key, bench.value);
      }
      writer.finish();
    }
    Files.delete(file);
  }
}
