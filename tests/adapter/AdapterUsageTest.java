package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.adapter.RustReadPath.State;
import com.linkedin.venice.rust.testing.FastClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What Venice's usage tracker is told of reads by Rust. */
public class AdapterUsageTest {
  private static final Duration LONG = Duration.ofSeconds(90);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  /** A node with versions 1 and 2. */
  private AdapterNode node() throws Exception {
    AdapterNode node = new AdapterNode(temporary.newFolder().toPath(), Map.of());
    node.context.usageTracker = Optional.of(told::add);
    node.push(2);
    return node;
  }

  private Set<String> takeTold() {
    Set<String> taken = new HashSet<>();
    told.drainTo(taken);
    return taken;
  }

  /** Waits for the next look, which is every five seconds. */
  private String nextTold() throws InterruptedException {
    return told.poll(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  public void theVersionsThatWereReadAreToldWhileTheServerRuns() throws Exception {
    try (AdapterNode node = node().start()) {
      for (int version : new int[] {2, 1, 2}) {
        node.client(version).get(node.rows.key(3));
        assertEquals("adapted_v" + version, nextTold());
      }
    }
    assertEquals("nothing was read since", Set.of(), takeTold());
  }

  @Test
  public void theLastReadsOfADrainedServerAreToldAndNothingTwice() throws Exception {
    try (AdapterNode node = node().start()) {
      FastClient client = node.client(1);
      client.get(node.rows.key(0));
      client.batchGet(List.of(node.rows.key(1), node.rows.key(2)));
      node.readPath().drain(LONG);
      assertEquals(Set.of("adapted_v1"), takeTold());

      node.readPath().resume();
      node.client(2).get(node.rows.key(5));
      node.readPath().close();
      assertEquals(Set.of("adapted_v2"), takeTold());
    }
  }

  @Test
  public void aTrackerThatThrowsIsToldAgain() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    AdapterNode made = node();
    made.context.usageTracker =
        Optional.of(
            version -> {
              told.add(version);
              if (calls.getAndIncrement() == 0) {
                throw new IllegalStateException("of the tracker");
              }
            });
    try (AdapterNode node = made.start()) {
      node.client(1).get(node.rows.key(0));
      assertEquals("adapted_v1", nextTold());
      assertEquals("adapted_v1", nextTold());
      assertEquals(State.SERVING, node.readPath().state());
    }
  }
}
