package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import com.linkedin.venice.rust.tests.permutations.Permutation.Server;

/**
 * What became of one test with one permutation.
 *
 * @param test {@code <class>.<method>} of Venice's test
 * @param reason of a failure, or why it cannot be run; else empty
 */
record Outcome(String test, Permutation permutation, Status status, String reason) {
  private static final int FIELDS = 9;

  enum Status {
    PASSED,
    FAILED,
    NOT_APPLICABLE
  }

  /** Returns one line, for {@link #parse}. */
  String toLine() {
    return String.join(
        "\t",
        test,
        permutation.server().name(),
        permutation.library().name(),
        permutation.read().name(),
        permutation.compression().name(),
        permutation.transport().name(),
        Boolean.toString(permutation.retry()),
        status.name(),
        reason.replaceAll("\\s+", " ").trim());
  }

  /** Returns what a line says. */
  static Outcome parse(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException(
          "an outcome has " + FIELDS + " fields, not " + fields.length + ": " + line);
    }
    Permutation permutation =
        new Permutation(
            Server.valueOf(fields[1]),
            Library.valueOf(fields[2]),
            Read.valueOf(fields[3]),
            CompressionStrategy.valueOf(fields[4]),
            Transport.valueOf(fields[5]),
            Boolean.parseBoolean(fields[6]));
    return new Outcome(fields[0], permutation, Status.valueOf(fields[7]), fields[8]);
  }
}
