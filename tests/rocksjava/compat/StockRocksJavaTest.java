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
import java.nio.file.Path;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Files cross between our library and the native library of stock rocksdbjni, both ways. The stock
 * library runs in a second JVM ({@link StockJvm}).
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
    String stockJar = new File(StockJvm.required("stock.rocksdbjni.jar")).getName();
    assertFalse(StoreProgram.library(), StoreProgram.library().contains("/" + stockJar + "!"));
  }

  private void runStock(String task, Path data) throws Exception {
    List<String> lines =
        StockJvm.run(temporary.getRoot().toPath(), StoreProgram.class, task, data.toString());
    String last = lines.get(lines.size() - 1);
    assertTrue(last, last.startsWith(task + " done with "));
  }
}
