package com.linkedin.venice.rust.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Options, table configurations, caches, limiters and statistics do with our library what they do
 * with stock rocksdbjni's: the same program prints the same in two JVMs.
 */
public class StockSettingsTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private interface Program {
    void run(Path folder, PrintStream out) throws Exception;
  }

  @Test
  public void everySettingArrivesWhereStockBringsIt() throws Exception {
    compare(SettingsProgram.class, SettingsProgram::run, 1000);
  }

  @Test
  public void statisticsCountWhatStockCounts() throws Exception {
    compare(StatisticsProgram.class, StatisticsProgram::run, 500);
  }

  private void compare(Class<?> type, Program program, int leastLines) throws Exception {
    List<String> stock =
        StockJvm.run(
            temporary.getRoot().toPath(), type, temporary.newFolder("stock data").getPath());
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(output, true, UTF_8)) {
      program.run(temporary.newFolder("our data").toPath(), out);
    }
    List<String> ours = output.toString(UTF_8).lines().toList();
    assertTrue("only " + ours.size() + " lines", ours.size() >= leastLines);
    String context = "";
    for (int i = 0; i < ours.size(); i++) {
      String line = ours.get(i);
      context = line.contains("=") ? context : line;
      assertEquals("line " + i + ", below " + context, stock.get(i), line);
    }
    // The last line of stock's names its library.
    assertEquals(stock.size() - 1, ours.size());
  }
}
