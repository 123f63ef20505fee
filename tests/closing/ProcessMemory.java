package com.linkedin.venice.rust.tests.closing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What this process holds of the machine, as Linux counts it. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path FILES = Path.of("/proc/self/fd");

  private ProcessMemory() {}

  /** Whether the system can be asked. */
  static boolean isKnown() {
    return Files.isReadable(STATUS);
  }

  /** Returns the resident memory in bytes. */
  static long resident() throws IOException {
    return field("VmRSS:") << 10;
  }

  /** Returns the number of threads. */
  static long threads() throws IOException {
    return field("Threads:");
  }

  /** Returns the files below a folder that the process has open, each with how often. */
  static Map<String, Integer> openFiles(Path below) throws IOException {
    Map<String, Integer> open = new TreeMap<>();
    try (Stream<Path> descriptors = Files.list(FILES)) {
      for (Path descriptor : descriptors.toList()) {
        String target;
        try {
          target = Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
          continue; // the descriptor of the listing itself is gone
        }
        if (target.startsWith(below.toString())) {
          open.merge(target, 1, Integer::sum);
        }
      }
    }
    return open;
  }

  private static long field(String name) throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).strip().split(" ")[0]);
      }
    }
    throw new IOException(STATUS + " has no " + name);
  }
}
