package com.linkedin.venice.rust;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The keys that were read most in a session of {@link RustReadServer#startHotKeys}. Immutable;
 * docs/hot-keys.md.
 */
public final class HotKeys {
  private final Duration left;
  private final long reads;
  private final List<Key> keys;

  /** Reads what the library hands over: a line about the session, and one for each key. */
  HotKeys(String rows) {
    String[] lines = rows.split("\n");
    String[] first = lines[0].split("\t");
    left = Duration.ofMillis(Long.parseLong(first[0]));
    reads = Long.parseLong(first[1]);
    List<Key> all = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      all.add(new Key(lines[i].split("\t", -1)));
    }
    keys = Collections.unmodifiableList(all);
  }

  /** How long the session goes on; zero when it is over. */
  public Duration left() {
    return left;
  }

  /** How many keys were read in all. */
  public long reads() {
    return reads;
  }

  /** Those that were read most, the hottest first, a hundred at most; immutable. */
  public List<Key> keys() {
    return keys;
  }

  @Override
  public String toString() {
    return reads + " keys were read; most of them " + keys;
  }

  /** A key that was read often. */
  public static final class Key {
    private final long reads;
    private final long atLeast;
    private final String storeVersion;
    private final String shown;

    private Key(String[] columns) {
      reads = Long.parseLong(columns[0]);
      atLeast = Long.parseLong(columns[1]);
      storeVersion = columns[2];
      shown = columns[3];
    }

    /** How often it was read, at most. */
    public long reads() {
      return reads;
    }

    /** How often it was read, at least. */
    public long atLeast() {
      return atLeast;
    }

    /** {@code <store>_v<N>}. */
    public String storeVersion() {
      return storeVersion;
    }

    /**
     * The key as text, with {@code \\xff} for what is not printable, or {@code #} and its number if
     * keys are not shown.
     */
    public String shown() {
      return shown;
    }

    @Override
    public String toString() {
      return storeVersion + " " + shown + ": " + reads;
    }
  }
}
