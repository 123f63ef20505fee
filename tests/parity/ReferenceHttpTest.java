package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.CountByValueRequest;
import com.linkedin.venice.protocols.CountByValueResponse;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.reference.ReferenceServerConfig;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.reference.StoreRepository;
import com.linkedin.venice.rust.reference.compute.ComputeOperation;
import com.linkedin.venice.rust.reference.compute.ComputeRequest;
import com.linkedin.venice.rust.testing.AvroBytes;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.ComputeRecords;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.HttpForm.Reply;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.ReadServiceMethods;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * What the reference server answers over HTTP, and to {@code countByValue}, written out: it is what
 * the Rust server is compared with, so it has to be Venice's. Statuses, headers and texts are those
 * of Venice's {@code OutboundHttpWrapperHandler}, {@code StorageReadRequestHandler} and {@code
 * ServerReadMetadataRepository}.
 */
public class ReferenceHttpTest {
  private static final int PARTITIONS = 2;

  private static final Schema VALUE =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "Value", "fields": [
                {"name": "vector", "type": ["null", {"type": "array", "items": "float"}]},
                {"name": "colour", "type": "string"}]}\
              """);

  private static final Schema RESULT =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "Result", "fields": [
                {"name": "score", "type": ["null", "float"]},
                {"name": "colour", "type": "string"},
                {"name": "__veniceComputationError__",
                 "type": {"type": "map", "values": "string"}}]}\
              """);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final StoreRepository repository = new StoreRepository("cluster");
  private final StoreVersionConfig config =
      new StoreVersionConfig("store", 1, PARTITIONS)
          .withCompression(
              CompressionStrategy.ZSTD_WITH_DICT,
              Compressor.trainDictionary(List.of(value(new float[] {1, 2, 3}, "red"))));
  private RocksResources resources;
  private StoreVersion version;
  private ReferenceReadServer server;
  private HttpForm http;

  @Before
  public void start() throws Exception {
    resources = new RocksResources();
    try (StoreVersionWriter writer =
        new StoreVersionWriter(temporary.getRoot().toPath(), config, resources)) {
      writer.add(key(0), 1, value(new float[] {1, 2, 3}, "red"));
      writer.add(key(1), 1, value(new float[] {1, 2}, "blue"));
      writer.add(key(2), 1, value(null, "red"));
      version = writer.endOfPush();
    }
    repository.put(store().build());
    server =
        ReferenceReadServer.start(
            resource -> resource.equals("store_v1") ? version : null,
            ReferenceServerConfig.defaults().withStoreRepository(repository));
    http = new HttpForm("127.0.0.1:" + server.httpPort());
  }

  @After
  public void stop() throws Exception {
    server.close();
    version.close();
    resources.close();
  }

  private static Store.Builder store() {
    return Store.builder("store", "\"string\"", VALUE.toString())
        .versions(1, Store.Version.of(1, 3, PARTITIONS))
        .routing(Map.of(0, List.of("https://a:1"), 1, List.of("https://a:1", "https://b:2")));
  }

  @Test
  public void computes() throws IOException {
    Reply reply = compute("store_v1", HttpForm.STREAMING, "1");
    assertEquals(200, reply.status());
    assertEquals("avro/binary", reply.header("content-type"));
    assertEquals("1", reply.header("x-venice-schema-id"));
    assertEquals("0", reply.header("x-venice-compression-strategy"));
    assertEquals("4", reply.header("x-venice-rcu"));
    assertEquals("1", reply.header("x-venice-streaming-response"));
    List<ComputeRecords.Result> results = ComputeRecords.decode(reply.body());
    assertEquals(4, results.size());
    assertEquals(
        "{\"score\": 32.0, \"colour\": \"red\", \"__veniceComputationError__\": {}}",
        text(results.get(0)));
    assertEquals(
        "{\"score\": 0.0, \"colour\": \"blue\", \"__veniceComputationError__\": {\"score\":"
            + " \"Failed to compute because size of dot product parameter is: 3 while the size of"
            + " value vector(vector) is: 2\"}}",
        text(results.get(1)));
    assertEquals(
        "{\"score\": null, \"colour\": \"red\", \"__veniceComputationError__\": {}}",
        text(results.get(2)));
    assertEquals(-3, results.get(3).keyIndex());
    assertEquals(0, results.get(3).value().length);
    Reply found = compute("store_v1");
    assertEquals("", found.header("x-venice-streaming-response"));
    assertEquals(3, ComputeRecords.decode(found.body()).size());
  }

  @Test
  public void computesNothingWhereItMayNot() {
    assertText(400, "No storage exists for: store_v2", compute("store_v2"));
    assertText(500, "Store: other does not exist in cluster cluster", compute("other_v1"));
    repository.put(store().versions(2, Store.Version.of(2, 3, PARTITIONS)).build());
    assertText(503, "No storage exists for: store_v2", compute("store_v2"));
    repository.put(store().readComputationEnabled(false).build());
    assertText(
        405,
        "Read compute is not enabled for the store. Please contact Venice team to enable the"
            + " feature.",
        compute("store_v1"));
  }

  @Test
  public void requestsToComputeThatAreNone() {
    byte[] body = body();
    assertText(
        400, "Header: X-VENICE-API-VERSION is missing", http.post("/compute/store_v1", body));
    assertText(
        400,
        "Compute API version 4 is invalid. Latest version is 3",
        http.post("/compute/store_v1", body, HttpForm.API_VERSION, "4"));
    assertText(400, "Only support POST method for COMPUTE", http.get("/compute/store_v1"));
    assertText(400, "Invalid request: /compute", http.post("/compute", body));
    assertText(
        400,
        "Could not deserialize bytes back into Avro object",
        http.post(
            "/compute/store_v1", Arrays.copyOf(body, body.length / 2), HttpForm.API_VERSION, "3"));
    assertText(
        500,
        "For input string: \"three\"",
        http.post("/compute/store_v1", body, HttpForm.API_VERSION, "three"));
    ComputeRequest foreign =
        new ComputeRequest(
            List.of(
                new ComputeOperation(ComputeOperation.Type.COUNT, "nothing", List.of(), "score")),
            RESULT.toString());
    assertText(
        500,
        "The field nothing being operated on is not in value schema",
        http.post("/compute/store_v1", foreign.serialize(), HttpForm.API_VERSION, "3"));
  }

  @Test
  public void readsStorage() {
    int partition = VenicePartitioner.partition(key(0), PARTITIONS);
    String encoded = Base64.getUrlEncoder().encodeToString(key(0));
    Reply single = http.get("/storage/store_v1/" + partition + "/" + encoded + "?f=b64");
    assertEquals(200, single.status());
    assertEquals("3", single.header("x-venice-compression-strategy"));
    assertArrayEquals(
        value(new float[] {1, 2, 3}, "red"), config.compressor().decompress(single.body()));
    Reply missing = http.get("/storage/store_v1/" + partition + "/none");
    assertEquals(404, missing.status());
    assertEquals(0, missing.body().length);
    Reply batch = http.post("/storage/store_v1", keys().toByteArray(), HttpForm.API_VERSION, "1");
    assertEquals(200, batch.status());
    assertEquals(3, MultiGetRecords.decodeValues(batch.body()).size());
    assertText(
        400,
        "Expected API version: 1, but received: 2",
        http.post("/storage/store_v1", keys().toByteArray(), HttpForm.API_VERSION, "2"));
    assertText(
        400,
        "Not a valid request for a STORAGE action: /storage/store_v1",
        http.get("/storage/store_v1"));
    assertText(
        500,
        "Failed to get read-write lock for partition: 9, store: store_v1",
        http.get("/storage/store_v1/9/none"));
  }

  @Test
  public void tellsOfTheStore() {
    Reply metadata = http.get("/metadata/store");
    assertEquals(200, metadata.status());
    assertEquals("4", metadata.header("x-venice-schema-id"));
    assertEquals("avro/binary", metadata.header("content-type"));
    Reply current = http.get("/current_version/store");
    assertEquals("{\"currentVersion\":1,\"message\":null,\"error\":false}", current.text());
    Reply dictionary = http.get("/dictionary/store/1");
    assertEquals("application/octet-stream", dictionary.header("content-type"));
    assertArrayEquals(config.dictionary(), dictionary.body());
    assertEquals(404, http.get("/dictionary/store/2").status());
    assertText(200, "OK", http.get("/health"));
    assertText(400, "not a valid request for a METADATA action: /metadata", http.get("/metadata"));
  }

  @Test
  public void tellsWhyItTellsNothing() {
    assertText(
        500,
        "Failed to populate metadata for store: other due to: Store: other does not exist in"
            + " cluster cluster",
        http.get("/metadata/other"));
    repository.put(store().storageNodeReadQuotaEnabled(false).build());
    assertText(
        403,
        "Fast client is not enabled for store: store, please ensure storage node read quota is"
            + " enabled for the given store",
        http.get("/metadata/store"));
    repository.put(store().migratingTo("elsewhere").build());
    assertText(
        500,
        "Failed to populate metadata for store: store due to: Store: store is migrating. Failing"
            + " the request to allow clients refresh cluster discovery.",
        http.get("/metadata/store"));
    repository.put(store().versions(Store.NON_EXISTING_VERSION).build());
    String none =
        "No valid store version available to read for store: store. Please push data to the store"
            + " before consuming";
    assertText(
        500,
        "Failed to populate metadata for store: store due to: " + none,
        http.get("/metadata/store"));
    assertText(
        500,
        "Failed to get current version for store: store due to: " + none,
        http.get("/current_version/store"));
  }

  @Test
  public void countsValues() {
    ManagedChannel channel =
        Grpc.newChannelBuilder("127.0.0.1:" + server.port(), InsecureChannelCredentials.create())
            .build();
    try {
      CountByValueRequest.Builder request =
          CountByValueRequest.newBuilder().setResourceName("store_v1").setTopK(2);
      for (int i = 0; i < 4; i++) {
        request.addKeys(ByteString.copyFrom(key(i)));
      }
      CountByValueResponse counted = count(channel, request.addFieldNames("colour").build());
      assertEquals(200, counted.getErrorCode());
      assertEquals(
          Map.of("red", 2, "blue", 1),
          counted.getFieldToValueCountsOrThrow("colour").getValueToCountsMap());
      CountByValueResponse refused = count(channel, request.addFieldNames("vector").build());
      assertEquals(400, refused.getErrorCode());
      assertEquals(
          "Field vector has the type array; strings, enums, booleans and numbers are counted, also"
              + " in unions with null",
          refused.getErrorMessage());
    } finally {
      channel.shutdownNow();
    }
  }

  private static CountByValueResponse count(ManagedChannel channel, CountByValueRequest request) {
    return ClientCalls.blockingUnaryCall(
        channel, ReadServiceMethods.COUNT_BY_VALUE, CallOptions.DEFAULT, request);
  }

  private static void assertText(int status, String text, Reply reply) {
    assertEquals(text, reply.text());
    assertEquals(status, reply.status());
    assertEquals("text/plain", reply.header("content-type"));
    assertEquals("-1", reply.header("x-venice-schema-id"));
    assertEquals("1", reply.header("x-venice-rcu"));
  }

  private Reply compute(String resource, String... headers) {
    List<String> all = new ArrayList<>(List.of(HttpForm.API_VERSION, "3"));
    all.addAll(List.of(headers));
    return http.post("/compute/" + resource, body(), all.toArray(new String[0]));
  }

  private static byte[] body() {
    ComputeRequest request =
        new ComputeRequest(
            List.of(
                new ComputeOperation(
                    ComputeOperation.Type.DOT_PRODUCT, "vector", List.of(4f, 5f, 6f), "score")),
            RESULT.toString());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(request.serialize());
    out.writeBytes(keys().toByteArray());
    return out.toByteArray();
  }

  private static ByteString keys() {
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      keys.add(new MultiGetRecords.Key(i, key(i), VenicePartitioner.partition(key(i), PARTITIONS)));
    }
    return MultiGetRecords.encodeKeys(keys);
  }

  private static byte[] key(int i) {
    return SampleRows.avroString("key_" + i);
  }

  private static String text(ComputeRecords.Result result) throws IOException {
    return new GenericDatumReader<GenericRecord>(RESULT)
        .read(null, DecoderFactory.get().binaryDecoder(result.value(), null))
        .toString();
  }

  private static byte[] value(float[] vector, String colour) {
    GenericRecord value = new GenericData.Record(VALUE);
    if (vector != null) {
      List<Float> floats = new ArrayList<>();
      for (float element : vector) {
        floats.add(element);
      }
      value.put("vector", floats);
    }
    value.put("colour", colour);
    return AvroBytes.encode(VALUE, value);
  }
}
