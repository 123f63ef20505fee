package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that ran in a JVM of its own, with the class path of this one.
 *
 * @param exitValue what it ended with
 * @param output what it wrote to both of its streams
 */
record JavaProgram(int exitValue, String output) {
  /** Far above the time of a JVM's life: one that does not end fails the test, not the whole run. */
  private static final long HANG_GUARD_SECONDS = 120;

  /** Runs the main method of a class; what it writes goes through {@code log}. */
  static JavaProgram run(
      File log, List<String> options, Class<?> program, List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-UsePerfData");
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    boolean ended = process.waitFor(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    String output = Files.readString(log.toPath());
    assertTrue(program.getSimpleName() + arguments + " does not end: " + output, ended);
    return new JavaProgram(process.exitValue(), output);
  }
}
