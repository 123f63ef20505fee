package com.linkedin.venice.rust.metrics;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import java.time.Duration;
import java.util.Objects;

/**
 * Tells a {@link MetricsListener} the metrics of a server at even times, by a daemon thread of its
 * own. It ends when it is closed, and when its server was stopped. Close it before the server, so
 * that the last interval is told too.
 */
public final class MetricsReporter implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofDays(1);

  private final MetricsReader reader;
  private final MetricsInterval interval = new MetricsInterval();
  private final MetricsListener listener;
  private final Thread thread;

  /** Held while metrics are read and told. */
  private final Object lock = new Object();

  private boolean ended;

  private MetricsReporter(RustReadServer server, Duration every, MetricsListener listener) {
    this.reader = new MetricsReader(server);
    this.listener = Objects.requireNonNull(listener, "listener");
    long millis = every.toMillis();
    if (millis < 1 || every.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "metrics cannot be told every " + every + ": give 1 ms to 24 hours");
    }
    thread = new Thread(() -> run(millis), "venice-metrics");
    thread.setDaemon(true);
  }

  /**
   * Starts to tell {@code listener}. What it throws goes to the thread's handler of uncaught
   * exceptions, and the next time it is told again.
   *
   * @param every 1 ms to 24 hours
   */
  public static MetricsReporter start(
      RustReadServer server, Duration every, MetricsListener listener) {
    MetricsReporter reporter = new MetricsReporter(server, every, listener);
    reporter.thread.start();
    return reporter;
  }

  private void run(long millis) {
    try {
      do {
        Thread.sleep(millis);
      } while (tell());
    } catch (InterruptedException closed) {
      // Who closes it tells the last interval.
    }
  }

  /** Returns whether there will be more to tell. */
  private boolean tell() {
    synchronized (lock) {
      if (ended) {
        return false;
      }
      try {
        MetricsSnapshot now = reader.read();
        interval.advance(now);
        listener.onMetrics(now, interval);
      } catch (ReadServerException stopped) {
        ended = true;
      } catch (RuntimeException | LinkageError e) {
        Thread teller = Thread.currentThread();
        teller.getUncaughtExceptionHandler().uncaughtException(teller, e);
      }
      return !ended;
    }
  }

  /** Tells the last interval, if the server still runs, and ends. Idempotent. */
  @Override
  public void close() {
    thread.interrupt();
    synchronized (lock) {
      tell();
      ended = true;
    }
  }
}
