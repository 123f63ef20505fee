package com.linkedin.venice.rust.metrics;

/** Hears of a server's metrics at even times, from a {@link MetricsReporter}. */
@FunctionalInterface
public interface MetricsListener {
  /**
   * Called by the reporter's thread, and once more by whoever closes it.
   *
   * @param now all metrics: totals since their start, gauges as they are. Filled anew for the next
   *     call, so take out what is to stay
   * @param interval what was counted since the call before: growth of counters, and percentiles of
   *     this interval alone
   */
  void onMetrics(MetricsSnapshot now, MetricsInterval interval);
}
