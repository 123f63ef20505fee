package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.rust.ReadAccessDecision;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import io.grpc.ChannelCredentials;
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
 * rules}) on the pages of two serving servers: one plain, one with TLS and an access controller.
 * Each query has to find data that is a number.
 */
public class BoardTest {
  private static final StoreVersionConfig METERED = new StoreVersionConfig("metered", 1, 3);
  private static final StoreVersionConfig LIMITED = new StoreVersionConfig("limited", 2, 1);

  /** Pages of each server; between two the clients read. */
  private static final int SCRAPES = 6;

  private static final int SECONDS_BETWEEN = 15;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(200, 10, 500);

  /** By series as the page writes it, with labels of job and instance: a value of each scrape. */
  private final Map<String, String[]> series = new LinkedHashMap<>();

  @Test
  public void everyPanelFindsData() throws Exception {
    Path keys = temporary.newFolder("keys").toPath();
    KeyAuthority authority = new KeyAuthority(keys);
    ReadServerConfig guarded =
        scraped()
            .tlsKeyStore(authority.server("server", "PKCS12"), KeyAuthority.PASSWORD)
            .tlsTrustStore(authority.authority(), null)
            .build();
    ChannelCredentials alice = authority.credentials(authority.client("alice", "PKCS12"));
    try (ServedStore plain = ServedStore.start(scraped().build());
        RustReadServer encrypted =
            RustReadServer.start(
                guarded, (certificate, store, method) -> ReadAccessDecision.GRANTED)) {
      plain.push(temporary.newFolder("metered").toPath(), METERED, rows);
      plain.push(temporary.newFolder("limited").toPath(), LIMITED, rows);
      plain.server().setNodeQuota(1_000_000_000);
      plain.server().setStoreQuota(LIMITED.resource(), 1, 1);
      StoreRoutes routes =
          StoreRoutes.oneServer(
              METERED.resource(), METERED.partitionCount(), "127.0.0.1:" + encrypted.port());
      FastClient client = plain.client(METERED);
      FastClient limited = plain.client(LIMITED);
      for (int i = 0; i < SCRAPES; i++) {
        scrape(i, "plain", plain.server());
        scrape(i, "encrypted", encrypted);
        read(client);
        exceed(limited);
        // With a quota of the node, no such store is the client's fault.
        assertEquals(400, plain.stub().get(request("nobody_v1", 0)).getErrorCode());
        // No such partition: Java has not told the client that it moved.
        assertEquals(500, plain.stub().get(request(METERED.resource(), 77)).getErrorCode());
        // A connection of its own, which shakes hands.
        try (FastClient other =
            new FastClient(routes, FastClient.DEFAULT_BATCH_GET_LIMIT, alice)) {
          read(other);
          other.get(rows.key(i));
        }
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

  private static ReadServerConfig.Builder scraped() {
    return ReadServerConfig.builder()
        .bindAddress("127.0.0.1")
        .metricsExporters("prometheus")
        .metricsPrometheusPort(0);
  }

  private VeniceClientRequest request(String resource, int partition) {
    return ReadRequests.singleGet(resource, partition, rows.key(0));
  }

  /** Hits and misses, batches that are read at once and batches that go to disk threads. */
  private void read(FastClient client) {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < rows.count(); i++) {
        client.get(rows.key(i));
      }
    }
    assertEquals(null, client.get("missing".getBytes(StandardCharsets.UTF_8)));
    client.batchGet(rows.keys(0, 5));
    client.batchGet(rows.keys(0, 150));
  }

  /** Reads until the quota refuses one. */
  private void exceed(FastClient client) {
    assertThrows(
        VeniceClientRateExceededException.class,
        () -> {
          for (int i = 0; i < 1_000_000; i++) {
            client.get(rows.key(i % rows.count()));
          }
        });
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
