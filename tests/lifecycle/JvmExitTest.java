package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * A JVM ends by itself, and cleanly, while its server answers, its databases ingest and compact,
 * and RocksDB calls its loggers, listeners and comparators. {@link BusyProgram} is that JVM; nothing
 * is closed there.
 */
public class JvmExitTest {
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
    List<String> arguments = new ArrayList<>();
    arguments.add(temporary.newFolder().getPath());
    arguments.add(way);
    arguments.addAll(List.of(work));
    JavaProgram busy =
        JavaProgram.run(temporary.newFile(), List.of(), BusyProgram.class, arguments);
    assertTrue(busy.output(), busy.output().contains("busy"));
    return busy.exitValue();
  }
}
