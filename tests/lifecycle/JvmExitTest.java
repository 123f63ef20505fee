package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A JVM ends by itself, and cleanly, while its server runs, serves and has databases open. */
public class JvmExitTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void endOfMain() throws Exception {
    assertEquals("exit code", 0, run("return"));
  }

  @Test
  public void exitWithACode() throws Exception {
    assertEquals("exit code", 7, run("exit"));
  }

  private int run(String way) throws Exception {
    File log = temporary.newFile();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                temporary.newFolder().getPath(),
                way)
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    int exitCode = process.waitFor();
    String output = Files.readString(log.toPath());
    assertEquals(output, true, output.contains("read a row"));
    return exitCode;
  }

  /** What the other JVM runs. */
  public static final class Program {
    private Program() {}

    /** Takes a data path and {@code return} or {@code exit}; closes nothing of the server's. */
    public static void main(String[] args) throws Exception {
      SampleRows rows = new SampleRows(10, 10, 10);
      StoreVersionConfig config = new StoreVersionConfig("exit", 1, 1);
      RocksResources resources = new RocksResources();
      StoreVersionWriter writer = new StoreVersionWriter(Path.of(args[0]), config, resources);
      rows.addTo(writer);
      StoreVersion version = writer.endOfPush();
      RustReadServer server =
          RustReadServer.start(ReadServerConfig.builder().bindAddress("127.0.0.1").build());
      String address = "127.0.0.1:" + server.port();
      try (FastClient client =
          new FastClient(StoreRoutes.oneServer(version.resource(), 1, address))) {
        assertEquals(rows.value(1), client.get(rows.key(1)));
        System.out.println("read a row");
        if (args[1].equals("exit")) {
          System.exit(7);
        }
      }
    }
  }
}
