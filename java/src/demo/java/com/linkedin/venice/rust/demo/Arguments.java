package com.linkedin.venice.rust.demo;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The command line, parsed.
 *
 * @param input the Avro file; empty means the emoji that come with the demo
 * @param partitions the number of partitions, 1 to 1000
 * @param port the port to serve on; 0 means any free one
 * @param data the directory to write to; empty means a temporary one that is removed at the end
 * @param serve whether to go on serving after the check
 * @param score the key that others are scored against, {@link #SCORE_FIRST} for one of the demo's
 *     choice; empty to score nothing
 * @param metricsPort the port where Prometheus scrapes metrics while it serves; 0 means any free
 *     one
 * @param adminSocket where operators find the server; empty means nowhere
 * @param help whether to print the help and end
 */
record Arguments(
    Optional<Path> input,
    int partitions,
    int port,
    Optional<Path> data,
    boolean serve,
    Optional<String> score,
    int metricsPort,
    Optional<Path> adminSocket,
    boolean help) {
  /** A key that scores are asked against unless the user has one. */
  static final String SCORE_FIRST = "";

  static final String HELP =
      """
      Writes an Avro file as a Venice store version, serves it over gRPC from Rust inside this JVM,
      reads every key back by single get and by batch get, and compares each value.

      usage: demo [--input FILE.avro] [--partitions N] [--port N] [--data DIR] [--serve]
                  [--score[=KEY]] [--metrics-port N] [--admin-socket PATH]

        --input FILE.avro  an Avro container file whose rows have the fields "key" and "value",
                           of any types (default: 3,963 emoji that come with the demo)
        --partitions N     the number of partitions, 1 to 1000 (default: 8)
        --port N           the port to serve on (default: 0, any free port)
        --data DIR         where to write, under DIR/rocksdb; the data stay there
                           (default: a temporary directory, removed at the end)
        --serve            go on serving until Ctrl-C, so that other gRPC clients can read, and
                           Prometheus can scrape metrics
        --score[=KEY]      find what is like a key: the server scores every row's vector against
                           that of KEY (default: 😺 of the emoji, else the first row), and
                           the client does it again with the values; needs a field of floats
        --metrics-port N   the port for Prometheus (default: 0, any free port)
        --admin-socket PATH  a unix socket on which operators look at the server (docs/admin.md)
        -h, --help         print this and end

      Exit code: 0 if every value, and every score, was equal both ways, else 1.
      """;

  private static final int DEFAULT_PARTITIONS = 8;
  private static final int MAX_PARTITIONS = 1000;

  static Arguments parse(String[] args) throws DemoException {
    Optional<Path> input = Optional.empty();
    int partitions = DEFAULT_PARTITIONS;
    int port = 0;
    Optional<Path> data = Optional.empty();
    boolean serve = false;
    Optional<String> score = Optional.empty();
    int metricsPort = 0;
    Optional<Path> adminSocket = Optional.empty();
    boolean help = false;
    for (int i = 0; i < args.length; i++) {
      String option = args[i];
      String value = null;
      int equals = option.indexOf('=');
      if (option.startsWith("--") && equals > 0) {
        value = option.substring(equals + 1);
        option = option.substring(0, equals);
      }
      boolean flag = option.equals("--serve") || option.equals("--help") || option.equals("-h");
      if (option.equals("--score")) {
        score = Optional.of(value == null ? SCORE_FIRST : value);
        continue;
      }
      boolean known =
          flag || option.matches("--(input|partitions|port|data|metrics-port|admin-socket)");
      if (!known) {
        throw new DemoException("there is no option " + args[i] + ": see --help");
      }
      if (flag && value != null) {
        throw new DemoException("the option " + option + " takes no value: see --help");
      }
      if (!flag && value == null) {
        if (++i == args.length) {
          throw new DemoException("the option " + option + " needs a value: see --help");
        }
        value = args[i];
      }
      switch (option) {
        case "--input" -> input = Optional.of(path(option, value));
        case "--partitions" -> partitions = number(option, value, 1, MAX_PARTITIONS);
        case "--port" -> port = number(option, value, 0, 65535);
        case "--metrics-port" -> metricsPort = number(option, value, 0, 65535);
        case "--admin-socket" -> adminSocket = Optional.of(path(option, value));
        case "--data" -> data = Optional.of(path(option, value));
        case "--serve" -> serve = true;
        default -> help = true;
      }
    }
    return new Arguments(
        input, partitions, port, data, serve, score, metricsPort, adminSocket, help);
  }

  private static int number(String option, String value, int least, int most) throws DemoException {
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number out of range.
    }
    throw new DemoException(
        option + " is \"" + value + "\": give a whole number from " + least + " to " + most);
  }

  /** Takes a relative path from the directory the user typed the command in. */
  private static Path path(String option, String value) throws DemoException {
    if (value.isEmpty()) {
      throw new DemoException("the option " + option + " has an empty path");
    }
    try {
      // `bazel run` starts the program elsewhere and says in this variable where it was called.
      String calledIn = System.getenv("BUILD_WORKING_DIRECTORY");
      return calledIn == null ? Path.of(value) : Path.of(calledIn).resolve(value);
    } catch (InvalidPathException e) {
      throw new DemoException(option + " \"" + value + "\" is not a path: " + e.getReason(), e);
    }
  }
}
