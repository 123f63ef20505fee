package com.linkedin.venice.rust;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/** What values a setting takes, and its default. Immutable. */
final class SettingValues {
  /** The unit of settings that are a {@link Duration} in Java. */
  private static final String MILLISECONDS = "milliseconds";

  /** What of a refused value an error shows, in characters. */
  private static final int SHOWN = 200;

  private enum Kind {
    NUMBER,
    CHOICE,
    TEXT,
    /** Any text; no message shows it. */
    PASSWORD
  }

  private final Kind kind;
  private final String defaultValue;
  private final String unit;
  private final long min;
  private final long max;
  private final List<String> words;

  private SettingValues(
      Kind kind, String defaultValue, String unit, long min, long max, List<String> words) {
    this.kind = kind;
    this.defaultValue = defaultValue;
    this.unit = unit;
    this.min = min;
    this.max = max;
    this.words = words;
  }

  /** A whole number from {@code min} to {@code max}. */
  static SettingValues number(String defaultValue, String unit, long min, long max) {
    return new SettingValues(Kind.NUMBER, defaultValue, unit, min, max, Collections.emptyList());
  }

  /** One of some words. */
  static SettingValues choice(String defaultValue, String... words) {
    return new SettingValues(Kind.CHOICE, defaultValue, "", 0, 0, Arrays.asList(words));
  }

  /** A text that is not blank. */
  static SettingValues text(String defaultValue) {
    return new SettingValues(Kind.TEXT, defaultValue, "", 0, 0, Collections.emptyList());
  }

  /** Any text, which no message shows. */
  static SettingValues password() {
    return new SettingValues(Kind.PASSWORD, null, "", 0, 0, Collections.emptyList());
  }

  /** Returns the number that {@code text} is; empty if it is null. */
  static OptionalInt optional(String text) {
    return text == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
  }

  /** The value when nothing is set; null when there is none, or the server chooses it. */
  String defaultValue() {
    return defaultValue;
  }

  /** The unit of a number; empty if it has none. */
  String unit() {
    return unit;
  }

  /** The smallest number. */
  long min() {
    return min;
  }

  /** The largest number. */
  long max() {
    return max;
  }

  /** The words of a choice; else empty. */
  List<String> words() {
    return words;
  }

  /**
   * Checks a value in its text form and returns it as the server takes it.
   *
   * @throws IllegalArgumentException if setting {@code name} does not take it
   */
  String check(String name, String value) {
    Objects.requireNonNull(value, name);
    switch (kind) {
      case NUMBER:
        long number = parse(name, value);
        checkRange(name, number, isTime() ? Duration.ofMillis(number) : (Object) number);
        return Long.toString(number);
      case CHOICE:
        if (!words.contains(value)) {
          throw new IllegalArgumentException(
              name + " is \"" + shown(value) + "\": give one of " + String.join(", ", words));
        }
        return value;
      case TEXT:
        if (value.codePoints().allMatch(Character::isWhitespace)) {
          throw new IllegalArgumentException(
              name + " is blank: give a value, or leave the setting out for its default");
        }
        return value;
      default:
        return value;
    }
  }

  /**
   * Checks a number and returns it in text form; {@code given} is how the caller gave it.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  String checkRange(String name, long number, Object given) {
    if (number < min || number > max) {
      throw new IllegalArgumentException(
          name
              + " is "
              + given
              + (isTime() ? ": give a time from " : ": give a value from ")
              + min
              + (isTime() ? " ms to " : " to ")
              + max
              + (isTime() ? " ms" : ""));
    }
    return Long.toString(number);
  }

  /**
   * Checks a time and returns it in whole milliseconds.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  long checkTime(String name, Duration value) {
    Objects.requireNonNull(value, name);
    boolean tooLong = value.compareTo(Duration.ofMillis(max)) > 0;
    long millis = tooLong ? Long.MAX_VALUE : value.isNegative() ? -1 : value.toMillis();
    checkRange(name, millis, value);
    return millis;
  }

  private boolean isTime() {
    return unit.equals(MILLISECONDS);
  }

  private long parse(String name, String value) {
    long largest = Math.max(max, Integer.MAX_VALUE);
    try {
      long number = Long.parseLong(value.trim());
      if (number > largest) {
        throw new NumberFormatException(value);
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          name
              + " is \""
              + shown(value)
              + "\": give a whole number of at most "
              + largest
              + " in digits, without a unit",
          e);
    }
  }

  /** Returns the beginning of a text from outside, for an error. */
  static String shown(String value) {
    return value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "...";
  }
}
