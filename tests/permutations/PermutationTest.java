package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.tests.permutations.Outcome.Status;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.AssumptionViolatedException;
import org.junit.Before;
import org.junit.Rule;
import org.junit.rules.TestWatcher;
import org.junit.runner.Description;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameter;

/** A test that runs once for each permutation, and notes what became of it. */
@RunWith(Parameterized.class)
public abstract class PermutationTest {
  private static final List<Outcome> OUTCOMES = Collections.synchronizedList(new ArrayList<>());

  /** What the test runs with. */
  @Parameter public Permutation permutation;

  /** Notes the outcome. */
  @Rule
  public final TestWatcher outcome =
      new TestWatcher() {
        @Override
        protected void succeeded(Description description) {
          note(description, Status.PASSED, "");
        }

        @Override
        protected void failed(Throwable failure, Description description) {
          note(description, Status.FAILED, failure.toString());
        }

        @Override
        protected void skipped(AssumptionViolatedException why, Description description) {
          // Nothing else may be skipped: an assumption of some library that fails is a failure.
          boolean expected = notApplicable().isPresent();
          note(
              description,
              expected ? Status.NOT_APPLICABLE : Status.FAILED,
              expected ? why.getMessage() : why.toString());
        }
      };

  /** Skips what cannot be, and says why. */
  @Before
  public final void skipWhatCannotBe() {
    notApplicable()
        .ifPresent(
            reason -> {
              throw new AssumptionViolatedException(reason);
            });
  }

  /** Returns why this test cannot be run with its permutation; empty if it can. */
  Optional<String> notApplicable() {
    return permutation.notApplicable();
  }

  /** Returns the outcomes until now, in the order of the tests. */
  static List<Outcome> outcomes() {
    return List.copyOf(OUTCOMES);
  }

  private void note(Description description, Status status, String reason) {
    Original original = getClass().getAnnotation(Original.class);
    String test = original == null ? getClass().getSimpleName() : original.value();
    String method = description.getMethodName().replaceAll("\\[.*", "");
    OUTCOMES.add(new Outcome(test + "." + method, permutation, status, reason));
  }
}
