package com.linkedin.venice.rust.tests.users;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.scalatest.Reporter;
import org.scalatest.events.Event;
import org.scalatest.events.SuiteAborted;
import org.scalatest.events.SuiteCompleted;
import org.scalatest.events.TestCanceled;
import org.scalatest.events.TestFailed;
import org.scalatest.events.TestIgnored;
import org.scalatest.events.TestPending;
import org.scalatest.events.TestSucceeded;
import org.scalatest.tools.Runner;
import scala.Option;

/** Runs tests that are written with ScalaTest, and with JUnit, and writes down what became of each. */
public final class ScalaSuites {
  private static final Outcomes OUTCOMES = new Outcomes();
  private static final String JUNIT = "junit:";

  private ScalaSuites() {}

  /**
   * Runs them one after the other, and ends the process. Failed tests are results like others; the exit
   * code tells nothing of them.
   *
   * @param arguments the file to write ({@link Outcomes#write}), then the names of classes to run: of
   *     JUnit's with {@code junit:} before them; {@code CLASS=TEXT} runs the tests that have the text in
   *     their names
   */
  public static void main(String[] arguments) throws IOException {
    List<String> junit = new ArrayList<>();
    List<String> scala = new ArrayList<>(List.of("-P1", "-oW", "-C", Recorder.class.getName()));
    for (String suite : List.of(arguments).subList(1, arguments.length)) {
      if (suite.startsWith(JUNIT)) {
        junit.add(suite.substring(JUNIT.length()));
      } else {
        String[] words = suite.split("=", 2);
        scala.addAll(List.of("-s", words[0]));
        if (words.length == 2) {
          scala.addAll(List.of("-z", words[1]));
        }
      }
    }
    JUnitSuites.run(junit, OUTCOMES);
    Runner.run(scala.toArray(new String[0]));
    OUTCOMES.write(Path.of(arguments[0]));
    // Threads that tests left behind do not matter.
    System.exit(0);
  }

  /** ScalaTest makes one by its name. */
  public static final class Recorder implements Reporter {
    @Override
    public void apply(Event event) {
      if (event instanceof TestSucceeded) {
        TestSucceeded test = (TestSucceeded) event;
        OUTCOMES.note(test.suiteId() + ": " + test.testName(), "test SUCCESSFUL");
      } else if (event instanceof TestFailed) {
        TestFailed test = (TestFailed) event;
        failed(test.suiteId() + ": " + test.testName(), "test FAILED", test.throwable());
      } else if (event instanceof TestCanceled) {
        TestCanceled test = (TestCanceled) event;
        failed(test.suiteId() + ": " + test.testName(), "test CANCELED", test.throwable());
      } else if (event instanceof TestIgnored) {
        TestIgnored test = (TestIgnored) event;
        OUTCOMES.note(test.suiteId() + ": " + test.testName(), "SKIPPED");
      } else if (event instanceof TestPending) {
        TestPending test = (TestPending) event;
        OUTCOMES.note(test.suiteId() + ": " + test.testName(), "SKIPPED: pending");
      } else if (event instanceof SuiteAborted) {
        SuiteAborted suite = (SuiteAborted) event;
        failed(suite.suiteId(), "container FAILED", suite.throwable());
      } else if (event instanceof SuiteCompleted) {
        OUTCOMES.note(((SuiteCompleted) event).suiteId(), "container SUCCESSFUL");
      }
    }

    private static void failed(String test, String outcome, Option<Throwable> why) {
      if (why.isDefined()) {
        OUTCOMES.noteFailure(test, outcome, why.get());
      } else {
        OUTCOMES.note(test, outcome);
      }
    }
  }
}
