package io.tehuti.metrics;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stand-in for Venice's class of this name. */
public class MetricsRepository {
  /** What happened in a server, in order, for tests. */
  public final List<String> events = new CopyOnWriteArrayList<>();
}
