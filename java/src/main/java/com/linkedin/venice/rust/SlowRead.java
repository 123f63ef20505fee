package com.linkedin.venice.rust;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A request that a read server kept: one that took as long as {@code slow.log.threshold.us}, or one
 * of some others, by chance. Times are microseconds. Immutable; docs/slow-log.md.
 */
public final class SlowRead {
  /** The columns behind the eleven first, in their order. */
  static final String[] PHASES = {"receive", "access", "room", "queue", "read", "send"};

  private static final int FIRST_PHASE = 11;

  private final String[] columns;
  private final Map<String, Long> phases;

  private SlowRead(String row) {
    columns = row.split("\t", -1);
    if (columns.length != FIRST_PHASE + PHASES.length) {
      throw new IllegalArgumentException(
          "a row of the slow log has " + columns.length + " columns: the jars do not match");
    }
    Map<String, Long> byName = new LinkedHashMap<>();
    for (int i = 0; i < PHASES.length; i++) {
      byName.put(PHASES[i], number(FIRST_PHASE + i));
    }
    phases = Collections.unmodifiableMap(byName);
  }

  /** Reads what the library hands over: a line for each. */
  static List<SlowRead> parse(String rows) {
    List<SlowRead> reads = new ArrayList<>();
    for (int at = 0; at < rows.length(); ) {
      int end = rows.indexOf('\n', at);
      reads.add(new SlowRead(rows.substring(at, end)));
      at = end + 1;
    }
    return Collections.unmodifiableList(reads);
  }

  private long number(int column) {
    return Long.parseLong(columns[column]);
  }

  /** Its number; they count up over all that a server keeps. */
  public long sequence() {
    return number(0);
  }

  /** When it began, by the clock of the system. */
  public Instant start() {
    return Instant.EPOCH.plusNanos(number(1) * 1000);
  }

  /** Why it was kept: {@code slow}, or by chance {@code disk} or {@code sampled}. */
  public String why() {
    return columns[2];
  }

  /** The RPC: {@code get} or {@code batchGet}. */
  public String method() {
    return columns[3];
  }

  /** {@code <store>_v<N>}; empty if the request named none that is open. */
  public String storeVersion() {
    return columns[4];
  }

  /** The keys that it asked for; 0 if that is not known. */
  public int keys() {
    return (int) number(5);
  }

  /** The bytes of its message. */
  public long requestBytes() {
    return number(6);
  }

  /** The bytes of the answer's message; 0 if there was none. */
  public long responseBytes() {
    return number(7);
  }

  /** Venice's code, such as {@code 200}, or the name of the gRPC status that ended the call. */
  public String status() {
    return columns[8];
  }

  /** From its first byte to its answer, in microseconds; sending comes behind it. */
  public long totalMicros() {
    return number(9);
  }

  /** What of the total no phase has, in microseconds. */
  public long restMicros() {
    return number(10);
  }

  /** What it waited for, and reading, in microseconds, by name; immutable. */
  public Map<String, Long> phasesMicros() {
    return phases;
  }

  @Override
  public String toString() {
    return String.join(
        " ", start().toString(), why(), method(), storeVersion(), "status " + status())
        + (" keys " + keys() + " total " + totalMicros() + " us " + phases);
  }
}
