package com.linkedin.venice.rust.bench.compute;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server in a JVM of its own, on a core of its own, and the processor time that it took. */
final class ServerProcess implements AutoCloseable {
  private static final long CLOSE_SECONDS = 30;

  /** Of {@code /proc}: USER_HZ is 100 wherever Linux runs. */
  private static final double NANOS_OF_A_TICK = 1e7;

  private final Process process;
  private final int port;

  /** Starts a program of the build on core 0, where {@code taskset} is there to do it. */
  ServerProcess(Path program, String side) throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/taskset"))) {
      command.addAll(List.of("/usr/bin/taskset", "-c", "0"));
    }
    command.addAll(List.of(program.toString(), side));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII));
    String line = output.readLine();
    if (line == null || !line.startsWith("port ")) {
      process.destroy();
      throw new IOException(program + " " + side + " did not start: " + line);
    }
    port = Integer.parseInt(line.substring("port ".length()));
  }

  /** Returns {@code host:port}. */
  String address() {
    return "127.0.0.1:" + port;
  }

  /** Returns the nanoseconds of processor time that all its threads have taken; grain 10 ms. */
  double processorNanos() throws IOException {
    return processorNanos(process.pid());
  }

  /** Returns the same of this process. */
  static double ownProcessorNanos() throws IOException {
    return processorNanos(ProcessHandle.current().pid());
  }

  private static double processorNanos(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // Behind the name, which may have spaces: state is the third field, utime and stime 14th, 15th.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_OF_A_TICK;
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
