package com.linkedin.venice.rust.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Runs a program in a second JVM with the native library of stock rocksdbjni, whose class path does
 * not have ours.
 *
 * <p>System properties: {@code stock.rocksdbjni.jar}, the jar as published; {@code
 * stock.classpath}, the programs with what they need; {@code stock.java}, the java program
 * (default: the one that runs this).
 */
final class StockJvm {
  private StockJvm() {}

  /** Returns the lines that the program printed, and checks that it used the stock library. */
  static List<String> run(Path folder, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    String stockJar = new File(required("stock.rocksdbjni.jar")).getAbsolutePath();
    Path log = Files.createTempFile(folder, "stock", ".log");
    String java =
        System.getProperty(
            "stock.java", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    List<String> command = new ArrayList<>();
    command.add(java);
    // Tests share /tmp, and so the names of such files; a JVM that finds one in use prints a
    // warning.
    command.add("-XX:-UsePerfData");
    command.add("-Djava.io.tmpdir=" + Files.createTempDirectory(folder, "stock"));
    command.add("-cp");
    command.add(stockJar + File.pathSeparator + required("stock.classpath"));
    command.add(program.getName());
    command.addAll(Arrays.asList(arguments));
    int exitCode =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    String output = Files.readString(log, UTF_8);
    assertEquals(output, 0, exitCode);
    List<String> lines = output.lines().toList();
    String last = lines.get(lines.size() - 1);
    assertTrue(last, last.contains(" done with jar:file:"));
    assertTrue(last, last.contains(new File(stockJar).getName() + "!/"));
    return lines;
  }

  static String required(String property) {
    return Objects.requireNonNull(
        System.getProperty(property), () -> "the system property " + property + " is not set");
  }
}
