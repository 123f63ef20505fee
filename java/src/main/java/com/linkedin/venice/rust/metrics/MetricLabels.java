package com.linkedin.venice.rust.metrics;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The labels of one generation, as rust/metrics/src/binary.rs writes them. */
final class MetricLabels {
  /** {@code LABELS_MAGIC}, with the version in its low half. */
  private static final long MAGIC = 0x56454E4C_00000001L;

  final long generation;
  final List<MetricSeries> series;

  private MetricLabels(long generation, List<MetricSeries> series) {
    this.generation = generation;
    this.series = Collections.unmodifiableList(series);
  }

  static MetricLabels decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    MetricsSnapshot.checkMagic(in.getLong(), MAGIC);
    long generation = in.getLong();
    int number = Math.toIntExact(in.getLong());
    // Names and keys come for each series; one String of each is enough.
    Map<String, String> known = new HashMap<>();
    List<MetricSeries> series = new ArrayList<>(number);
    for (int i = 0; i < number; i++) {
      MetricKind kind = MetricKind.of(in.getLong());
      boolean isTotal = in.getLong() == 1;
      String name = text(in, known);
      String unit = text(in, known);
      String veniceUnit = text(in, known);
      String description = text(in, known);
      Map<String, String> attributes = new LinkedHashMap<>();
      for (long left = in.getLong(); left > 0; left--) {
        attributes.put(text(in, known), text(in, known));
      }
      series.add(
          new MetricSeries(name, unit, veniceUnit, description, kind, isTotal, attributes));
    }
    return new MetricLabels(generation, series);
  }

  private static String text(ByteBuffer in, Map<String, String> known) {
    byte[] bytes = new byte[Math.toIntExact(in.getLong())];
    in.get(bytes);
    in.position((in.position() + 7) & ~7);
    String text = new String(bytes, StandardCharsets.UTF_8);
    String first = known.putIfAbsent(text, text);
    return first == null ? text : first;
  }
}
