package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Files cross between our library and the native library of stock rocksdbjni, both ways. The stock
 * library runs in a second JVM, whose class path does not have ours.
 *
 * <p>System properties: {@code stock.rocksdbjni.jar}, the jar as published; {@code
 * stock.classpath}, {@link StoreProgram} with what it needs; {@code stock.java}, the java program
 * (default: the one that runs this).
 */
public class StockRocksJavaTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void ourServerReadsWhatStockRocksJavaWrote() throws Exception {
    Path data = temporary.getRoot().toPath();
    runStock("write", data);
    try (ServedStore store = ServedStore.start()) {
      for (StoreVersionConfig config : StoreProgram.STORE_VERSIONS) {
        store.open(data, config);
        FastClient client = store.client(config);
        SampleRows rows = StoreProgram.ROWS;
        for (int from = 0; from < rows.count(); from += 100) {
          assertEquals(
              config.resource(),
              rows.values(from, from + 100),
              client.batchGet(rows.keys(from, from + 100)));
          assertEquals(rows.value(from), client.get(rows.key(from)));
        }
      }
    }
  }

  @Test
  public void stockRocksJavaReadsWhatOurLibraryWrote() throws Exception {
    Path data = temporary.getRoot().toPath();
    try (RocksResources resources = new RocksResources()) {
      for (StoreVersionConfig config : StoreProgram.STORE_VERSIONS) {
        StoreProgram.write(data, config, resources);
      }
    }
    runStock("check", data);
  }

  @Test
  public void thisJvmHasOurLibraryAndTheOtherHasNot() {
    String stockJar = new File(required("stock.rocksdbjni.jar")).getName();
    assertFalse(StoreProgram.library(), StoreProgram.library().contains("/" + stockJar + "!"));
  }

  private void runStock(String task, Path data) throws Exception {
    String stockJar = new File(required("stock.rocksdbjni.jar")).getAbsolutePath();
    File log = temporary.newFile(task + ".log");
    String java =
        System.getProperty(
            "stock.java", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    int exitCode =
        new ProcessBuilder(
                java,
                "-Djava.io.tmpdir=" + temporary.newFolder().getPath(),
                "-cp",
                stockJar + File.pathSeparator + required("stock.classpath"),
                StoreProgram.class.getName(),
                task,
                data.toString())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start()
            .waitFor();
    String output = new String(Files.readAllBytes(log.toPath()), StandardCharsets.UTF_8);
    assertEquals(output, 0, exitCode);
    List<String> lines = output.lines().toList();
    String last = lines.get(lines.size() - 1);
    assertTrue(last, last.startsWith(task + " done with jar:file:"));
    assertTrue(last, last.contains(new File(stockJar).getName() + "!/"));
  }

  private static String required(String property) {
    return Objects.requireNonNull(
        System.getProperty(property), () -> "the system property " + property + " is not set");
  }
}
