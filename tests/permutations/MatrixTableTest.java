package com.linkedin.venice.rust.tests.permutations;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.tests.permutations.Outcome.Status;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import com.linkedin.venice.rust.tests.permutations.Permutation.Server;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

/** What is printed of outcomes, and when they are good enough. */
public class MatrixTableTest {
  private final List<Outcome> outcomes = new ArrayList<>();

  @Test
  public void aRowHoldsWhenNothingFailsAndNothingIsLeftOut() {
    everyCell();
    MatrixTable table = new MatrixTable(outcomes);
    assertTrue(table.toMarkdown(), table.holds());
    assertEquals(9, table.count(Status.PASSED));
    assertEquals(3, table.count(Status.NOT_APPLICABLE));
    assertTrue(
        table
            .toMarkdown()
            .contains(
                "| Some.test | batch get | GZIP | off |"
                    + " passed |".repeat(6)
                    + " n/a [1] |".repeat(3)
                    + " passed |".repeat(3)));
    assertTrue(table.toMarkdown().contains("\n[1] cannot be\n"));
  }

  @Test
  public void aFailureIsShownWithItsReason() {
    everyCell();
    Outcome first = outcomes.get(0);
    outcomes.set(0, new Outcome(first.test(), first.permutation(), Status.FAILED, "why"));
    MatrixTable table = new MatrixTable(outcomes);
    assertFalse(table.holds());
    assertTrue(table.toMarkdown().contains("| off | **FAILED** [1] | passed |"));
    assertTrue(table.toMarkdown().contains("\n[1] why\n"));
    assertTrue(table.toMarkdown().contains("8 passed, 1 failed, 3 n/a, 0 not run"));
  }

  @Test
  public void whatWasNotRunIsNoSuccess() {
    everyCell();
    outcomes.remove(outcomes.size() - 1);
    MatrixTable table = new MatrixTable(outcomes);
    assertFalse(table.holds());
    assertTrue(table.toMarkdown().contains(" passed | not run |\n"));
    assertFalse("nothing is no success either", new MatrixTable(List.of()).holds());
  }

  @Test
  public void aCellHasOneOutcome() {
    everyCell();
    outcomes.add(outcomes.get(0));
    assertThrows(IllegalStateException.class, () -> new MatrixTable(outcomes));
  }

  @Test
  public void outcomesCrossFromOneProcessToAnother() {
    Permutation permutation =
        new Permutation(
            Server.RUST,
            Library.OURS,
            Read.STREAMING_BATCH_GET,
            CompressionStrategy.ZSTD_WITH_DICT,
            Transport.MTLS,
            true);
    Outcome outcome = new Outcome("Some.test", permutation, Status.FAILED, "two\nlines\tand a tab");
    assertEquals(
        new Outcome("Some.test", permutation, Status.FAILED, "two lines and a tab"),
        Outcome.parse(outcome.toLine()));
    assertThrows(IllegalArgumentException.class, () -> Outcome.parse("Some.test\tRUST"));
  }

  private void everyCell() {
    for (Server server : Server.values()) {
      for (Library library : Library.values()) {
        for (Transport transport : Transport.values()) {
          Permutation permutation =
              new Permutation(
                  server, library, Read.BATCH_GET, CompressionStrategy.GZIP, transport, false);
          boolean cannotBe = permutation.notApplicable().isPresent();
          outcomes.add(
              new Outcome(
                  "Some.test",
                  permutation,
                  cannotBe ? Status.NOT_APPLICABLE : Status.PASSED,
                  cannotBe ? "cannot be" : ""));
        }
      }
    }
  }
}
