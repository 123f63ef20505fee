package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.BeforeClass;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * A file whose disk does not answer holds up no thread that starts a server: it is told so, with
 * the file. A pipe that nobody writes to is such a file.
 */
public class HungFilesTest {
  /** Far above any time that a start takes: one that hangs fails the test, not the whole run. */
  private static final long HANG_GUARD_SECONDS = 120;

  /** A file that is there is read in less, however busy the machine is. */
  private static final String WAIT_MILLIS = "2000";

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  /** It has its time from the same setting, and takes longer than a file. */
  @BeforeClass
  public static void loadLibrary() throws Exception {
    Map<String, String> settings = Map.of("bind.address", "127.0.0.1");
    RustReadServer.start(ReadServerConfig.fromSettings(settings)).close();
  }

  @Test
  public void aKeyStore() throws Exception {
    isGivenUp("tls.key.store", Map.of("tls.client.auth", "none"));
  }

  /** Of a type that Java's security providers read, and not Rust. */
  @Test
  public void aKeyStoreThatJavaOpens() throws Exception {
    isGivenUp(
        "tls.key.store",
        Map.of(
            "tls.client.auth", "none",
            "tls.key.store.type", "JKS",
            "tls.key.store.password", "secret"));
  }

  @Test
  public void aTrustStore() throws Exception {
    Path empty = temporary.newFile().toPath();
    isGivenUp("tls.trust.store", Map.of("tls.key.store", empty.toString()));
  }

  @Test
  public void theNativeLibrary() throws Exception {
    // Found before the one in the jar.
    Path folder = temporary.newFolder().toPath();
    makePipe(folder.resolve(System.mapLibraryName("rocksdbjni")));
    JavaProgram program =
        JavaProgram.run(
            temporary.newFile(),
            List.of("-Djava.library.path=" + folder),
            HungLibraryProgram.class,
            List.of());
    String output = program.output();
    assertEquals(output, 0, program.exitValue());
    List<String> lines = output.lines().toList();
    assertEquals(output, 2, lines.stream().filter(line -> line.startsWith("refused: ")).count());
    for (String says :
        List.of(
            "the native library is not loaded after 200 ms (setting files.timeout.ms)",
            folder.toString(),
            "ROCKSDB_SHAREDLIB_DIR",
            "-Djava.io.tmpdir")) {
      assertTrue(output, output.contains(says));
    }
  }

  private void isGivenUp(String setting, Map<String, String> others) throws Exception {
    Path hung = temporary.newFolder().toPath().resolve("hung");
    makePipe(hung);
    Map<String, String> settings = new HashMap<>(others);
    settings.put("bind.address", "127.0.0.1");
    settings.put("files.timeout.ms", WAIT_MILLIS);
    settings.put(setting, hung.toString());
    FutureTask<RustReadServer> start =
        new FutureTask<>(() -> RustReadServer.start(ReadServerConfig.fromSettings(settings)));
    Thread thread = new Thread(start, "starts");
    thread.setDaemon(true);
    thread.start();
    ExecutionException failure =
        assertThrows(
            ExecutionException.class, () -> start.get(HANG_GUARD_SECONDS, TimeUnit.SECONDS));
    assertEquals(ReadServerException.class, failure.getCause().getClass());
    String text = failure.getCause().getMessage();
    String late = "no answer within " + WAIT_MILLIS + " ms";
    for (String says : List.of(setting, hung.toString(), late)) {
      assertTrue(text, text.contains(says));
    }
    // Whoever waits for its bytes may go.
    new FileOutputStream(hung.toFile()).close();
  }

  private static void makePipe(Path path) throws Exception {
    assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
  }
}
