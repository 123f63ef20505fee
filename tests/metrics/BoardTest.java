package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.RustReadServer;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Every query of the Grafana board, evaluated by Prometheus' own engine ({@code promtool test
 * rules}) on the pages of two serving servers: one plain, one with TLS and an access controller
 * ({@link WatchedServers}). Each query has to find data that is a number.
 */
public class BoardTest {
  /** Pages of each server; between two the clients read. */
  private static final int SCRAPES = 6;

  private static final int SECONDS_BETWEEN = 15;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  /** By series as the page writes it, with labels of job and instance: a value of each scrape. */
  private final Map<String, String[]> series = new LinkedHashMap<>();

  @Test
  public void everyPanelFindsData() throws Exception {
    try (WatchedServers servers = new WatchedServers(temporary.newFolder().toPath())) {
      for (int i = 0; i < SCRAPES; i++) {
        scrape(i, "plain", servers.plain());
        scrape(i, "encrypted", servers.encrypted());
        servers.read();
      }
    }
    List<Query> queries = queries();
    assertTrue("the board has " + queries.size() + " queries", queries.size() > 30);
    evaluate(queries, "1");

    // The check can fail: a metric that is not there has no data.
    Query none = new Query("none", "rate(venice_server_no_such_metric_total[1m])");
    AssertionError absent = assertThrows(AssertionError.class, () -> evaluate(List.of(none), "1"));
    assertTrue(absent.getMessage(), absent.getMessage().contains("no_such_metric"));
  }

  private void scrape(int number, String instance, RustReadServer server) throws Exception {
    URI page = URI.create("http://" + server.prometheusAddress() + "/metrics");
    try (InputStream in = page.toURL().openStream()) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        if (line.isEmpty() || line.startsWith("#")) {
          continue;
        }
        int end = line.lastIndexOf(' ');
        String of = line.substring(0, end);
        String labels = "job=\"venice\",instance=\"" + instance + "\"";
        String name =
            of.endsWith("}")
                ? of.substring(0, of.length() - 1) + "," + labels + "}"
                : of + "{" + labels + "}";
        String[] values = series.computeIfAbsent(name, key -> absent());
        values[number] = line.substring(end + 1);
      }
    }
  }

  private static String[] absent() {
    String[] values = new String[SCRAPES];
    Arrays.fill(values, "_");
    return values;
  }

  private record Query(String panel, String expression) {}

  /** The board's queries, with what Grafana fills in. */
  private static List<Query> queries() throws Exception {
    String board = Files.readString(Path.of("observability/grafana/read-server.json"));
    // As serde_json writes it: a line for each member, a panel's title behind its queries.
    Pattern member = Pattern.compile("\"(expr|title)\": \"((?:[^\"\\\\]|\\\\.)*)\"");
    List<Query> queries = new ArrayList<>();
    List<String> ofPanel = new ArrayList<>();
    for (Matcher found = member.matcher(board); found.find(); ) {
      String text = found.group(2).replace("\\\"", "\"").replace("\\\\", "\\");
      if (found.group(1).equals("expr")) {
        ofPanel.add(
            text.replace("$__rate_interval", "1m")
                .replace("$job", ".*")
                .replace("$instance", ".*")
                .replace("$store", ".*"));
      } else {
        ofPanel.forEach(expression -> queries.add(new Query(text, expression)));
        ofPanel.clear();
      }
    }
    return queries;
  }

  /** Fails with what promtool says, unless each query has data that is a number. */
  private void evaluate(List<Query> queries, String found) throws Exception {
    StringBuilder test = new StringBuilder();
    test.append("evaluation_interval: ").append(SECONDS_BETWEEN).append("s\ntests:\n");
    test.append("  - interval: ").append(SECONDS_BETWEEN).append("s\n    input_series:\n");
    series.forEach(
        (name, values) ->
            test.append("      - series: ")
                .append(quoted(name))
                .append("\n        values: ")
                .append(quoted(String.join(" ", values)))
                .append('\n'));
    test.append("    promql_expr_test:\n");
    for (Query query : queries) {
      // What is not a number is not greater than anything.
      String data = "clamp_max(count((" + query.expression + ") >= -Inf), 1)";
      test.append("      - expr: ").append(quoted(data)).append('\n');
      test.append("        eval_time: ").append((SCRAPES - 1) * SECONDS_BETWEEN).append("s\n");
      test.append("        exp_samples: [{labels: '{}', value: ").append(found).append("}]\n");
    }
    Path file = temporary.newFile().toPath();
    Files.writeString(file, test);
    Process promtool =
        new ProcessBuilder(
                Path.of(System.getProperty("promtool")).toAbsolutePath().toString(),
                "test",
                "rules",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(said, 0, promtool.waitFor());
  }

  /** A string of YAML. */
  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
