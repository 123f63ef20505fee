package com.linkedin.venice.rust.bench.rocksjava;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.RocksDBException;

/** The reads of Venice's {@code RocksDBStoragePartition}, many keys at a time. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class MultiGetBenchmark {
  /** How many keys a call asks for. */
  @Param({"10", "100", "1000"})
  public int batch;

  private final List<List<byte[]>> lists = new ArrayList<>();
  private final List<List<ByteBuffer>> buffers = new ArrayList<>();
  private final List<ByteBuffer> values = new ArrayList<>();
  private int next;

  /** Divides the keys into batches. */
  @Setup(Level.Trial)
  public void divide(BenchDatabase bench) {
    for (int from = 0; from + batch <= bench.keys.length; from += batch) {
      List<byte[]> list = List.of(bench.keys).subList(from, from + batch);
      lists.add(list);
      buffers.add(
          list.stream().map(key -> ByteBuffer.allocateDirect(key.length).put(key).flip()).toList());
    }
    for (int i = 0; i < batch; i++) {
      values.add(ByteBuffer.allocateDirect(bench.valueBytes));
    }
  }

  private int nextBatch() {
    next = next + 1 == lists.size() ? 0 : next + 1;
    return next;
  }

  /** {@code multiGetAsList(List<byte[]>)}. */
  @Benchmark
  public List<byte[]> multiGetAsList(BenchDatabase bench) throws RocksDBException {
    return bench.database.multiGetAsList(lists.get(nextBatch()));
  }

  /** {@code multiGetByteBuffers(List<ByteBuffer>, List<ByteBuffer>)}. */
  @Benchmark
  public List<ByteBufferGetStatus> multiGetByteBuffers(BenchDatabase bench)
      throws RocksDBException {
    values.forEach(ByteBuffer::clear);
    return bench.database.multiGetByteBuffers(buffers.get(nextBatch()), values);
  }
}
