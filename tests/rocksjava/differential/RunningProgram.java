package com.linkedin.venice.rust.tests.differential;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.TimerTask;
import java.util.stream.Collectors;

/** A JVM that runs {@link SequenceProgram}. It is started again when it died. */
final class RunningProgram implements AutoCloseable {
  /** How long a sequence may take. It takes a tenth of a second; some are slow to close. */
  private static final long DEADLINE_MILLIS = 120_000;

  private final List<String> command;
  private final File errors;
  private Process process;
  private BufferedWriter requests;
  private BufferedReader answers;
  private String library;

  /**
   * Starts it.
   *
   * @param classPath the program and a RocksDB library
   * @param directory a folder of its own
   * @param flags more flags for the JVM
   */
  RunningProgram(String classPath, Path directory, List<String> flags) throws IOException {
    Files.createDirectories(directory);
    errors = directory.resolve("errors.log").toFile();
    command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
            "-XX:-UsePerfData",
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:ErrorFile=" + directory.resolve("crash.log"),
            "-Djava.io.tmpdir=" + directory,
            "-cp",
            classPath,
            SequenceProgram.class.getName(),
            directory.toString()));
    start();
  }

  private void start() throws IOException {
    process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors)).start();
    requests =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    library = answers.readLine();
    if (library == null) {
      throw new IOException("the program does not start: " + errors());
    }
  }

  /** Where the RocksDB library came from, and its version. */
  String library() {
    return library;
  }

  /** What the program wrote to its standard error. */
  String errors() throws IOException {
    return Files.readString(errors.toPath());
  }

  void request(long seed, Set<Integer> left) throws IOException {
    if (!process.isAlive()) {
      start();
    }
    requests.write(Long.toString(seed));
    if (!left.isEmpty()) {
      requests.write(" " + left.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    requests.newLine();
    requests.flush();
  }

  /**
   * Returns the lines of an answer; a last one says so if the JVM died, or was ended because it did
   * not answer in time.
   */
  List<String> answer() throws IOException, InterruptedException {
    Process answering = process;
    Timer deadline = new Timer(true);
    deadline.schedule(
        new TimerTask() {
          @Override
          public void run() {
            answering.destroyForcibly();
          }
        },
        DEADLINE_MILLIS);
    try {
      return readAnswer();
    } finally {
      deadline.cancel();
    }
  }

  private List<String> readAnswer() throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    for (String line = answers.readLine(); ; line = answers.readLine()) {
      if (line == null) {
        // 137: it hung, and was ended.
        lines.add("the JVM died with exit code " + process.waitFor() + ": " + lastErrors());
        return lines;
      }
      if (line.equals("end")) {
        return lines;
      }
      lines.add(line.substring("= ".length()));
    }
  }

  private String lastErrors() throws IOException {
    String all = errors();
    return all.substring(Math.max(0, all.length() - 2000));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    requests.close();
    if (process.waitFor() != 0) {
      throw new IOException("the program ended with " + process.exitValue() + ": " + lastErrors());
    }
  }
}
