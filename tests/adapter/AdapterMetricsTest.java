package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.testing.FastClient;
import io.tehuti.Metric;
import java.time.Duration;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What the Tehuti of a Venice server shows of the Rust read path. */
public class AdapterMetricsTest {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final String GETS = ".adapted--rust_read_call_count_single_get_200";
  private static final String TIMES = ".adapted--rust_read_call_time_single_get_200_keys_eq_1";

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void readsAreShownAlsoThoseBeforeADrainAndAfterIt() throws Exception {
    try (AdapterNode node = new AdapterNode(temporary.newFolder().toPath(), Map.of()).start()) {
      gets(node, 50);
      node.readPath().drain(LONG);
      assertEquals(50, shown(node, GETS + ".Total"), 0);
      assertTrue(shown(node, GETS + ".Rate") > 0);
      assertEquals(50, shown(node, ".total--rust_read_call_count.Total"), 0);
      assertEquals(50, shown(node, TIMES + ".Count"), 0);
      double median = shown(node, TIMES + ".50thPercentile");
      assertTrue(median > 0);
      assertTrue(median <= shown(node, TIMES + ".99_9thPercentile"));
      assertTrue(shown(node, TIMES + ".Avg") > 0);
      assertEquals(0, shown(node, ".total--rust_connection_active_count.Gauge"), 1);

      node.readPath().resume();
      gets(node, 20);
      node.readPath().close();
      // Another server, which counts from its own start.
      assertEquals(20, shown(node, GETS + ".Total"), 0);
      assertEquals(20, shown(node, TIMES + ".Count"), 0);
    }
  }

  private static void gets(AdapterNode node, int number) throws Exception {
    FastClient client = node.client(1);
    for (int i = 0; i < number; i++) {
      client.get(node.rows.key(i));
    }
  }

  private static double shown(AdapterNode node, String name) {
    Metric metric = node.context.metrics.getMetric(name);
    assertNotNull(name + " is not among " + node.context.metrics.metrics().keySet(), metric);
    return metric.value();
  }
}
