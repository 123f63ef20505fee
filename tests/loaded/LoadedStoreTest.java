package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.HostedStoreVersions;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.TableFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameter;
import org.junit.runners.Parameterized.Parameters;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksIterator;
import org.rocksdb.util.Environment;

/**
 * What {@code venice load} writes, stock RocksJava opens as a Venice server does, and the reference
 * Java server answers from: every key, of every format and compression that the command offers.
 */
@RunWith(Parameterized.class)
public class LoadedStoreTest {
  private static final int ROWS = 600;
  private static final int PARTITIONS = 3;
  private static final int CHUNK_BYTES = 10_000;
  private static final Map<String, TableFormat> TABLES =
      Map.of(
          "block-based", TableFormat.BLOCK_BASED,
          "plain", TableFormat.PLAIN,
          "blob", TableFormat.BLOCK_BASED_WITH_BLOB_FILES);
  private static final Map<String, CompressionStrategy> COMPRESSIONS =
      Map.of(
          "none", CompressionStrategy.NO_OP,
          "gzip", CompressionStrategy.GZIP,
          "zstd", CompressionStrategy.ZSTD_WITH_DICT);

  @Parameters(name = "{0}, {1}, chunked: {2}")
  public static List<Object[]> forms() {
    List<Object[]> forms = new ArrayList<>();
    for (String table : new TreeMap<>(TABLES).keySet()) {
      for (String compression : new TreeMap<>(COMPRESSIONS).keySet()) {
        forms.add(new Object[] {table, compression, false});
        forms.add(new Object[] {table, compression, true});
      }
    }
    return forms;
  }

  @Parameter(0)
  public String table;

  @Parameter(1)
  public String compression;

  @Parameter(2)
  public boolean chunked;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  /** Keys and values: none, short ones, some above 4 KiB, and some that are split if that is asked. */
  private static Map<String, String> rows() {
    Random random = new Random(7);
    Map<String, String> rows = new TreeMap<>();
    for (int row = 0; row < ROWS; row++) {
      int length = row % 50 == 0 ? 40_000 : row % 10 == 0 ? 5_000 : row % 200;
      StringBuilder value = new StringBuilder();
      while (value.length() < length) {
        value.append(random.nextInt(10) == 0 ? "é" : Integer.toString(random.nextInt(1000)));
      }
      rows.put("key " + row, value.toString());
    }
    return rows;
  }

  private String load(Path data, Map<String, String> rows) throws Exception {
    StringBuilder lines = new StringBuilder();
    rows.forEach(
        (key, value) ->
            lines.append("{\"key\":\"%s\",\"value\":\"%s\"}%n".formatted(key, value)));
    Path input = Files.writeString(temporary.newFile("rows.json").toPath(), lines);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("venice")).toAbsolutePath().toString());
    command.addAll(List.of("load", input.toString(), "--data", data.toString()));
    command.addAll(List.of("--store", "loaded", "--version", "4", "--schema-id", "2"));
    command.addAll(List.of("--partitions", Integer.toString(PARTITIONS)));
    command.addAll(List.of("--table", table, "--compression", compression));
    if (chunked) {
      command.addAll(List.of("--chunked", "--chunk-size", Integer.toString(CHUNK_BYTES)));
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(printed, 0, process.waitFor());
    Path description = data.resolve("descriptions").resolve("loaded_v4.json");
    return Files.readString(description);
  }

  private StoreVersionConfig config(String description) {
    StoreVersionConfig config =
        new StoreVersionConfig("loaded", 4, PARTITIONS).withTableFormat(TABLES.get(table));
    Matcher dictionary = Pattern.compile("\"dictionary\": ?\"([0-9a-f]*)\"").matcher(description);
    byte[] bytes = dictionary.find() ? HexFormat.of().parseHex(dictionary.group(1)) : null;
    assertEquals("a dictionary", compression.equals("zstd"), bytes != null);
    config = config.withCompression(COMPRESSIONS.get(compression), bytes);
    return chunked ? config.withChunks(CHUNK_BYTES) : config;
  }

  private static byte[] avro(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    encoder.writeString(text);
    return bytes.toByteArray();
  }

  @Test
  public void everyKeyIsReadBackByJava() throws Exception {
    Path data = temporary.newFolder().toPath();
    Map<String, String> rows = rows();
    StoreVersionConfig config = config(load(data, rows));
    if (!table.equals("plain")) {
      // Stock RocksDB's default options read them from one end to the other.
      long entries = 0;
      for (int partition : List.of(0, 1, 2)) {
        Path version = StoreVersion.directory(data, "loaded_v4");
        entries += entries(version.resolve("loaded_v4_" + partition));
      }
      assertTrue(entries + " entries", chunked ? entries > ROWS : entries == ROWS);
    }

    try (RocksResources resources = new RocksResources();
        StoreVersion version = StoreVersion.open(data, config, resources)) {
      assertEquals(List.of(0, 1, 2), version.openPartitions());
      HostedStoreVersions stores = name -> name.equals("loaded_v4") ? version : null;
      try (ReferenceReadServer server = ReferenceReadServer.start(stores);
          FastClient client = client(server, config)) {
        List<byte[]> keys = new ArrayList<>();
        List<StoredValue> values = new ArrayList<>();
        for (Map.Entry<String, String> row : rows.entrySet()) {
          byte[] key = avro(row.getKey());
          StoredValue value = new StoredValue(2, avro(row.getValue()));
          assertEquals(row.getKey(), value, client.get(key));
          keys.add(key);
          values.add(value);
        }
        for (int from = 0; from < ROWS; from += 100) {
          assertEquals(
              values.subList(from, from + 100), client.batchGet(keys.subList(from, from + 100)));
        }
        assertNull(client.get(avro("no such key")));

        // A hybrid store goes on to take writes, which Venice makes through the same databases.
        version.put(keys.get(0), 3, avro("written by Java"));
        version.delete(keys.get(1));
        version.reopenPartition(0);
        assertEquals(new StoredValue(3, avro("written by Java")), client.get(keys.get(0)));
        assertNull(client.get(keys.get(1)));
      }
    }
    String library = Environment.getJniLibraryFileName("rocksdb");
    String natives = String.valueOf(RocksDB.class.getClassLoader().getResource(library));
    assertTrue("the natives are stock's: " + natives, natives.contains("rocksdbjni-9"));
  }

  /** The entries of a database, all of whose blocks are read with their checksums. */
  private static long entries(Path database) throws Exception {
    try (Options options = new Options();
        RocksDB db = RocksDB.openReadOnly(options, database.toString())) {
      db.verifyChecksum();
      long entries = 0;
      try (RocksIterator all = db.newIterator()) {
        for (all.seekToFirst(); all.isValid(); all.next()) {
          entries++;
        }
        all.status();
      }
      return entries;
    }
  }

  private static FastClient client(ReferenceReadServer server, StoreVersionConfig config) {
    String address = "127.0.0.1:" + server.port();
    StoreRoutes routes = StoreRoutes.oneServer("loaded_v4", PARTITIONS, address);
    return new FastClient(routes.withDictionary(config.dictionary()));
  }
}
