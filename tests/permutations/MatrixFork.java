package com.linkedin.venice.rust.tests.permutations;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.runner.JUnitCore;
import org.junit.runner.Result;
import org.junit.runner.notification.Failure;

/**
 * Runs every test in this JVM and writes the outcomes, one a line, into the file that its argument
 * names. Exits with 1 if a test failed.
 */
final class MatrixFork {
  private MatrixFork() {}

  public static void main(String[] arguments) throws IOException {
    Result result = JUnitCore.runClasses(AllPermutations.class);
    for (Failure failure : result.getFailures()) {
      System.out.println(failure.getTestHeader() + "\n" + failure.getTrace());
    }
    Files.write(
        Path.of(arguments[0]),
        PermutationTest.outcomes().stream().map(Outcome::toLine).toList(),
        StandardCharsets.UTF_8);
    System.out.println(result.getRunCount() + " tests, " + result.getFailureCount() + " failed");
    System.exit(result.wasSuccessful() ? 0 : 1);
  }
}
