package com.linkedin.venice.rust.bench.rocksjava;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The command line of {@link RocksJavaBench}. */
final class BenchArguments {
  static final String USAGE =
      """
      ./bazelw run //tests/bench:rocksjava -- [--quick] [--tables T,...] [--values BYTES,...]
          [--filter REGEX] [--pairs N] [--output FOLDER]

      Measures the calls that Venice makes of RocksJava on our native library and on that of stock
      rocksdbjni: a fork of each in turn, and the ratio of their times.

        --quick           values of 1024 bytes, 3 pairs, short forks: a first impression, minutes
        --tables T,...    BLOCK_BASED, PLAIN (default: both)
        --values B,...    sizes of values in bytes (default: 100,1024,16384)
        --filter REGEX    cases whose name it finds, such as 'get.*Miss' or 'multiGet.* 100$'
        --pairs N         pairs of forks for each case (default: 10)
        --output FOLDER   where rocksjava.html and rocksjava.csv go (default: the current folder)
      """;

  List<String> tables = List.of("BLOCK_BASED", "PLAIN");
  List<Integer> values = List.of(100, 1024, 16384);
  Pattern filter = Pattern.compile("");
  int pairs = 10;
  Path output;

  /** How long JMH warms up and measures in a fork. */
  List<String> times = List.of("-wi", "2", "-w", "500ms", "-i", "3", "-r", "500ms");

  BenchArguments(Path output, String... arguments) {
    this.output = output;
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--quick" -> {
          values = List.of(1024);
          pairs = 3;
          times = List.of("-wi", "1", "-w", "300ms", "-i", "2", "-r", "250ms");
        }
        case "--glance" -> {
          // For the test that runs each step once: the times mean nothing.
          pairs = 1;
          times = List.of("-wi", "0", "-i", "1", "-r", "20ms");
        }
        case "--tables" -> tables = List.of(value(arguments, ++i).split(","));
        case "--values" ->
            values = Arrays.stream(value(arguments, ++i).split(",")).map(this::bytes).toList();
        case "--filter" -> filter = pattern(value(arguments, ++i));
        case "--pairs" -> pairs = number("--pairs", value(arguments, ++i), 1, 1000);
        case "--output" -> this.output = output.resolve(value(arguments, ++i));
        default ->
            throw new IllegalArgumentException(arguments[i] + " is not an option\n\n" + USAGE);
      }
    }
    for (String table : tables) {
      if (!List.of("BLOCK_BASED", "PLAIN").contains(table)) {
        throw new IllegalArgumentException(table + ": --tables takes BLOCK_BASED and PLAIN");
      }
    }
  }

  private static String value(String[] arguments, int at) {
    if (at == arguments.length) {
      throw new IllegalArgumentException(arguments[at - 1] + " needs a value\n\n" + USAGE);
    }
    return arguments[at];
  }

  private int bytes(String text) {
    return number("--values", text, 1, 1 << 20);
  }

  private static int number(String option, String text, int least, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As any other text that is no such number.
    }
    throw new IllegalArgumentException(
        option + " is " + text + ": give a number from " + least + " to " + most);
  }

  private static Pattern pattern(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("--filter is no regular expression: " + e.getMessage());
    }
  }
}
