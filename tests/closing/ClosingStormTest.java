package com.linkedin.venice.rust.tests.closing;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.StoreVersionReads;
import com.linkedin.venice.rust.metrics.MetricsReader;
import com.linkedin.venice.rust.metrics.MetricsSnapshot;
import com.linkedin.venice.rust.testing.DirectoryTree;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.PartitionDatabase;
import com.linkedin.venice.rust.testing.VeniceClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.rocksdb.RocksDBException;

/**
 * Partitions are closed, reopened, dropped and copied without pause, while other threads read them
 * through {@code org.rocksdb} and over gRPC. Every read has the right answer or a clean error, and
 * in the end the process holds no more than it did near the begin.
 *
 * <p>System properties: {@code storm.cycles}, how many times a partition is closed (environment
 * {@code STORM_CYCLES} overrides it); {@code storm.pause.micros}, how long each reader rests before
 * a read (readers that never rest leave the closers a quarter of two cores); {@code storm.guarded},
 * whether Java's readers hold the lock that Venice holds around most reads ({@code
 * readCloseRWLock}), or none, as Venice's iterators and metrics do, and every other application.
 */
public class ClosingStormTest {
  private static final int CLOSERS = 2;
  private static final int JAVA_READERS = 3;
  private static final int GRPC_READERS = 2;

  /**
   * What the process may grow by between the warm-up and the end: what the JVM compiles late, and
   * pools of buffers that fill slowly. It does not depend on the number of cycles, so that over a
   * million of them a leak of 64 bytes in each would be seen.
   */
  private static final long TOLERATED_GROWTH = 64L << 20;

  /** Often enough to meet closes, and no load beside the readers. */
  private static final long METRICS_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A tenth of the cycles is warm-up, and at least half of them when they are few. */
  private static final long MIN_WARM_UP = 5000;

  /** Far above the time of any cycle; under valgrind everything is slow. */
  private static final long HANG_SECONDS = Long.getLong("storm.hang.seconds", 120);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final long cycles = cycles();
  private final long pauseNanos =
      TimeUnit.MICROSECONDS.toNanos(Long.getLong("storm.pause.micros", 0));
  private final boolean guarded = Boolean.getBoolean("storm.guarded");
  private final AtomicLong begun = new AtomicLong();
  private final LongAdder done = new LongAdder();
  private final LongAdder right = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final CountDownLatch never = new CountDownLatch(1);
  private final AtomicReference<Throwable> wrong = new AtomicReference<>();
  private volatile boolean over;

  private static long cycles() {
    String wanted = System.getenv("STORM_CYCLES");
    return wanted == null ? Long.getLong("storm.cycles") : Long.parseLong(wanted);
  }

  @Test
  public void readsAgainstCloses() throws Exception {
    Path folder = Files.createTempDirectory(memory(), "storm");
    long warmResident;
    long warmThreads;
    try (StormStore store = new StormStore(folder)) {
      List<Thread> threads = threads(store);
      threads.forEach(Thread::start);
      waitFor(Math.max(cycles / 10, Math.min(cycles / 2, MIN_WARM_UP)));
      warmResident = ProcessMemory.isKnown() ? ProcessMemory.resident() : 0;
      warmThreads = ProcessMemory.isKnown() ? ProcessMemory.threads() : 0;
      waitFor(cycles);
      over = true;
      for (Thread thread : threads) {
        thread.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
        assertTrue(thread.getName() + " hangs", !thread.isAlive());
      }
      if (wrong.get() != null) {
        throw new AssertionError("a thread failed", wrong.get());
      }
      everyRowIsThere(store);
      System.out.println(
          done + " cycles, " + right + " right answers, " + refused + " clean errors");
      assertTrue("right answers: " + right, right.sum() > 0);
      // Under a memory checker the process keeps what is freed.
      if (ProcessMemory.isKnown() && !"unchecked".equals(System.getProperty("storm.memory"))) {
        long resident = ProcessMemory.resident();
        System.out.println(
            "resident " + (warmResident >> 20) + " MiB, then " + (resident >> 20) + " MiB");
        assertTrue(
            "resident memory grew from " + warmResident + " to " + resident + " bytes",
            resident - warmResident <= TOLERATED_GROWTH);
        assertTrue("threads: " + ProcessMemory.threads(), ProcessMemory.threads() <= warmThreads);
      }
    }
    if (ProcessMemory.isKnown()) {
      assertEquals("files still open", Map.of(), ProcessMemory.openFiles(folder));
    }
    DirectoryTree.delete(folder);
  }

  private List<Thread> threads(StormStore store) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CLOSERS; i++) {
      int closer = i;
      threads.add(new Thread(guard(() -> close(store, closer)), "closer-" + i));
    }
    for (int i = 0; i < JAVA_READERS; i++) {
      int seed = i;
      threads.add(new Thread(guard(() -> readInJava(store, seed)), "java-reader-" + i));
    }
    for (int i = 0; i < GRPC_READERS; i++) {
      int seed = i;
      FastClient client = store.client();
      threads.add(new Thread(guard(() -> readOverGrpc(store, client, seed)), "grpc-reader-" + i));
    }
    threads.add(new Thread(guard(() -> readMetrics(store)), "metrics-reader"));
    return threads;
  }

  private interface Work {
    void run() throws Exception;
  }

  private Runnable guard(Work work) {
    return () -> {
      try {
        work.run();
      } catch (Throwable e) {
        wrong.compareAndSet(null, e);
      }
    };
  }

  /** Waits until so many cycles are done; that none is for a long time is a hang. */
  private void waitFor(long count) throws InterruptedException {
    for (long last = -1; done.sum() < count && wrong.get() == null; ) {
      long now = done.sum();
      if (now == last) {
        Thread.getAllStackTraces()
            .forEach((thread, stack) -> System.out.println(thread + " " + List.of(stack)));
        throw new AssertionError("no cycle ended in " + HANG_SECONDS + " s, after " + now);
      }
      last = now;
      for (int i = 0; i < HANG_SECONDS && done.sum() < count && wrong.get() == null; i++) {
        never.await(1, TimeUnit.SECONDS);
      }
    }
  }

  /** Closes its share of the partitions, in one way after another. */
  private void close(StormStore store, int closer) throws Exception {
    Random random = new Random(closer);
    while (begun.getAndIncrement() < cycles && wrong.get() == null) {
      int partition = closer + CLOSERS * random.nextInt(StormStore.PARTITIONS / CLOSERS);
      switch (random.nextInt(40)) {
        case 0 -> store.dropAndRestore(partition);
        case 1, 2 -> {
          store.checkpoint(partition);
          store.reopen(partition);
        }
        default -> store.reopen(partition);
      }
      done.increment();
    }
  }

  private void readInJava(StormStore store, int seed) throws Exception {
    Random random = new Random(100 + seed);
    JavaReads reads = new JavaReads(store, seed);
    while (!over && wrong.get() == null) {
      rest();
      int partition = random.nextInt(StormStore.PARTITIONS);
      PartitionDatabase database = store.version.findPartition(partition);
      if (database == null) {
        Thread.onSpinWait();
        continue;
      }
      Lock lock = guarded ? database.readLock() : null;
      if (lock != null) {
        lock.lock();
      }
      try {
        if (lock != null && database.isClosed()) {
          refused.increment();
          continue;
        }
        reads.read(partition, database);
        right.increment();
      } catch (RocksDBException | IllegalStateException e) {
        // The partition was closed in between, which is for the reader to hear, in these words.
        String message = Objects.toString(e.getMessage());
        if (guarded || !message.endsWith(" is closed, and used after that")) {
          throw e;
        }
        refused.increment();
      } finally {
        if (lock != null) {
          lock.unlock();
        }
      }
    }
  }

  private void readOverGrpc(StormStore store, FastClient client, int seed) {
    Random random = new Random(200 + seed);
    while (!over && wrong.get() == null) {
      rest();
      List<Integer> rows = store.rows(random.nextInt(StormStore.PARTITIONS));
      int row = rows.get(random.nextInt(rows.size()));
      try {
        if (random.nextBoolean()) {
          assertEquals(store.rows.value(row), client.get(store.rows.key(row)));
        } else {
          List<Integer> asked = rows.subList(0, 10);
          assertEquals(
              asked.stream().map(store.rows::value).toList(),
              client.batchGet(asked.stream().map(store.rows::key).toList()));
        }
        right.increment();
      } catch (VeniceClientException e) {
        String message = Objects.toString(e.getMessage());
        if (!message.contains("status code: 500") || !message.contains("storm_v1")) {
          throw e;
        }
        refused.increment();
      }
    }
  }

  /** Metrics, RocksDB's own among them, and reads by version: what is counted does not fall. */
  private void readMetrics(StormStore store) {
    RustReadServer server = store.server();
    server.change("metrics.rocksdb.interval.ms", "1");
    MetricsReader reader = new MetricsReader(server);
    long calls = 0;
    long reads = 0;
    while (!over && wrong.get() == null) {
      LockSupport.parkNanos(METRICS_PAUSE_NANOS);
      MetricsSnapshot now = reader.read();
      int total = now.findTotal("venice.server.read.call_count");
      assertTrue(calls + " calls, then " + now.longValue(total), now.longValue(total) >= calls);
      calls = now.longValue(total);
      for (StoreVersionReads version : server.versionReads()) {
        assertTrue(reads + " reads, then " + version, version.reads() >= reads);
        reads = version.reads();
      }
    }
    assertTrue(calls + " calls, " + reads + " reads", calls > 0 && reads > 0);
  }

  private void rest() {
    if (pauseNanos > 0) {
      LockSupport.parkNanos(pauseNanos);
    }
  }

  private void everyRowIsThere(StormStore store) throws RocksDBException {
    FastClient client = store.client();
    for (int row = 0; row < store.rows.count(); row++) {
      assertEquals(store.rows.value(row), client.get(store.rows.key(row)));
    }
    JavaReads reads = new JavaReads(store, 1);
    for (int i = 0; i < 1000; i++) {
      int partition = i % StormStore.PARTITIONS;
      reads.read(partition, store.version.partition(partition));
    }
  }

  /** A folder in memory where there is one: databases that nobody keeps need no disk. */
  private Path memory() {
    Path shared = Path.of("/dev/shm");
    return Files.isWritable(shared) ? shared : temporary.getRoot().toPath();
  }
}
