package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.discovery.DiscoveryMode;
import com.linkedin.venice.rust.discovery.RustServerAnnouncer;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import java.nio.file.Path;
import java.time.Duration;

/** A server of a process of its own, which lives until it is killed: folder, ZooKeeper, HTTP port. */
public final class ServerProgram {
  static final SampleRows ROWS = new SampleRows(200, 10, 1000);
  static final StoreVersionConfig STORE = new StoreVersionConfig("found", 1, 3);

  /** Long enough that no busy machine ends the session of a server that lives. */
  private static final Duration SESSION = Duration.ofSeconds(12);

  private ServerProgram() {}

  /** Serves and announces, then says so. */
  public static void main(String[] arguments) throws Exception {
    RocksResources resources = new RocksResources();
    StoreVersion version;
    try (StoreVersionWriter writer =
        new StoreVersionWriter(Path.of(arguments[0]), STORE, resources)) {
      ROWS.addTo(writer);
      version = writer.endOfPush();
    }
    RustReadServer server =
        RustReadServer.start(ReadServerConfig.builder().bindAddress("127.0.0.1").build());
    DiscoveryConfig config =
        DiscoveryConfig.builder()
            .mode(DiscoveryMode.OWN)
            .zooKeeper(arguments[1])
            .host("127.0.0.1")
            .httpPort(Integer.parseInt(arguments[2]))
            .sessionTimeout(SESSION)
            .build();
    new RustServerAnnouncer(config, server.port()).register();
    System.out.println("serving " + version.resource());
    // Ends with the test that started it, also when that does not come to kill it.
    while (System.in.read() >= 0) {
      // Nothing is said.
    }
    System.exit(0);
  }
}
