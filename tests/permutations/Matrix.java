package com.linkedin.venice.rust.tests.permutations;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Runs the tests with every permutation, in one JVM for each native library, and prints what became
 * of them as a table. Exits with 1 if a test failed or was not run.
 *
 * <p>System properties: {@code matrix.stock}, the jar of rocksdbjni as published; {@code
 * matrix.our}, our library under the name that RocksJava looks for.
 */
final class Matrix {
  private Matrix() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<Outcome> outcomes = new ArrayList<>();
    boolean forksPassed = true;
    for (Library library : Library.values()) {
      System.err.println("running the tests on the " + library + " library");
      forksPassed &= run(library, outcomes);
    }
    MatrixTable table = new MatrixTable(outcomes);
    System.out.print(table.toMarkdown());
    System.exit(forksPassed && table.holds() ? 0 : 1);
  }

  /** Runs the tests on a library, and returns whether all passed. */
  private static boolean run(Library library, List<Outcome> outcomes)
      throws IOException, InterruptedException {
    Path results = Files.createTempFile("matrix", ".results");
    Path log = Files.createTempFile("matrix", ".log");
    try {
      // The library comes first; nothing behind it has another one.
      String classPath = classPath(library) + File.pathSeparator + required("java.class.path");
      int exitCode =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:-UsePerfData",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-XX:+IgnoreUnrecognizedVMOptions",
                  "--enable-native-access=ALL-UNNAMED",
                  "-D" + Library.PROPERTY + "=" + library,
                  "-cp",
                  classPath,
                  MatrixFork.class.getName(),
                  results.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start()
              .waitFor();
      if (exitCode != 0) {
        System.err.print(Files.readString(log, StandardCharsets.UTF_8));
        System.err.println("the tests on the " + library + " library ended with " + exitCode);
      }
      for (String line : Files.readAllLines(results, StandardCharsets.UTF_8)) {
        outcomes.add(Outcome.parse(line));
      }
      return exitCode == 0;
    } finally {
      Files.delete(results);
      Files.delete(log);
    }
  }

  /** Returns where RocksJava finds the library: rocksdbjni's jar, or the folder of our file. */
  private static Path classPath(Library library) {
    Path file = Path.of(required("matrix." + library)).toAbsolutePath();
    return library == Library.OURS ? file.getParent() : file;
  }

  private static String required(String property) {
    return Objects.requireNonNull(
        System.getProperty(property), () -> "the system property " + property + " is not set");
  }
}
