package com.linkedin.venice.rust.bench.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.reference.ReferenceServerConfig;
import com.linkedin.venice.rust.testing.KeyStores;
import com.linkedin.venice.rust.testing.PartitionDatabase;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.TableFormat;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * One side of the benchmark: a JVM that has the stores open through {@code org.rocksdb}, and a read
 * server on them, ours or the Java one. Which native library it is decides the class path.
 *
 * <p>{@code BenchServer ours|reference FOLDER TABLE_FORMAT VALUE_BYTES...}. It prints {@code plain
 * <port>} and {@code tls <port>}, then takes commands from standard input, each answered by itself:
 * {@code garbage on}, {@code garbage off}, {@code ingestion on}, {@code ingestion off}. It ends with
 * its input.
 *
 * <p>System properties: {@code bench.settings}, more settings of ours, {@code name=value,...};
 * {@code bench.keys}, the keys of each store.
 */
public final class BenchServer {
  /** Both stores of values fit, with room: the benchmark reads from memory. */
  private static final long BLOCK_CACHE_BYTES = 1L << 30;

  /** An answer of 5,000 values of 1 KiB is above the default, which is gRPC's. */
  private static final int MAX_RESPONSE_BYTES = 32 << 20;

  /**
   * The Java server refuses calls when more than 1000 tasks wait, and a call is several: with 800
   * in flight and a single worker it would refuse some, which cost it little and would flatter it.
   */
  private static final int WORKER_QUEUE = 100_000;

  private BenchServer() {}

  /** See the class. */
  public static void main(String[] words) throws Exception {
    TableFormat format = TableFormat.valueOf(words[2]);
    Map<String, StoreVersion> stores = new HashMap<>();
    try (RocksResources resources = new RocksResources(BLOCK_CACHE_BYTES)) {
      for (int i = 3; i < words.length; i++) {
        StoreVersion store =
            StoreVersion.open(
                Path.of(words[1]),
                BenchStore.config(format, Integer.parseInt(words[i])),
                resources);
        stores.put(store.resource(), store);
        readAll(store);
      }
      switch (words[0]) {
        case "ours" -> serveByOurs(stores.values());
        case "reference" -> serveByReference(stores);
        default -> throw new IllegalArgumentException(words[0] + ": give ours or reference");
      }
      for (StoreVersion store : stores.values()) {
        store.close();
      }
    }
  }

  /** Reads everything once, so that it is in memory. */
  private static void readAll(StoreVersion store) throws IOException {
    for (int partition : store.partitionsOnDisk()) {
      PartitionDatabase database = store.partition(partition);
      if (store.config().tableFormat() == TableFormat.PLAIN) {
        touchFiles(database.directory());
        continue;
      }
      try (RocksIterator iterator = database.database().newIterator()) {
        for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
          iterator.value();
        }
      }
    }
  }

  /** Plain tables are read through a memory map, and an iterator over them needs a total order. */
  private static void touchFiles(Path directory) throws IOException {
    try (var files = Files.newDirectoryStream(directory, "*.sst")) {
      for (Path file : files) {
        Files.readAllBytes(file);
      }
    }
  }

  private static void serveByOurs(Collection<StoreVersion> stores)
      throws IOException, RocksDBException {
    ReadServerConfig.Builder plain = ReadServerConfig.builder().bindAddress("127.0.0.1");
    ReadServerConfig.Builder tls = ReadServerConfig.builder().bindAddress("127.0.0.1");
    for (String setting : System.getProperty("bench.settings", "").split(",")) {
      if (!setting.isEmpty()) {
        String[] pair = setting.split("=", 2);
        plain.set(pair[0], pair[1]);
        tls.set(pair[0], pair[1]);
      }
    }
    // The Java side asks for no certificate either.
    tls.tlsKeyStore(KeyStores.file("server.p12"), KeyStores.PASSWORD)
        .tlsClientAuth(ReadServerConfig.ClientAuth.NONE);
    try (RustReadServer first =
            RustReadServer.start(plain.maxResponseBytes(MAX_RESPONSE_BYTES).build());
        RustReadServer second =
            RustReadServer.start(tls.maxResponseBytes(MAX_RESPONSE_BYTES).build())) {
      takeCommands(first.port(), second.port(), stores);
    }
  }

  private static void serveByReference(Map<String, StoreVersion> stores)
      throws IOException, GeneralSecurityException, RocksDBException {
    ReferenceServerConfig plain =
        ReferenceServerConfig.defaults().withWorkerQueueCapacity(WORKER_QUEUE);
    try (ReferenceReadServer first = ReferenceReadServer.start(stores::get, plain);
        ReferenceReadServer second =
            ReferenceReadServer.start(stores::get, plain.withCredentials(credentials()))) {
      takeCommands(first.port(), second.port(), stores.values());
    }
  }

  private static ServerCredentials credentials() throws IOException, GeneralSecurityException {
    char[] password = KeyStores.PASSWORD.toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream bytes = Files.newInputStream(KeyStores.file("server.p12"))) {
      store.load(bytes, password);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password);
    return TlsServerCredentials.newBuilder().keyManager(keys.getKeyManagers()).build();
  }

  private static void takeCommands(int plainPort, int tlsPort, Collection<StoreVersion> stores)
      throws IOException, RocksDBException {
    System.out.println("plain " + plainPort);
    System.out.println("tls " + tlsPort);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    Garbage garbage = null;
    Ingestion ingestion = null;
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      if (line.equals("garbage on") && garbage == null) {
        garbage = new Garbage();
      } else if (line.equals("garbage off") && garbage != null) {
        garbage.close();
        garbage = null;
      } else if (line.equals("ingestion on") && ingestion == null) {
        ingestion = new Ingestion(stores, Integer.getInteger("bench.keys"));
      } else if (line.equals("ingestion off") && ingestion != null) {
        ingestion.close();
        ingestion = null;
      } else {
        throw new IllegalArgumentException(line + " is no command here");
      }
      System.out.println(line);
    }
    if (garbage != null) {
      garbage.close();
    }
    if (ingestion != null) {
      ingestion.close();
    }
  }
}
