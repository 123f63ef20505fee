package com.linkedin.venice.rust.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.protobuf.Message;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.StoreDescription;
import com.linkedin.venice.rust.StoreVersionDescription;
import com.linkedin.venice.rust.protocols.DictionaryRequest;
import com.linkedin.venice.rust.protocols.StoreMetadataResponse;
import com.linkedin.venice.rust.protocols.StoreRequest;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.junit.After;
import org.junit.Test;

/** What Java tells of a store is what clients are told of it, whatever is in the texts. */
public class StoreDescriptionTest {
  private static final String SERVICE = "com.linkedin.venice.rust.protocols.StoreMetadataService";

  /** Texts that a writer of JSON gets wrong. */
  private static final List<String> HOSTILE =
      Arrays.asList(
          "\"",
          "\\",
          "\\\"",
          "\",\"x\":\"",
          "\u0000\u0001\b\t\n\f\r\u001f",
          "\u007f\u0080\u2028\u2029\ufeff\uffff",
          "</script>",
          "\u00e4\u20ac\ud83d\ude00",
          "\\u0022",
          "{}[],:'`");

  private final RustReadServer server =
      RustReadServer.start(
          ReadServerConfig.builder()
              .bindAddress("127.0.0.1")
              .workerThreads(1)
              .diskThreads(1)
              .build());
  private final ManagedChannel channel =
      Grpc.newChannelBuilder(
              "127.0.0.1:" + server.port(), InsecureChannelCredentials.create())
          .build();

  @After
  public void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  public void storesAreDescribedAndForgotten() {
    assertEquals(Collections.emptyList(), server.describedStores());
    server.describeStore(described("b").build());
    server.describeStore(described("a").build());
    assertEquals(Arrays.asList("a", "b"), server.describedStores());
    assertEquals(200, metadata("a").getErrorCode());
    assertTrue(server.forgetStore("a"));
    assertFalse(server.forgetStore("a"));
    assertEquals(Arrays.asList("b"), server.describedStores());
    assertEquals(
        "Failed to populate metadata for store: a due to: Store: a does not exist.",
        metadata("a").getErrorMessage());
  }

  @Test
  public void everythingThatIsToldArrives() throws IOException {
    server.describeStore(
        described("s")
            .supersetSchemaId(2)
            .latestValueSchemaId(1)
            .readComputeEnabled(true)
            .batchGetLimit(20)
            .externalStorageReadMode(3)
            .helixGroup("https://h:1", 5)
            .replicas(1, Collections.emptyList())
            .properties(47, new byte[] {1})
            .build());
    BinaryDecoder record = record(metadata("s"));
    assertEquals(1, record.readIndex());
    // Number, strategy, partitions.
    assertEquals(Arrays.asList(7, 3, 2), ints(record, 3));
    assertEquals("com.example.Partitioner", record.readString());
    assertEquals(Collections.singletonMap("k", "v"), texts(record));
    // Factor, storage mode.
    assertEquals(Arrays.asList(4, 1), ints(record, 2));
    assertEquals(2, record.readArrayStart());
    assertEquals(Arrays.asList(6, 7), ints(record, 2));
    assertEquals(0, record.arrayNext());
    assertEquals(1, record.readIndex());
    assertEquals(Collections.singletonMap("1", "\"string\""), texts(record));
    assertEquals(1, record.readIndex());
    Map<String, String> values = new HashMap<>();
    values.put("1", "\"int\"");
    values.put("2", "\"long\"");
    assertEquals(values, texts(record));
    assertEquals(1, record.readIndex());
    assertEquals(2, record.readInt());
    assertEquals(1, record.readIndex());
    assertEquals(2, record.readMapStart());
    assertEquals("0", record.readString());
    assertEquals(1, record.readArrayStart());
    assertEquals("https://h:1", record.readString());
    assertEquals(0, record.arrayNext());
    assertEquals("1", record.readString());
    assertEquals(0, record.readArrayStart());
    assertEquals(0, record.mapNext());
    assertEquals(1, record.readIndex());
    assertEquals(1, record.readMapStart());
    assertEquals("https://h:1", record.readString());
    assertEquals(5, record.readInt());
    assertEquals(0, record.mapNext());
    // Limit, mode.
    assertEquals(Arrays.asList(20, 3), ints(record, 2));
    assertTrue(record.isEnd());
    DictionaryRequest dictionary =
        DictionaryRequest.newBuilder().setStoreName("s").setVersion(7).build();
    byte[] bytes = call("dictionary", dictionary).getData().toByteArray();
    assertEquals(Arrays.toString(new byte[] {-1, 0, 1}), Arrays.toString(bytes));
  }

  @Test
  public void hostileTextsArriveAsTheyAre() throws IOException {
    Map<String, String> params = new HashMap<>();
    StoreDescription.Builder store =
        StoreDescription.of("s").storageNodeReadQuotaEnabled(true).currentVersion(1);
    for (int i = 0; i < HOSTILE.size(); i++) {
      params.put(HOSTILE.get(i), HOSTILE.get(HOSTILE.size() - 1 - i));
      // What clients get is the text itself.
      store.valueSchema(i + 1, schema(HOSTILE.get(i)));
    }
    store.replicas(0, HOSTILE);
    store.version(StoreVersionDescription.of(1, 1).partitioner(HOSTILE.get(3), params, 1).build());
    server.describeStore(store.build());
    BinaryDecoder record = record(metadata("s"));
    record.readIndex();
    ints(record, 3);
    assertEquals(HOSTILE.get(3), record.readString());
    assertEquals(params, texts(record));
    ints(record, 2);
    record.readArrayStart();
    ints(record, 1);
    record.arrayNext();
    record.readIndex();
    assertEquals(Collections.emptyMap(), texts(record));
    record.readIndex();
    Map<String, String> schemas = texts(record);
    for (int i = 0; i < HOSTILE.size(); i++) {
      assertEquals(schema(HOSTILE.get(i)), schemas.get(String.valueOf(i + 1)));
    }
    record.readIndex();
    record.readInt();
    record.readIndex();
    record.readMapStart();
    record.readString();
    assertEquals(HOSTILE.size(), record.readArrayStart());
    for (String text : HOSTILE) {
      assertEquals(text, record.readString());
    }
  }

  @Test
  public void whatIsWrongIsRefusedWithItsPlaceAndLeavesWhatWasTold() {
    server.describeStore(described("s").build());
    refused(
        described("s").version(StoreVersionDescription.of(8, 0).build()),
        "description of store \"s\": versions[2].partitionCount is 0, and must be a whole number"
            + " from 1 to 1000000");
    refused(
        described("s").currentVersion(9),
        "description of store \"s\": currentVersion is 9, and is none of versions: 6, 7; describe"
            + " it there, or give 0");
    refused(
        described("s").valueSchema(3, "no schema"),
        "description of store \"s\": valueSchemas[\"3\"] is \"no schema\", and must be the text of a"
            + " schema in Avro's JSON, or the JSON itself; a schema that is the name of a type has"
            + " quotes in its text: \"\\\"string\\\"\"");
    refused(
        described("a b"),
        "description of store \"a b\": name is \"a b\", and must be 1 to 232 printable characters"
            + " of ASCII, without spaces and without / ? # % \\ \"");
    refused(
        described("s").valueSchema(3, "{\"type\": \"recor\"}"),
        "description of store \"s\": valueSchemas[\"3\"] is no schema of Avro: its type names the type"
            + " \"recor\", which is none of Avro's and is not defined before; give the text that"
            + " Avro's own parser takes instead of \"{\\\"type\\\": \\\"recor\\\"}\"");
    refused(
        described("s").replicas(2, Collections.singletonList("https://h:1")),
        "description of store \"s\": routing.replicas[\"2\"] is of no partition: currentVersion is 7,"
            + " which has partitions from 0 to 1; leave it out, or correct the partitionCount");
    // Half of a character.
    String lone = refusal(described("s").valueSchema(3, "\"\ud800"));
    assertTrue(lone, lone.startsWith("a store's description is no JSON: "));
    assertEquals(200, metadata("s").getErrorCode());
  }

  @Test
  public void descriptionsAreEqualWhenTheyTellTheSame() {
    assertEquals(described("s").build(), described("s").build());
    assertEquals(described("s").build().hashCode(), described("s").build().hashCode());
    assertNotEquals(described("s").build(), described("t").build());
    assertNotEquals(described("s").build(), described("s").batchGetLimit(1).build());
    assertEquals("s", described("s").build().name());
  }

  @Test
  public void aStoppedServerIsTold() {
    server.close();
    assertThrows(ReadServerException.class, () -> server.describeStore(described("s").build()));
    assertThrows(ReadServerException.class, () -> server.forgetStore("s"));
    assertThrows(ReadServerException.class, server::describedStores);
    assertThrows(NullPointerException.class, () -> server.describeStore(null));
  }

  /** A schema with that text in it, in which nothing is escaped that need not be. */
  private static String schema(String doc) {
    StringBuilder json = new StringBuilder("{\"type\":\"int\",\"doc\":\"");
    for (char c : doc.toCharArray()) {
      if (c < ' ' || c == '"' || c == '\\') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append("\"}").toString();
  }

  private static StoreDescription.Builder described(String name) {
    return StoreDescription.of(name)
        .storageNodeReadQuotaEnabled(true)
        .currentVersion(7)
        .keySchema(1, "\"string\"")
        .valueSchema(1, "\"int\"")
        .valueSchema(2, "\"long\"")
        .replicas(0, Collections.singletonList("https://h:1"))
        .version(StoreVersionDescription.of(6, 1).compression("GZIP").build())
        .version(
            StoreVersionDescription.of(7, 2)
                .compression("ZSTD_WITH_DICT")
                .dictionary(new byte[] {-1, 0, 1})
                .partitioner("com.example.Partitioner", Collections.singletonMap("k", "v"), 4)
                .storageMode(1)
                .build());
  }

  private void refused(StoreDescription.Builder store, String text) {
    assertEquals(text, refusal(store));
  }

  private String refusal(StoreDescription.Builder store) {
    StoreDescription built = store.build();
    return assertThrows(ReadServerException.class, () -> server.describeStore(built)).getMessage();
  }

  private StoreMetadataResponse metadata(String store) {
    return call("metadata", StoreRequest.newBuilder().setStoreName(store).build());
  }

  private <Q extends Message> StoreMetadataResponse call(String method, Q request) {
    @SuppressWarnings("unchecked")
    Q instance = (Q) request.getDefaultInstanceForType();
    MethodDescriptor<Q, StoreMetadataResponse> descriptor =
        MethodDescriptor.<Q, StoreMetadataResponse>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, method))
            .setRequestMarshaller(ProtoUtils.marshaller(instance))
            .setResponseMarshaller(
                ProtoUtils.marshaller(StoreMetadataResponse.getDefaultInstance()))
            .build();
    return ClientCalls.blockingUnaryCall(channel, descriptor, CallOptions.DEFAULT, request);
  }

  private static BinaryDecoder record(StoreMetadataResponse told) {
    assertEquals(told.getErrorMessage(), 200, told.getErrorCode());
    assertEquals(4, told.getSchemaId());
    byte[] data = told.getData().toByteArray();
    return DecoderFactory.get().binaryDecoder(new ByteArrayInputStream(data), null);
  }

  private static List<Integer> ints(BinaryDecoder record, int count) throws IOException {
    List<Integer> ints = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ints.add(record.readInt());
    }
    return ints;
  }

  private static Map<String, String> texts(BinaryDecoder record) throws IOException {
    Map<String, String> texts = new HashMap<>();
    for (long left = record.readMapStart(); left > 0; left = record.mapNext()) {
      for (long i = 0; i < left; i++) {
        String name = new String(record.readBytes(null).array(), UTF_8);
        texts.put(name, new String(record.readBytes(null).array(), UTF_8));
      }
    }
    return texts;
  }
}
