package com.linkedin.venice.rust.tests.users;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs tests that are written with JUnit, and writes down what became of each. */
public final class JUnitSuites {
  private JUnitSuites() {}

  /**
   * Runs them, and ends the process. Failed tests are results like others; the exit code tells nothing
   * of them.
   *
   * @param arguments the file to write ({@link Outcomes#write}), then what to run: names of classes, and
   *     of packages with a dot behind them
   */
  public static void main(String[] arguments) throws IOException {
    Outcomes outcomes = new Outcomes();
    run(Arrays.asList(arguments).subList(1, arguments.length), outcomes);
    outcomes.write(Path.of(arguments[0]));
    // Threads that tests left behind do not matter.
    System.exit(0);
  }

  /** Runs classes, and packages with a dot behind their names. */
  static void run(List<String> names, Outcomes outcomes) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(names.stream().map(JUnitSuites::selector).collect(Collectors.toList()))
            .build();
    LauncherFactory.create().execute(request, new Recorder(outcomes));
  }

  private static DiscoverySelector selector(String name) {
    return name.endsWith(".")
        ? DiscoverySelectors.selectPackage(name.substring(0, name.length() - 1))
        : DiscoverySelectors.selectClass(name);
  }

  private static final class Recorder implements TestExecutionListener {
    private final Outcomes outcomes;

    Recorder(Outcomes outcomes) {
      this.outcomes = outcomes;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      String outcome = (test.isTest() ? "test " : "container ") + result.getStatus();
      if (result.getThrowable().isPresent()) {
        outcomes.noteFailure(test.getUniqueId(), outcome, result.getThrowable().get());
      } else {
        outcomes.note(test.getUniqueId(), outcome);
      }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      outcomes.note(test.getUniqueId(), "SKIPPED: " + reason);
    }
  }
}
