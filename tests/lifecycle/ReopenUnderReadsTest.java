package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * A partition is closed and opened again, over and over, under a stream of gRPC reads: every answer
 * is the right value or a clean error, and each close ends without error, which it reports if
 * readers did not leave within its deadline.
 */
public class ReopenUnderReadsTest {
  private static final int CYCLES = 1000;
  private static final int READERS = 4;
  private static final int CHURNED = 0;

  /** Enough answers that at least one of them belongs to a read that began after the count did. */
  private static final int ANSWERS_PER_STEP = 2 * READERS + 1;

  /** Far above the time of any step: a lost answer fails the test instead of the whole run. */
  private static final long HANG_GUARD_SECONDS = 120;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(400, 100, 2000);
  private final StoreVersionConfig config = new StoreVersionConfig("reopen", 1, 2);
  private final List<Integer> churnedRows =
      IntStream.range(0, rows.count()).filter(i -> partition(i) == CHURNED).boxed().toList();
  private final List<Integer> quietRows =
      IntStream.range(0, rows.count()).filter(i -> partition(i) != CHURNED).boxed().toList();

  private final Semaphore answers = new Semaphore(0);
  private final LongAdder right = new LongAdder();
  private final LongAdder cleanErrors = new LongAdder();
  private final AtomicReference<Throwable> wrong = new AtomicReference<>();
  private volatile boolean done;
  private ServedStore store;
  private StoreVersion version;

  @Before
  public void start() throws Exception {
    store = ServedStore.start();
    version = store.push(temporary.getRoot().toPath(), config, rows);
  }

  @After
  public void stop() throws Exception {
    store.close();
  }

  @Test
  public void everyAnswerIsRightOrACleanError() throws Exception {
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      boolean batches = i % 2 == 1;
      FastClient client = store.client(config);
      Thread reader = new Thread(() -> readUntilDone(client, batches), "reader-" + i);
      reader.start();
      readers.add(reader);
    }
    try {
      for (int cycle = 0; cycle < CYCLES && wrong.get() == null; cycle++) {
        version.closePartition(CHURNED);
        waitForAnswers();
        version.openPartition(CHURNED);
        waitForAnswers();
      }
    } finally {
      done = true;
      for (Thread reader : readers) {
        reader.join();
      }
    }
    if (wrong.get() != null) {
      throw new AssertionError("a read went wrong", wrong.get());
    }
    assertTrue("right answers: " + right, right.sum() >= CYCLES);
    assertTrue("clean errors: " + cleanErrors, cleanErrors.sum() >= CYCLES);
    FastClient client = store.client(config);
    for (int i = 0; i < rows.count(); i++) {
      assertEquals(rows.value(i), client.get(rows.key(i)));
    }
  }

  private void waitForAnswers() throws InterruptedException {
    answers.drainPermits();
    assertTrue(
        "the readers stopped: " + wrong.get(),
        answers.tryAcquire(ANSWERS_PER_STEP, HANG_GUARD_SECONDS, TimeUnit.SECONDS));
  }

  private void readUntilDone(FastClient client, boolean batches) {
    try {
      for (int i = 0; !done; i++) {
        if (batches) {
          readBatch(client, i);
        } else {
          readOne(client, churnedRows.get(i % churnedRows.size()), true);
        }
        // The neighbour in the same store version must not notice anything.
        readOne(client, quietRows.get(i % quietRows.size()), false);
        answers.release();
      }
    } catch (RuntimeException | AssertionError e) {
      wrong.compareAndSet(null, e);
    }
  }

  private void readOne(FastClient client, int row, boolean mayFail) {
    StoredValue value;
    try {
      value = client.get(rows.key(row));
    } catch (VeniceClientException e) {
      requireClean(e, mayFail);
      return;
    }
    assertEquals("row " + row, rows.value(row), value);
    right.increment();
  }

  private void readBatch(FastClient client, int seed) {
    List<Integer> asked =
        IntStream.range(0, 20)
            .mapToObj(i -> churnedRows.get((seed + i * 7) % churnedRows.size()))
            .toList();
    List<StoredValue> values;
    try {
      values = client.batchGet(asked.stream().map(rows::key).toList());
    } catch (VeniceClientException e) {
      requireClean(e, true);
      return;
    }
    assertEquals(asked.stream().map(rows::value).toList(), values);
    right.increment();
  }

  /** A clean error is an error code of the storage that names the store version or partition. */
  private void requireClean(VeniceClientException failure, boolean mayFail) {
    String message = Objects.toString(failure.getMessage());
    boolean clean =
        message.startsWith(
                "An unexpected error occurred with status code: 500, message: Internal Error: "
                    + "com.linkedin.venice.")
            && message.contains("reopen_v1");
    if (!mayFail || !clean) {
      throw failure;
    }
    cleanErrors.increment();
  }

  private int partition(int row) {
    return VenicePartitioner.partition(rows.key(row), config.partitionCount());
  }
}
