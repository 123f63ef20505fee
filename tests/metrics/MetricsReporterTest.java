package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.metrics.MetricsReporter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.Rule;
import org.junit.Test;

/** Metrics that are told to a listener at even times. */
public class MetricsReporterTest {
  private static final Duration OFTEN = Duration.ofMillis(5);

  @Rule public final MeteredStore store = new MeteredStore();

  @Test
  public void intervalsAddUpToTheTotal() {
    AtomicLong counted = new AtomicLong();
    AtomicLong total = new AtomicLong();
    MetricsReporter reporter =
        MetricsReporter.start(
            store.server(),
            OFTEN,
            (now, interval) -> {
              int calls = now.findTotal("venice.server.read.call_count");
              if (calls >= 0) {
                counted.addAndGet(interval.longValue(calls));
                total.set(now.longValue(calls));
              }
            });
    for (int i = 0; i < 1000; i++) {
      store.client().get(store.rows.key(i % 100));
    }
    reporter.close();
    reporter.close();
    assertEquals(1000, total.get());
    assertEquals(1000, counted.get());
  }

  @Test
  public void aListenerThatThrowsIsToldAgain() throws Exception {
    CountDownLatch told = new CountDownLatch(3);
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    AtomicInteger handled = new AtomicInteger();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> handled.incrementAndGet());
    try (MetricsReporter reporter =
        MetricsReporter.start(
            store.server(),
            OFTEN,
            (now, interval) -> {
              told.countDown();
              throw new IllegalStateException("of the listener");
            })) {
      assertTrue(told.await(60, TimeUnit.SECONDS));
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertTrue(handled.get() >= 2);
  }

  @Test
  public void itEndsWithItsServer() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    MetricsReporter reporter =
        MetricsReporter.start(store.server(), OFTEN, (now, interval) -> told.countDown());
    assertTrue(told.await(60, TimeUnit.SECONDS));
    store.server().close();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("venice-metrics")) {
        thread.join(60_000);
        assertTrue(!thread.isAlive());
      }
    }
    reporter.close();
  }

  @Test
  public void timesAreBounded() {
    for (Duration every : new Duration[] {Duration.ZERO, Duration.ofMillis(-1), Duration.ofDays(2)}) {
      String text =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> MetricsReporter.start(store.server(), every, (now, interval) -> {}))
              .getMessage();
      assertTrue(text, text.contains(every.toString()));
    }
  }
}
