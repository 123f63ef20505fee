package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.discovery.DiscoveryMode;
import com.linkedin.venice.rust.discovery.RustServerAnnouncer;
import com.linkedin.venice.rust.discovery.ServerDirectory;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * {@code venice where} at the addresses that clients are led to: by what the shared resource
 * announces of a Java server, some go to Rust beside it and the others to Java's own port.
 */
public class WhereTest {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final String NODE = "127.0.0.1:1690";

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private record Ran(int code, List<String> lines) {}

  private static Ran where(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("venice")).toAbsolutePath().toString());
    command.add("where");
    command.addAll(List.of(arguments));
    command.add("--json");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), text.lines().toList());
  }

  private static String address(String zooKeeper, int javaPort, double position) throws Exception {
    try (ServerDirectory directory =
        ServerDirectory.builder(zooKeeper)
            .sessionTimeout(Duration.ofSeconds(60))
            .javaServers(DiscoveryConfig.JAVA_SERVICE, javaPort)
            .position(position)
            .open()) {
      assertTrue(directory.awaitServers(List.of(NODE), LONG));
      return directory.addresses().get(NODE);
    }
  }

  @Test
  public void bothServersOfANodeAreFoundAndToldApart() throws Exception {
    SampleRows rows = new SampleRows(50, 10, 100);
    StoreVersionConfig store = new StoreVersionConfig("announced", 1, 3);
    try (TestZooKeeper zooKeeper = new TestZooKeeper(temporary.newFolder());
        ServedStore served = ServedStore.start()) {
      served.push(temporary.newFolder().toPath(), store, rows::addTo);
      DiscoveryConfig config =
          DiscoveryConfig.builder()
              .mode(DiscoveryMode.SHARED)
              .zooKeeper(zooKeeper.connectString())
              .sessionTimeout(Duration.ofSeconds(60))
              .host("127.0.0.1")
              .httpPort(1690)
              .weight(0.5)
              .build();
      RustReadServer rust = served.server();
      try (ReferenceReadServer java = ReferenceReadServer.start(served);
          RustServerAnnouncer announcer = new RustServerAnnouncer(config, rust.port())) {
        announcer.register();
        String toRust = address(zooKeeper.connectString(), java.port(), 0);
        String toJava = address(zooKeeper.connectString(), java.port(), 0.9);
        assertEquals("127.0.0.1:" + rust.port(), toRust);
        assertEquals("127.0.0.1:" + java.port(), toJava);

        Ran ran = where("announced_v1", "--partitions", "3", "-a", toRust, "--other", toJava);
        assertEquals(ran.toString(), 0, ran.code());
        assertEquals(ran.toString(), 6, ran.lines().size());
        for (String line : ran.lines()) {
          assertTrue(line, line.contains("\"serves\":true"));
          String by = line.contains("\"server\":\"" + toRust + "\"") ? "rust" : "other";
          assertTrue(line, line.contains("\"by\":\"" + by + "\""));
        }

        // Java has no partition of a store version that nobody has, and neither has Rust.
        Ran nobody = where("nobody_v1", "--partitions", "1", "-a", toRust, "--other", toJava);
        assertEquals(nobody.toString(), 1, nobody.code());
        for (String line : nobody.lines()) {
          assertTrue(line, line.contains("\"serves\":false"));
        }
      }
    }
  }
}
