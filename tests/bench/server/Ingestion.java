package com.linkedin.venice.rust.bench.server;

import com.linkedin.venice.rust.testing.StoreVersion;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.RocksDBException;

/**
 * What a nearline store does to its server: values are written over, {@value #BYTES_PER_SECOND}
 * bytes a second, so that memtables are flushed and files compacted, until it is closed. Each key
 * gets the value that it has, so what readers read stays the same.
 */
final class Ingestion implements AutoCloseable {
  private static final long BYTES_PER_SECOND = 16 << 20;

  /** Puts between two looks at the clock. */
  private static final int PUTS_AT_ONCE = 16;

  private final List<StoreVersion> stores;
  private final int keys;
  private final Thread writer = new Thread(this::write, "bench-ingestion");

  private volatile boolean closed;
  private volatile RocksDBException failure;

  Ingestion(Collection<StoreVersion> stores, int keys) {
    this.stores = List.copyOf(stores);
    this.keys = keys;
    writer.start();
  }

  private void write() {
    long begin = System.nanoTime();
    long written = 0;
    try {
      while (!closed) {
        for (int i = 0; i < PUTS_AT_ONCE; i++) {
          written += put(ThreadLocalRandom.current().nextInt(keys));
        }
        long due = begin + (long) ((double) written / BYTES_PER_SECOND * TimeUnit.SECONDS.toNanos(1));
        LockSupport.parkNanos(due - System.nanoTime());
      }
    } catch (RocksDBException e) {
      failure = e;
    }
  }

  private long put(long number) throws RocksDBException {
    long written = 0;
    byte[] key = BenchStore.key(number);
    for (StoreVersion store : stores) {
      byte[] value = BenchStore.value(number, BenchStore.valueBytes(store));
      store.put(key, 1, value);
      written += value.length;
    }
    return written;
  }

  @Override
  public void close() throws RocksDBException {
    closed = true;
    LockSupport.unpark(writer);
    boolean interrupted = false;
    while (writer.isAlive()) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
    // What was written is in files before the next measurement.
    for (StoreVersion store : stores) {
      for (int partition : store.openPartitions()) {
        if (partition != StoreVersion.METADATA_PARTITION) {
          store.partition(partition).flush();
        }
      }
    }
  }
}
