package com.linkedin.venice.rust;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A number that a read server counted: see {@link RustReadServer#metrics()}.
 *
 * @param name the name that Venice's server has for it, without {@code venice.server.}
 * @param dimensions what it is about, by name and value; immutable
 * @param value the count, which only grows while its subject is there
 */
public record ReadServerMetric(String name, Map<String, String> dimensions, long value) {
  /**
   * Reads what the library hands over: of each number its name, how many dimensions it has, name
   * and value of each of them, and the value.
   */
  static List<ReadServerMetric> parse(String[] texts) {
    List<ReadServerMetric> metrics = new ArrayList<>();
    int at = 0;
    while (at < texts.length) {
      String name = texts[at++];
      Map<String, String> dimensions = new LinkedHashMap<>();
      for (int left = Integer.parseInt(texts[at++]); left > 0; left--) {
        dimensions.put(texts[at++], texts[at++]);
      }
      long value = Long.parseLong(texts[at++]);
      metrics.add(new ReadServerMetric(name, Collections.unmodifiableMap(dimensions), value));
    }
    return List.copyOf(metrics);
  }
}
