package com.linkedin.venice.rust.tests.users;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of each test of a project that uses RocksJava, on the RocksDB library of the class path.
 *
 * <p>Failed tests are outcomes like others: that a test fails is no difference, if it fails alike on the
 * other library.
 */
public final class Outcomes {
  private final Map<String, String> outcomes = new TreeMap<>();

  /** Notes the outcome of a test: {@code SUCCESSFUL}, or another word. */
  public synchronized void note(String test, String outcome) {
    outcomes.put(oneLine(test), oneLine(outcome));
  }

  /** Notes that a test failed, with the first line of why. */
  public void noteFailure(String test, String outcome, Throwable failure) {
    note(test, outcome + ": " + describe(failure));
  }

  /**
   * Writes them down.
   *
   * @param file the file to write: a line with the library, {@code ours} or {@code stock}, then one for
   *     each test or container of tests, sorted, with its name and its outcome, separated by a tab
   */
  public synchronized void write(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("library\t" + library());
    outcomes.forEach((test, outcome) -> lines.add(test + "\t" + outcome));
    Files.write(file, lines);
  }

  private static String library() {
    try {
      RustReadServer.version();
      return "ours";
    } catch (ReadServerException e) {
      return "stock";
    }
  }

  /** In one line, without what is another at each run: temporary folders, identity hashes, random names, times. */
  private static String describe(Throwable failure) {
    return ("" + failure)
        .lines()
        .findFirst()
        .orElseThrow()
        .replaceAll("(file:)?/[^ :'\",()\\[\\]]*/[^ :'\",()\\[\\]]*", "<path>")
        .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>")
        .replaceAll("@[0-9a-f]{4,}", "@<hash>")
        .replaceAll("[0-9]{5,}", "<number>")
        .replaceAll("[0-9]+(\\.[0-9]+)? (milli|nano)?seconds", "<time>");
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }
}
