package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.tests.permutations.Outcome.Status;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import com.linkedin.venice.rust.tests.permutations.Permutation.Server;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Outcomes as a Markdown table: a row for each of Venice's tests, call, compression and retry, a
 * column for each server, library and transport; under it, numbered, why a test failed or cannot
 * be.
 */
final class MatrixTable {
  private static final String NOTHING = "not run";

  private final Map<Row, Map<Column, String>> rows = new LinkedHashMap<>();
  private final Map<String, Integer> reasons = new LinkedHashMap<>();
  private final Map<Status, Integer> counts = new HashMap<>();
  private final List<Column> columns = new ArrayList<>();
  private int holes;

  private record Row(String test, Read read, CompressionStrategy compression, boolean retry) {}

  private record Column(Server server, Library library, Transport transport) {}

  MatrixTable(List<Outcome> outcomes) {
    for (Server server : Server.values()) {
      for (Library library : Library.values()) {
        for (Transport transport : Transport.values()) {
          columns.add(new Column(server, library, transport));
        }
      }
    }
    outcomes.forEach(this::add);
    rows.values().forEach(cells -> holes += columns.size() - cells.size());
  }

  private void add(Outcome outcome) {
    Permutation with = outcome.permutation();
    Row row = new Row(outcome.test(), with.read(), with.compression(), with.retry());
    Column column = new Column(with.server(), with.library(), with.transport());
    counts.merge(outcome.status(), 1, Integer::sum);
    String cell =
        switch (outcome.status()) {
          case PASSED -> "passed";
          case FAILED -> "**FAILED** " + note(outcome.reason());
          case NOT_APPLICABLE -> "n/a " + note(outcome.reason());
        };
    String before = rows.computeIfAbsent(row, r -> new HashMap<>()).put(column, cell);
    if (before != null) {
      throw new IllegalStateException(outcome.toLine() + " is there twice");
    }
  }

  private String note(String reason) {
    return "[" + reasons.computeIfAbsent(reason, r -> reasons.size() + 1) + "]";
  }

  int count(Status status) {
    return counts.getOrDefault(status, 0);
  }

  /** Returns whether something passed, nothing failed, and every cell has an outcome. */
  boolean holds() {
    return count(Status.PASSED) > 0 && count(Status.FAILED) == 0 && holes == 0;
  }

  /** Returns the text. */
  String toMarkdown() {
    StringBuilder text = new StringBuilder("| Test of Venice | Call | Stored | Retry |");
    StringBuilder line = new StringBuilder("|---|---|---|---|");
    for (Column column : columns) {
      text.append(
          String.format(
              " %s server, %s library, %s |",
              column.server(), column.library(), column.transport()));
      line.append("---|");
    }
    text.append('\n').append(line).append('\n');
    rows.forEach(
        (row, cells) -> {
          text.append(
              String.format(
                  "| %s | %s | %s | %s |",
                  row.test(), row.read(), row.compression(), row.retry() ? "on" : "off"));
          columns.forEach(
              column -> text.append(' ').append(cells.getOrDefault(column, NOTHING)).append(" |"));
          text.append('\n');
        });
    text.append('\n');
    reasons.forEach((reason, number) -> text.append("[" + number + "] " + reason + "\n"));
    text.append(
        String.format(
            "%n%d passed, %d failed, %d n/a, %d not run%n",
            count(Status.PASSED), count(Status.FAILED), count(Status.NOT_APPLICABLE), holes));
    return text.toString();
  }
}
