package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.metrics.MetricKind;
import com.linkedin.venice.rust.metrics.MetricSeries;
import com.linkedin.venice.rust.metrics.MetricsInterval;
import com.linkedin.venice.rust.metrics.MetricsListener;
import com.linkedin.venice.rust.metrics.MetricsSnapshot;
import io.tehuti.metrics.MetricsRepository;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of a read server as gauges of Tehuti, in the repository of a Venice server, so that
 * its reporters (JMX and others) show them.
 *
 * <p>A gauge is called {@code .<store>--rust_<metric>.<stat>}, with {@code total} in place of a store
 * for what belongs to none. {@code <metric>} is the name without {@code venice.<prefix>.}, and then
 * the values of the other dimensions, all joined by {@code _}, which also stands for what is no
 * letter or digit:
 *
 * <pre>
 * .total--rust_read_call_count.Total
 * .cats--rust_read_call_time_single_get_200_keys_eq_1.99thPercentile
 * </pre>
 *
 * <p>Counters have {@code Total} (since the start) and {@code Rate} (a second, since the last read),
 * gauges {@code Gauge}, distributions {@code Count}, {@code Avg} and percentiles, of the time since
 * the last read. All have a prefix of their own, {@code rust_}: Java's server has sensors of the
 * same meaning.
 *
 * <p>Tehuti forgets no gauge of its own accord, so one stays, and shows 0, when its store is gone.
 */
public final class TehutiGauges implements MetricsListener {
  private static final Logger LOG = LoggerFactory.getLogger(TehutiGauges.class);

  /** Gauges of one repository: those of 500 stores, and an end to it. */
  private static final int MAX_GAUGES = 50_000;

  private static final String STORE = "venice.store.name";

  /** They tell nothing apart within one server. */
  private static final List<String> LEFT_OUT =
      Collections.unmodifiableList(
          Arrays.asList(
              STORE,
              "venice.cluster.name",
              "venice.server.transport",
              "venice.response.status_code_category",
              "http.response.status_code_category"));

  private static final double[] QUANTILES = {0.5, 0.95, 0.99, 0.999};
  private static final String[] QUANTILE_NAMES = {
    "50thPercentile", "95thPercentile", "99thPercentile", "99_9thPercentile"
  };

  /** Those that a repository has, for a server that is made anew: Tehuti takes a name once only. */
  private static final Map<MetricsRepository, Map<String, Gauge>> ALL = new WeakHashMap<>();

  private final MetricsRepository repository;
  private final Map<String, Gauge> gauges;
  private List<MetricSeries> series = Collections.emptyList();
  private final List<Gauge[]> ofSeries = new ArrayList<>();
  private boolean full;

  /** Creates gauges in {@code repository}, which come with the first read. */
  public TehutiGauges(MetricsRepository repository) {
    this.repository = Objects.requireNonNull(repository, "repository");
    synchronized (ALL) {
      gauges = ALL.computeIfAbsent(repository, none -> new ConcurrentHashMap<>());
    }
  }

  @Override
  public synchronized void onMetrics(MetricsSnapshot now, MetricsInterval interval) {
    if (now.series() != series) {
      adopt(now.series());
    }
    for (int i = 0; i < series.size(); i++) {
      tell(now, interval, i, ofSeries.get(i));
    }
  }

  private void adopt(List<MetricSeries> next) {
    for (Gauge gauge : gauges.values()) {
      gauge.value = 0;
    }
    ofSeries.clear();
    for (MetricSeries one : next) {
      String[] stats = stats(one.kind());
      Gauge[] its = new Gauge[stats.length];
      String name = name(one);
      for (int i = 0; i < stats.length; i++) {
        its[i] = gauge(name + '.' + stats[i]);
      }
      ofSeries.add(its);
    }
    series = next;
  }

  private static String[] stats(MetricKind kind) {
    switch (kind) {
      case COUNTER:
        return new String[] {"Total", "Rate"};
      case HISTOGRAM:
        String[] stats = new String[2 + QUANTILES.length];
        stats[0] = "Count";
        stats[1] = "Avg";
        System.arraycopy(QUANTILE_NAMES, 0, stats, 2, QUANTILES.length);
        return stats;
      case SUMMARY:
        return new String[] {"Count", "Avg"};
      default:
        return new String[] {"Gauge"};
    }
  }

  /** The name of a series in Tehuti. A total and a series without dimensions are the same. */
  static String name(MetricSeries series) {
    String store = series.attributes().getOrDefault(STORE, "total");
    StringBuilder name = new StringBuilder(".").append(store).append("--rust_");
    name.append(series.name().replaceFirst("^venice\\.[^.]*\\.", "").replace('.', '_'));
    for (Map.Entry<String, String> attribute : series.attributes().entrySet()) {
      if (!LEFT_OUT.contains(attribute.getKey())) {
        // A dot would begin the stat, and names of JMX have no slash, comma or equals sign.
        name.append('_').append(attribute.getValue().replaceAll("[^A-Za-z0-9_-]", "_"));
      }
    }
    return name.toString();
  }

  private Gauge gauge(String name) {
    Gauge known = gauges.get(name);
    if (known != null) {
      return known;
    }
    Gauge gauge = new Gauge();
    if (gauges.size() >= MAX_GAUGES) {
      if (!full) {
        full = true;
        LOG.warn("Tehuti has {} gauges of the Rust read path; no more are made", MAX_GAUGES);
      }
      return gauge;
    }
    gauges.put(name, gauge);
    try {
      repository.addMetric(name, (config, time) -> gauge.value);
    } catch (IllegalArgumentException taken) {
      LOG.warn("the gauge {} is not shown: {}", name, taken.getMessage());
    }
    return gauge;
  }

  private static void tell(
      MetricsSnapshot now, MetricsInterval interval, int index, Gauge[] gauges) {
    switch (now.series().get(index).kind()) {
      case COUNTER:
        double seconds = (now.timeUnixNanos() - interval.startUnixNanos(index)) / 1e9;
        gauges[0].value = now.doubleValue(index);
        gauges[1].value = seconds > 0 ? interval.doubleValue(index) / seconds : 0;
        break;
      case HISTOGRAM:
        for (int i = 0; i < QUANTILES.length; i++) {
          gauges[2 + i].value = interval.quantile(index, QUANTILES[i]);
        }
        distribution(interval, index, gauges);
        break;
      case SUMMARY:
        distribution(interval, index, gauges);
        break;
      default:
        gauges[0].value = now.doubleValue(index);
        break;
    }
  }

  private static void distribution(MetricsInterval interval, int index, Gauge[] gauges) {
    long count = interval.count(index);
    gauges[0].value = count;
    gauges[1].value = count == 0 ? 0 : interval.sum(index) / count;
  }

  /** What a reporter of Tehuti reads. */
  private static final class Gauge {
    volatile double value;
  }
}
