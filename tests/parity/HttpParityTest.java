package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.testing.AvroBytes;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.ComputeRequestBuilder;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.HttpForm.Reply;
import com.linkedin.venice.rust.testing.MetadataRecords;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import com.linkedin.venice.rust.tests.avro.RandomSchemas;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * The old form: what a Fast Client without gRPC sends to Venice's HTTP port, to both servers, byte
 * for byte the same. Status, headers and body of the answers are compared; where the two differ,
 * both answers are written out (docs/differences.md, "Over HTTP").
 */
public class HttpParityTest {
  private static final int PARTITIONS = 2;
  private static final int ROWS = 40;

  private static final Schema VALUE =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "Value", "fields": [
                {"name": "vector", "type": ["null", {"type": "array", "items": "float"}]},
                {"name": "colour", "type": "string"}]}\
              """);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private DescribedServers servers;
  private int compared;

  @Before
  public void start() throws IOException {
    servers = new DescribedServers();
  }

  @After
  public void stop() throws Exception {
    servers.close();
    System.out.println(compared + " requests to both");
  }

  /** Asks both, and returns the one answer that both gave. */
  private Reply same(String what, Function<HttpForm, Reply> ask) {
    Reply java = ask.apply(servers.javaHttp());
    Reply rust = ask.apply(servers.rustHttp());
    assertEquals(what + ": status", java.status(), rust.status());
    assertEquals(what + ": headers", java.headers(), rust.headers());
    assertEquals(what + "\nJava " + java + "\nRust " + rust, java, rust);
    compared++;
    return rust;
  }

  private Reply sameGet(String path, String... headers) {
    return same("GET " + path, http -> http.get(path, headers));
  }

  private Reply samePost(String path, byte[] body, String... headers) {
    return same("POST " + path + " " + List.of(headers), http -> http.post(path, body, headers));
  }

  private static byte[] key(int row) {
    return SampleRows.avroString("key_" + row);
  }

  private static byte[] value(int row) {
    GenericRecord value = new GenericData.Record(VALUE);
    if (row % 5 != 0) {
      List<Float> floats = new ArrayList<>();
      for (int element = 0; element < 3 + row % 2; element++) {
        floats.add(row + element / 8f);
      }
      value.put("vector", floats);
    }
    value.put("colour", "colour " + row % 3 + "x".repeat(row));
    return AvroBytes.encode(VALUE, value);
  }

  /** Keys of which each third is not there. */
  private static List<MultiGetRecords.Key> keys(int count) {
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] key = key(i % 3 == 2 ? 1000 + i : i);
      keys.add(new MultiGetRecords.Key(i, key, VenicePartitioner.partition(key, PARTITIONS)));
    }
    return keys;
  }

  /** Pushes and describes a store of every form that values are stored in; returns their names. */
  private List<String> stores() throws Exception {
    List<byte[]> samples = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      samples.add(value(row));
    }
    byte[] dictionary = Compressor.trainDictionary(samples);
    List<String> names = new ArrayList<>();
    for (CompressionStrategy strategy : CompressionStrategy.values()) {
      for (boolean chunked : new boolean[] {false, true}) {
        String name = "form" + names.size();
        StoreVersionConfig config =
            new StoreVersionConfig(name, 1, PARTITIONS)
                .withCompression(
                    strategy, strategy == CompressionStrategy.ZSTD_WITH_DICT ? dictionary : null);
        servers
            .served()
            .push(
                temporary.getRoot().toPath(),
                chunked ? config.withChunks(16) : config,
                writer -> {
                  for (int row = 0; row < ROWS; row++) {
                    writer.add(key(row), 1, value(row));
                  }
                });
        servers.describe(store(name, strategy.id()).build());
        names.add(name);
      }
    }
    return names;
  }

  private static Store.Builder store(String name, int strategy) {
    return Store.builder(name, "\"string\"", VALUE.toString())
        .versions(1, Store.Version.of(1, strategy, PARTITIONS))
        .routing(Map.of(0, List.of("https://a:1"), 1, List.of("https://a:1", "https://b:2")));
  }

  @Test
  public void reads() throws Exception {
    for (String name : stores()) {
      String path = "/storage/" + name + "_v1";
      for (int row = 0; row < ROWS + 2; row++) {
        int partition = VenicePartitioner.partition(key(row), PARTITIONS);
        String encoded = Base64.getUrlEncoder().encodeToString(key(row));
        String single = path + "/" + partition + "/" + encoded + "?f=b64";
        assertEquals(row < ROWS ? 200 : 404, sameGet(single).status());
        sameGet(single, HttpForm.STREAMING, "1");
        // In the partition where it is not.
        assertEquals(
            404, sameGet(path + "/" + (1 - partition) + "/" + encoded + "?f=b64").status());
      }
      for (int count : new int[] {0, 1, 3, ROWS}) {
        byte[] body = MultiGetRecords.encodeKeys(keys(count)).toByteArray();
        samePost(path, body, HttpForm.API_VERSION, "1");
        samePost(path, body, HttpForm.API_VERSION, "1", HttpForm.STREAMING, "1");
        samePost(path, body, HttpForm.API_VERSION, "+1");
      }
    }
  }

  @Test
  public void computes() throws Exception {
    List<ComputeRequestBuilder> requests =
        List.of(
            new ComputeRequestBuilder(VALUE).dotProduct("vector", List.of(1f, 2f, 3f), "dot"),
            new ComputeRequestBuilder(VALUE)
                .cosineSimilarity("vector", List.of(1f, 2f, 3f, 4f), "cosine")
                .project("colour"),
            new ComputeRequestBuilder(VALUE).hadamardProduct("vector", List.of(2f, 2f, 2f), "both"),
            new ComputeRequestBuilder(VALUE).count("vector", "items"),
            new ComputeRequestBuilder(VALUE).project("colour", "vector"));
    for (String name : stores()) {
      String path = "/compute/" + name + "_v1";
      for (ComputeRequestBuilder request : requests) {
        for (int count : new int[] {0, 1, ROWS}) {
          byte[] body = request.body(keys(count));
          for (String version : new String[] {"1", "2", "3"}) {
            assertEquals(200, samePost(path, body, HttpForm.API_VERSION, version).status());
          }
          samePost(path, body, HttpForm.API_VERSION, "3", HttpForm.STREAMING, "1");
          samePost(path, body, HttpForm.API_VERSION, "3", HttpForm.COMPUTE_VALUE_SCHEMA_ID, "1");
        }
      }
    }
  }

  @Test
  public void tellsOfStores() throws Exception {
    String name = stores().get(0);
    Map<String, Integer> statuses = new TreeMap<>();
    for (long seed = 1; seed <= 50; seed++) {
      Random random = new Random(seed);
      Store.Builder store =
          Store.builder(name, "\"string\"", new RandomSchemas(random).schema(3).toString())
              .versions(1, Store.Version.of(1, 0, PARTITIONS));
      if (random.nextBoolean()) {
        store.storageNodeReadQuotaEnabled(random.nextBoolean());
      }
      if (random.nextInt(4) == 0) {
        store.migratingTo("elsewhere");
      }
      servers.describe(store.build());
      Reply java = servers.javaHttp().get("/metadata/" + name);
      Reply rust = servers.rustHttp().get("/metadata/" + name);
      statuses.merge("" + java.status(), 1, Integer::sum);
      if (java.status() == 200) {
        assertEquals(MetadataRecords.decode(java.body()), MetadataRecords.decode(rust.body()));
        assertEquals(java.headers(), rust.headers());
      } else {
        assertEquals(java, rust);
      }
      compared++;
      sameGet("/current_version/" + name);
    }
    assertTrue(statuses.toString(), statuses.size() >= 2);
  }

  @Test
  public void refusesAlike() throws Exception {
    List<String> names = stores();
    String path = names.get(0) + "_v1";
    byte[] keys = MultiGetRecords.encodeKeys(keys(3)).toByteArray();
    byte[] wanted = new ComputeRequestBuilder(VALUE).count("vector", "items").body(keys(3));
    for (String get :
        new String[] {
          // Too few and too many parts.
          "/storage/" + path,
          "/storage/" + path + "/0",
          "/storage/" + path + "/0/a/b",
          "/metadata",
          "/metadata/a/b",
          "/dictionary",
          "/dictionary/a",
          "/dictionary/a/1/2",
          "/current_version",
          "/current_version/a/b",
          "/store_properties",
          "/store_properties/a/1/2",
          // What is not there.
          "/storage/nowhere_v1/0/AAAA?f=b64",
          "/storage/" + names.get(0) + "_v2/0/AAAA?f=b64",
          "/storage/" + path + "/9/AAAA?f=b64",
          "/metadata/nowhere",
          "/current_version/nowhere",
          "/dictionary/nowhere/1",
          "/dictionary/" + names.get(0) + "/1",
          "/dictionary/" + names.get(0) + "/9",
          // A key as a text, with escapes and without.
          "/storage/" + path + "/0/none",
          "/storage/" + path + "/0/a%2Fb%20c",
          "/storage/" + path + "/0/AAAA",
          "/storage/" + path + "/0/AA?f=b64",
          // Actions in any case, and more behind them.
          "/health",
          "/HEALTH",
          "/Health/of/whatever",
          "/compute/" + path,
          "/COMPUTE/" + path,
          "/STORAGE/" + path + "/0/AAAA?f=b64",
        }) {
      sameGet(get);
    }
    for (String post : new String[] {"/storage/nowhere_v1", "/storage/" + names.get(0) + "_v2"}) {
      samePost(post, keys, HttpForm.API_VERSION, "1");
    }
    samePost("/storage/" + path, keys);
    for (String version : new String[] {"0", "2", "-1", "007"}) {
      samePost("/storage/" + path, keys, HttpForm.API_VERSION, version);
    }
    samePost("/storage", keys, HttpForm.API_VERSION, "1");
    samePost("/storage/" + path + "/0", keys, HttpForm.API_VERSION, "1");
    samePost("/compute/" + names.get(0) + "_v2", wanted, HttpForm.API_VERSION, "3");
    samePost("/compute/" + path, wanted);
    for (String version : new String[] {"0", "4", "-1"}) {
      samePost("/compute/" + path, wanted, HttpForm.API_VERSION, version);
    }
    samePost("/compute", wanted, HttpForm.API_VERSION, "3");
    samePost("/compute/" + path + "/0", wanted, HttpForm.API_VERSION, "3");
    servers.describe(store(names.get(0), 0).readComputationEnabled(false).build());
    assertEquals(405, samePost("/compute/" + path, wanted, HttpForm.API_VERSION, "3").status());
    // A version that is the current one, and is not here.
    servers.describe(
        Store.builder(names.get(0), "\"string\"", VALUE.toString())
            .versions(2, Store.Version.of(2, 0, PARTITIONS))
            .build());
    String current = names.get(0) + "_v2";
    assertEquals(503, sameGet("/storage/" + current + "/0/AAAA?f=b64").status());
    assertEquals(503, samePost("/storage/" + current, keys, HttpForm.API_VERSION, "1").status());
    assertEquals(503, samePost("/compute/" + current, wanted, HttpForm.API_VERSION, "3").status());
  }

  /** Those of docs/differences.md, so that they are no others. */
  @Test
  public void differsWhereItIsSaid() throws Exception {
    String path = stores().get(0) + "_v1";
    byte[] keys = MultiGetRecords.encodeKeys(keys(3)).toByteArray();
    byte[] cut = Arrays.copyOf(keys, keys.length - 1);
    byte[] wanted = new ComputeRequestBuilder(VALUE).count("vector", "items").body(keys(3));
    byte[] half = Arrays.copyOf(wanted, 20);
    differs("partition", 500, 400, http -> http.get("/storage/" + path + "/x/AAAA?f=b64"));
    differs("base64", 500, 400, http -> http.get("/storage/" + path + "/0/*?f=b64"));
    differs("version", 500, 400, http -> http.get("/dictionary/a/b"));
    differs("schema id", 500, 400, http -> http.get("/store_properties/a/b"));
    differs(
        "API version",
        500,
        400,
        http -> http.post("/storage/" + path, keys, HttpForm.API_VERSION, "one"));
    differs(
        "keys", 400, 400, http -> http.post("/storage/" + path, cut, HttpForm.API_VERSION, "1"));
    differs(
        "unknown store",
        500,
        400,
        http -> http.post("/compute/nowhere_v1", wanted, HttpForm.API_VERSION, "3"));
    String[] noSchema = {HttpForm.API_VERSION, "3", HttpForm.COMPUTE_VALUE_SCHEMA_ID, "7"};
    differs("schema", 500, 500, http -> http.post("/compute/" + path, wanted, noSchema));
    differs("action", 400, 405, http -> http.get("/nothing"));
    differs("POST to none", 400, 415, http -> http.post("/nothing", keys));
    differs(
        "operations",
        400,
        400,
        http -> http.post("/compute/" + path, half, HttpForm.API_VERSION, "3"));
  }

  private void differs(String what, int inJava, int inRust, Function<HttpForm, Reply> ask) {
    Reply java = ask.apply(servers.javaHttp());
    Reply rust = ask.apply(servers.rustHttp());
    String both = what + "\nJava " + java + "\nRust " + rust;
    assertEquals(both, inJava, java.status());
    assertEquals(both, inRust, rust.status());
    assertNotEquals(both, java, rust);
  }
}
