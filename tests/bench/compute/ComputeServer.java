package com.linkedin.venice.rust.bench.compute;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.StoreDescription;
import com.linkedin.venice.rust.StoreVersionDescription;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.reference.ReferenceServerConfig;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.reference.StoreRepository;
import com.linkedin.venice.rust.testing.DirectoryTree;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * One side of the benchmark of read compute: a JVM with the stores of vectors, and a server on
 * them. {@code ComputeServer ours|reference} prints {@code port <port>}, of gRPC or of HTTP, and
 * ends with its input.
 */
public final class ComputeServer {
  private ComputeServer() {}

  /** See the class. */
  public static void main(String[] words) throws Exception {
    Path folder = Files.createTempDirectory("compute-bench");
    Map<String, StoreVersion> stores = new HashMap<>();
    try (RocksResources resources = new RocksResources()) {
      for (int dimensions : ComputeStores.DIMENSIONS) {
        try (StoreVersionWriter writer =
            new StoreVersionWriter(folder, ComputeStores.config(dimensions), resources)) {
          ComputeStores.write(writer, dimensions);
          StoreVersion version = writer.endOfPush();
          stores.put(version.resource(), version);
        }
      }
      switch (words[0]) {
        case "ours" -> serveByOurs();
        case "reference" -> serveByReference(stores);
        default -> throw new IllegalArgumentException(words[0] + ": give ours or reference");
      }
      for (StoreVersion store : stores.values()) {
        store.close();
      }
    } finally {
      DirectoryTree.delete(folder);
    }
  }

  private static void serveByOurs() throws IOException {
    ReadServerConfig config = ReadServerConfig.builder().bindAddress("127.0.0.1").build();
    try (RustReadServer server = RustReadServer.start(config)) {
      for (int dimensions : ComputeStores.DIMENSIONS) {
        server.describeStore(
            StoreDescription.of(ComputeStores.name(dimensions))
                .keySchema(1, "\"string\"")
                .valueSchema(1, ComputeStores.VALUE.toString())
                .readComputeEnabled(true)
                .currentVersion(1)
                .version(StoreVersionDescription.of(1, ComputeStores.PARTITIONS).build())
                .build());
      }
      untilTheInputEnds(server.port());
    }
  }

  private static void serveByReference(Map<String, StoreVersion> stores) throws IOException {
    StoreRepository repository = new StoreRepository("bench");
    for (int dimensions : ComputeStores.DIMENSIONS) {
      repository.put(
          Store.builder(
                  ComputeStores.name(dimensions), "\"string\"", ComputeStores.VALUE.toString())
              .versions(1, Store.Version.of(1, 0, ComputeStores.PARTITIONS))
              .build());
    }
    try (ReferenceReadServer server =
        ReferenceReadServer.start(
            stores::get, ReferenceServerConfig.defaults().withStoreRepository(repository))) {
      untilTheInputEnds(server.httpPort());
    }
  }

  private static void untilTheInputEnds(int port) throws IOException {
    System.out.println("port " + port);
    while (System.in.read() >= 0) {
      // Nothing is asked for.
    }
  }
}
