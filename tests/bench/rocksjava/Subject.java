package com.linkedin.venice.rust.bench.rocksjava;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A native library under RocksJava, measured in JVMs of its own. */
final class Subject {
  private final String classPath;
  private final Path folder;

  /**
   * Makes one.
   *
   * @param library the class-path entry with the native library
   * @param program the jar with the benchmarks and RocksJava's classes
   * @param folder where forks leave their results
   */
  Subject(Path library, Path program, Path folder) {
    this.classPath = library + File.pathSeparator + program;
    this.folder = folder;
  }

  /** Runs a case in a fork and returns the average time in nanoseconds. */
  double measure(BenchCase one, List<String> times) throws IOException, InterruptedException {
    Path result = folder.resolve("result.csv");
    Path log = folder.resolve("fork.log");
    Files.deleteIfExists(result);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xms1g",
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "-Djmh.ignoreLock=true",
            "-cp",
            classPath,
            "org.openjdk.jmh.Main"));
    command.addAll(one.jmhArguments());
    command.addAll(times);
    // JMH's own forks would have this JVM's class path: this JVM is the fork.
    command.addAll(List.of("-f", "0", "-foe", "true", "-rf", "csv", "-rff", result.toString()));
    int exit =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (exit != 0 || !Files.exists(result)) {
      throw new IOException(
          one.name()
              + " ended with "
              + exit
              + ":\n"
              + Files.readString(log, StandardCharsets.UTF_8));
    }
    return score(Files.readAllLines(result));
  }

  /** The score of JMH's one line: benchmark, mode, threads, samples, score, and so on. */
  private static double score(List<String> lines) throws IOException {
    if (lines.size() != 2 || !lines.get(0).split(",")[4].equals("\"Score\"")) {
      throw new IOException("JMH wrote something else than one result: " + lines);
    }
    return Double.parseDouble(lines.get(1).split(",")[4]);
  }
}
