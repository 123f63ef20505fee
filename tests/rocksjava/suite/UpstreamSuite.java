package com.linkedin.venice.rust.tests;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.runner.Description;
import org.junit.runner.RunWith;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;
import org.junit.runner.notification.RunNotifier;
import org.junit.runners.Suite;
import org.junit.runners.model.InitializationError;

/**
 * RocksJava's own JUnit classes, those of the group that the system property {@code suite.group}
 * names.
 *
 * <p>Each class must execute as many tests as {@code classes.csv} says. A test that JUnit ignores,
 * or that gives up because something it assumes is missing, is not executed.
 */
@RunWith(UpstreamSuite.OfGroup.class)
public class UpstreamSuite {
  private UpstreamSuite() {}

  /** Runs the classes of a group, then compares the counts. */
  public static final class OfGroup extends Suite {
    /** The constructor that JUnit calls. */
    public OfGroup(Class<?> suite) throws InitializationError, IOException, ClassNotFoundException {
      super(suite, classes());
    }

    private static Map<String, Integer> wanted() throws IOException {
      String group = SuiteClass.required("suite.group");
      return SuiteClass.all().stream()
          .filter(line -> line.group().equals(group))
          .collect(Collectors.toMap(SuiteClass::name, SuiteClass::executed));
    }

    private static Class<?>[] classes() throws IOException, ClassNotFoundException {
      Map<String, Integer> wanted = new TreeMap<>(wanted());
      Class<?>[] classes = new Class<?>[wanted.size()];
      int next = 0;
      for (String name : wanted.keySet()) {
        classes[next++] = Class.forName(name);
      }
      return classes;
    }

    @Override
    public void run(RunNotifier notifier) {
      ExecutedTests executed = new ExecutedTests();
      notifier.addListener(executed);
      super.run(notifier);
      notifier.removeListener(executed);
      try {
        int all = 0;
        for (Map.Entry<String, Integer> line : new TreeMap<>(wanted()).entrySet()) {
          int count = executed.of(line.getKey());
          all += count;
          if (count != line.getValue()) {
            throw new AssertionError(
                line.getKey()
                    + " executed "
                    + count
                    + " tests, and classes.csv says "
                    + line.getValue());
          }
        }
        System.out.println(all + " tests executed");
      } catch (IOException | AssertionError e) {
        notifier.fireTestFailure(new Failure(getDescription(), e));
      }
    }
  }

  /** Counts the tests of each class that ran to an end of their own. */
  private static final class ExecutedTests extends RunListener {
    private final Map<String, Integer> counts = new TreeMap<>();

    int of(String className) {
      return counts.getOrDefault(className, 0);
    }

    @Override
    public void testStarted(Description test) {
      counts.merge(test.getClassName(), 1, Integer::sum);
    }

    @Override
    public void testAssumptionFailure(Failure failure) {
      counts.merge(failure.getDescription().getClassName(), -1, Integer::sum);
      System.out.println(failure.getDescription() + " assumes in vain: " + failure.getMessage());
    }
  }
}
