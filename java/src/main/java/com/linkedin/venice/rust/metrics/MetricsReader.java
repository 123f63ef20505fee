package com.linkedin.venice.rust.metrics;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Reads all metrics of a server: one call of the library for the numbers, and another only when
 * series came or went. Between such changes it makes no garbage.
 *
 * <pre>{@code
 * MetricsReader reader = new MetricsReader(server);
 * MetricsSnapshot now = reader.read(); // the same object each time
 * for (int i = 0; i < now.series().size(); i++) {
 *   if (now.isHistogram(i)) {
 *     System.out.println(now.series().get(i) + " p99 " + now.quantile(i, 0.99));
 *   }
 * }
 * }</pre>
 *
 * <p>Several readers of one server do not disturb each other: nothing is reset by reading. Not
 * thread-safe.
 */
public final class MetricsReader {
  private static final int FIRST_CAPACITY = 64 * 1024;

  /** Series that come and go all the time would keep a reader from ever seeing both as one. */
  private static final int TRIES = 100;

  private final RustReadServer server;
  private final MetricsSnapshot snapshot = new MetricsSnapshot();
  private ByteBuffer numbers = buffer(FIRST_CAPACITY);
  private MetricLabels labels;

  /** Creates a reader of {@code server}. */
  public MetricsReader(RustReadServer server) {
    this.server = Objects.requireNonNull(server, "server");
  }

  /**
   * Reads all metrics, into the same object each time.
   *
   * @throws ReadServerException if the server was stopped
   */
  public MetricsSnapshot read() {
    for (int i = 0; i < TRIES; i++) {
      int length = server.fetchMetrics(numbers);
      if (length > numbers.capacity()) {
        numbers = buffer(length + length / 2);
        continue;
      }
      long generation = MetricsSnapshot.generation(numbers);
      if (labels == null || labels.generation != generation) {
        labels = MetricLabels.decode(server.metricLabels());
      }
      // Another reader may have seen a new series between the two calls.
      if (labels.generation == generation) {
        snapshot.fill(numbers, labels);
        return snapshot;
      }
    }
    throw new IllegalStateException(
        "series came or went at each of " + TRIES + " tries to read metrics; read again");
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }
}
