package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * A JVM ends by itself, and cleanly, while its server answers, its databases ingest and compact,
 * and RocksDB calls its loggers, listeners and comparators. {@link BusyProgram} is that JVM; nothing
 * is closed there.
 */
public class JvmExitTest {
  /** Far above the time of a JVM's life: one that does not end fails the test, not the whole run. */
  private static final long HANG_GUARD_SECONDS = 120;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void serving() throws Exception {
    endsBothWays("serve");
  }

  @Test
  public void comparing() throws Exception {
    endsBothWays("comparator");
  }

  @Test
  public void listening() throws Exception {
    endsBothWays("listener");
  }

  @Test
  public void logging() throws Exception {
    endsBothWays("logger");
  }

  /** The listener never comes back: so it is certain that one of RocksDB's threads is in Java. */
  @Test
  public void insideAListener() throws Exception {
    endsBothWays("blocked");
  }

  @Test
  public void everythingAtOnce() throws Exception {
    endsBothWays("serve", "comparator", "listener", "logger");
  }

  private void endsBothWays(String... work) throws Exception {
    assertEquals("exit code", 7, run("exit", work));
    assertEquals("exit code", 0, run("return", work));
  }

  private int run(String way, String... work) throws Exception {
    File log = temporary.newFile();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-UsePerfData");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(BusyProgram.class.getName());
    command.add(temporary.newFolder().getPath());
    command.add(way);
    command.addAll(List.of(work));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    boolean ended = process.waitFor(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    String output = Files.readString(log.toPath());
    assertTrue(way + " " + List.of(work) + " does not end: " + output, ended);
    assertTrue(output, output.contains("busy"));
    return process.exitValue();
  }
}
