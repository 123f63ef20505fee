package com.linkedin.venice.rust.demo;

import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.StoredValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Reads rows through a client and compares each value, byte for byte, with what was written. */
final class ReadBack {
  /** Single gets in flight. */
  static final int SINGLE_GETS_IN_FLIGHT = 32;

  /** Keys in a batch; a Venice client's limit is 150 unless the store's owner changes it. */
  static final int BATCH_KEYS = 100;

  /** Bytes of values in a batch, well below the 4 MiB that gRPC clients take by default. */
  private static final long BATCH_BYTES = 3 << 20;

  /** Batches in flight. */
  static final int BATCHES_IN_FLIGHT = 4;

  private final FastClient client;
  private final int schemaId;
  private final Progress progress;

  /**
   * Creates a reader.
   *
   * @param schemaId the schema id that every value must come back with
   */
  ReadBack(FastClient client, int schemaId, Progress progress) {
    this.client = client;
    this.schemaId = schemaId;
    this.progress = progress;
  }

  /**
   * What came back.
   *
   * @param keys the keys that were asked for
   * @param equal the keys whose value came back equal
   * @param requests the requests that were sent
   * @param seconds from the first request to the last answer
   * @param latency of each request, in nanoseconds
   * @param firstDifference what was wrong with the first key that was not equal, or null
   */
  record Result(
      long keys,
      long equal,
      long requests,
      double seconds,
      Histogram latency,
      String firstDifference) {}

  /** Reads each row by a single get. */
  Result bySingleGet(String step, List<Row> rows) throws InterruptedException {
    List<List<Row>> requests = new ArrayList<>(rows.size());
    rows.forEach(row -> requests.add(List.of(row)));
    return read(
        step,
        requests,
        SINGLE_GETS_IN_FLIGHT,
        request -> client.getAsync(request.get(0).key()).thenApply(Collections::singletonList));
  }

  /** Reads the rows by batch gets. */
  Result byBatchGet(String step, List<Row> rows) throws InterruptedException {
    return read(
        step,
        batches(rows),
        BATCHES_IN_FLIGHT,
        request -> client.batchGetAsync(request.stream().map(Row::key).toList()));
  }

  /** Cuts the rows into batches, so that no answer is larger than a gRPC client takes. */
  private static List<List<Row>> batches(List<Row> rows) {
    List<List<Row>> batches = new ArrayList<>();
    int from = 0;
    long bytes = 0;
    for (int to = 0; to < rows.size(); to++) {
      int next = rows.get(to).value().length;
      if (to - from == BATCH_KEYS || (to > from && bytes + next > BATCH_BYTES)) {
        batches.add(rows.subList(from, to));
        from = to;
        bytes = 0;
      }
      bytes += next;
    }
    batches.add(rows.subList(from, rows.size()));
    return batches;
  }

  private Result read(
      String step,
      List<List<Row>> requests,
      int inFlight,
      Function<List<Row>, CompletableFuture<List<StoredValue>>> send)
      throws InterruptedException {
    Semaphore free = new Semaphore(inFlight);
    Histogram latency = new ConcurrentHistogram(3);
    AtomicLong equal = new AtomicLong();
    AtomicReference<String> firstDifference = new AtomicReference<>();
    long keys = 0;
    progress.begin(step, requests.size());
    long start = System.nanoTime();
    for (List<Row> request : requests) {
      progress.advance();
      keys += request.size();
      free.acquire();
      long sent = System.nanoTime();
      send.apply(request)
          .whenComplete(
              (values, failure) -> {
                latency.recordValue(System.nanoTime() - sent);
                if (failure == null) {
                  equal.addAndGet(compare(request, values, firstDifference));
                } else {
                  firstDifference.compareAndSet(null, "a read failed: " + rootMessage(failure));
                }
                free.release();
              });
    }
    free.acquire(inFlight);
    double seconds = (System.nanoTime() - start) / 1e9;
    progress.end();
    return new Result(keys, equal.get(), requests.size(), seconds, latency, firstDifference.get());
  }

  private long compare(
      List<Row> request, List<StoredValue> values, AtomicReference<String> firstDifference) {
    long equal = 0;
    for (int i = 0; i < request.size(); i++) {
      StoredValue value = values.get(i);
      byte[] written = request.get(i).value();
      if (value == null) {
        firstDifference.compareAndSet(null, "a key that was written does not exist");
      } else if (value.schemaId() != schemaId) {
        firstDifference.compareAndSet(
            null, "a value came back with schema id " + value.schemaId() + ", not " + schemaId);
      } else if (!Arrays.equals(value.payload(), written)) {
        firstDifference.compareAndSet(
            null,
            "a value of "
                + written.length
                + " bytes came back as other "
                + value.payload().length
                + " bytes");
      } else {
        equal++;
      }
    }
    return equal;
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}
