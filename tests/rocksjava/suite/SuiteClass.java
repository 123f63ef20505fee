package com.linkedin.venice.rust.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A line of {@code classes.csv}: one JUnit class of RocksJava.
 *
 * @param group the Bazel target that runs it
 * @param name the class
 * @param executed how many tests it executes, counting inherited ones and each parameter
 */
record SuiteClass(String group, String name, int executed) {
  private static final String HEADER = "group,class,executed";

  /** Reads the list that the system property {@code suite.classes} names. */
  static List<SuiteClass> all() throws IOException {
    List<String> lines = Files.readAllLines(Path.of(required("suite.classes")));
    if (!lines.get(0).equals(HEADER)) {
      throw new IOException("the list begins with " + lines.get(0) + ", not with " + HEADER);
    }
    return lines.stream().skip(1).map(line -> line.split(",")).map(SuiteClass::of).toList();
  }

  private static SuiteClass of(String[] fields) {
    return new SuiteClass(fields[0], fields[1], Integer.parseInt(fields[2]));
  }

  static String required(String property) {
    return Objects.requireNonNull(
        System.getProperty(property), () -> "the system property " + property + " is not set");
  }
}
