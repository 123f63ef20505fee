package com.linkedin.venice.rust.bench.server;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a busy Venice server does to its heap: allocates {@value #BYTES_PER_SECOND} bytes a second,
 * holds some {@value #HELD_BYTES}, and is forced through a full collection every {@value
 * #COLLECTION_SECONDS} seconds, until it is closed.
 */
final class Garbage implements AutoCloseable {
  private static final long BYTES_PER_SECOND = 1L << 30;
  private static final int HELD_BYTES = 256 << 20;
  private static final long COLLECTION_SECONDS = 2;
  private static final int PIECE_BYTES = 1 << 10;

  /** Pieces allocated between two looks at the clock: a millisecond's worth. */
  private static final long PIECES_AT_ONCE = BYTES_PER_SECOND / PIECE_BYTES / 1000;

  private final Thread allocator = new Thread(this::allocate, "bench-allocator");
  private final Thread collector = new Thread(this::collect, "bench-collector");

  private volatile boolean closed;

  Garbage() {
    allocator.start();
    collector.start();
  }

  private void allocate() {
    int heldPieces = HELD_BYTES / PIECE_BYTES;
    List<byte[]> held = new ArrayList<>(heldPieces);
    long begin = System.nanoTime();
    long allocated = 0;
    while (!closed) {
      for (long piece = 0; piece < PIECES_AT_ONCE; piece++) {
        byte[] bytes = new byte[PIECE_BYTES];
        // A few live long and die old: what makes full collections work.
        if (held.size() < heldPieces) {
          held.add(bytes);
        } else if (piece % 16 == 0) {
          held.set((int) ((allocated / 16 + piece) % heldPieces), bytes);
        }
      }
      allocated += PIECES_AT_ONCE;
      long due = begin + allocated * PIECE_BYTES * TimeUnit.SECONDS.toNanos(1) / BYTES_PER_SECOND;
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private void collect() {
    long next = System.nanoTime();
    while (!closed) {
      next += TimeUnit.SECONDS.toNanos(COLLECTION_SECONDS);
      while (!closed && next - System.nanoTime() > 0) {
        LockSupport.parkNanos(next - System.nanoTime());
      }
      System.gc();
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(allocator);
    LockSupport.unpark(collector);
    boolean interrupted = false;
    for (Thread thread : List.of(allocator, collector)) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    // What was held is gone before the next measurement.
    System.gc();
  }
}
