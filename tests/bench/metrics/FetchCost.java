package com.linkedin.venice.rust.bench.metrics;

import com.linkedin.venice.rust.metrics.MetricsReader;
import com.linkedin.venice.rust.metrics.MetricsSnapshot;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;

/** What it takes to fetch some 30,000 numbers of a server into Java, and how much garbage it makes. */
final class FetchCost {
  private static final int NUMBERS = 30_000;
  private static final int ROUNDS = 41;
  private static final int FETCHES = 200;

  private FetchCost() {}

  /** Fetches, and prints what it took. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("fetch-cost");
    try (ServedStore served = ServedStore.start()) {
      SampleRows rows = new SampleRows(20, 10, 2000);
      ByteBuffer numbers = ByteBuffer.allocateDirect(4 << 20);
      int stores = 0;
      int length = 0;
      while (length < NUMBERS * Long.BYTES) {
        StoreVersionConfig config = new StoreVersionConfig("store" + stores, 1, 1).withPuts();
        served.push(Files.createDirectory(folder.resolve("store" + stores)), config, rows);
        try (FastClient client = served.client(config)) {
          for (int round = 0; round < 20; round++) {
            for (int i = 0; i < rows.count(); i++) {
              client.get(rows.key(i));
            }
          }
          client.get(SampleRows.avroString("missing"));
          client.batchGet(rows.keys());
        }
        stores++;
        length = served.server().fetchMetrics(numbers);
      }
      MetricsReader reader = new MetricsReader(served.server());
      double[] micros = new double[ROUNDS];
      long garbage = 0;
      com.sun.management.ThreadMXBean threads =
          (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      MetricsSnapshot snapshot = reader.read();
      for (int warmUp = 0; warmUp < 5_000; warmUp++) {
        snapshot = reader.read();
      }
      for (int round = 0; round < ROUNDS; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        long begun = System.nanoTime();
        for (int fetch = 0; fetch < FETCHES; fetch++) {
          snapshot = reader.read();
        }
        micros[round] = (System.nanoTime() - begun) / 1e3 / FETCHES;
        garbage += threads.getCurrentThreadAllocatedBytes() - before;
      }
      Arrays.sort(micros);
      System.out.printf(
          "fetch of %,d numbers, %,d series of %d stores: %.1f us"
              + " (median of %d rounds of %d; %.1f to %.1f), %.1f bytes of garbage%n",
          length / Long.BYTES,
          snapshot.series().size(),
          stores,
          micros[ROUNDS / 2],
          ROUNDS,
          FETCHES,
          micros[ROUNDS / 10],
          micros[ROUNDS * 9 / 10],
          (double) garbage / (ROUNDS * FETCHES));
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      }
    }
  }
}
