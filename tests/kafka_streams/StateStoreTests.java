package com.linkedin.venice.rust.tests.kafka;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs Kafka Streams' own tests of its state stores on the RocksDB library of the class path, and
 * writes down what became of each.
 */
public final class StateStoreTests {
  private static final String PACKAGE = "org.apache.kafka.streams.state";

  private StateStoreTests() {}

  /**
   * Runs them. Failed tests are results like others; the exit code tells nothing of them.
   *
   * @param arguments the file to write: a line with the library, {@code ours} or {@code stock},
   *     then one for each test or container of tests, sorted, with its id in JUnit and its outcome,
   *     separated by a tab
   */
  public static void main(String[] arguments) throws IOException {
    Map<String, String> outcomes = new TreeMap<>();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectPackage(PACKAGE))
            .build();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(request, new Recorder(outcomes));
    List<String> lines = new ArrayList<>();
    lines.add("library\t" + library());
    outcomes.forEach((test, outcome) -> lines.add(test + "\t" + outcome));
    Files.write(Path.of(arguments[0]), lines);
    // Threads that tests left behind do not matter.
    System.exit(0);
  }

  private static String library() {
    try {
      RustReadServer.version();
      return "ours";
    } catch (ReadServerException e) {
      return "stock";
    }
  }

  private static final class Recorder implements TestExecutionListener {
    private final Map<String, String> outcomes;

    Recorder(Map<String, String> outcomes) {
      this.outcomes = outcomes;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      String kind = test.isTest() ? "test " : "container ";
      String failure = result.getThrowable().map(Recorder::describe).orElse("");
      outcomes.put(test.getUniqueId(), kind + result.getStatus() + failure);
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      outcomes.put(test.getUniqueId(), "SKIPPED: " + reason);
    }

    /** In one line, without what is another at each run: temporary folders and identity hashes. */
    private static String describe(Throwable failure) {
      return (": " + failure)
          .lines()
          .findFirst()
          .orElseThrow()
          .replaceAll("/[^ :'\"]*/kafka-[^ :'\"]*", "<folder>")
          .replaceAll("@[0-9a-f]{4,}", "@<hash>");
    }
  }
}
