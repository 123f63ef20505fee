package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.google.protobuf.Message;
import com.linkedin.venice.rust.protocols.DictionaryRequest;
import com.linkedin.venice.rust.protocols.NodeHealthRequest;
import com.linkedin.venice.rust.protocols.StoreMetadataResponse;
import com.linkedin.venice.rust.protocols.StorePropertiesRequest;
import com.linkedin.venice.rust.protocols.StoreRequest;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.MetadataRecords;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreMetadataMethods;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.tests.avro.RandomSchemas;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * What clients ask about stores: the Rust server over gRPC against the Java server over HTTP.
 * Random stores, and those that have nothing to tell. Records are compared field by field, as the
 * order of a map is nobody's; everything else byte by byte.
 */
public class MetadataParityTest {
  private static final int CASES = Integer.getInteger("cases", 200);
  private static final long SEED = Long.getLong("seed", 1);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final Map<String, Integer> outcomes = new TreeMap<>();

  @Test
  public void randomStores() throws Exception {
    try (DescribedServers servers = new DescribedServers()) {
      for (long seed = SEED; seed < SEED + CASES; seed++) {
        Random random = new Random(seed);
        servers.instanceGroups(
            random.nextBoolean() ? Map.of() : Map.of("https://a:1", 0, "https://b:2", 1));
        Store store = store(random);
        servers.describe(store);
        String where = "seed " + seed + " " + store;
        StoreRequest request = StoreRequest.newBuilder().setStoreName("store").build();
        HttpForm.Reply java = servers.javaHttp().get("/metadata/store");
        StoreMetadataResponse rust = ask(servers, StoreMetadataMethods.METADATA, request);
        if (same(where, java, rust)) {
          assertEquals(
              where,
              MetadataRecords.decode(java.body()),
              MetadataRecords.decode(rust.getData().toByteArray()));
        }
        java = servers.javaHttp().get("/current_version/store");
        rust = ask(servers, StoreMetadataMethods.CURRENT_VERSION, request);
        if (same(where, java, rust)) {
          assertEquals(where, java.text(), rust.getData().toStringUtf8());
        }
        properties(servers, where, store, random);
      }
      System.out.println(CASES + " stores: " + outcomes);
      for (int status : new int[] {200, 403, 500}) {
        assertTrue(outcomes.toString(), outcomes.getOrDefault("" + status, 0) > CASES / 10);
      }
    }
  }

  private void properties(DescribedServers servers, String where, Store store, Random random)
      throws IOException {
    StorePropertiesRequest.Builder request =
        StorePropertiesRequest.newBuilder().setStoreName("store");
    String path = "/store_properties/store";
    if (random.nextBoolean()) {
      int known = random.nextInt(4);
      request.setLargestKnownSchemaId(known);
      path += "/" + known;
    }
    HttpForm.Reply java = servers.javaHttp().get(path);
    StoreMetadataResponse rust =
        ask(servers, StoreMetadataMethods.STORE_PROPERTIES, request.build());
    if (store.properties() == null) {
      // In Venice there is no such store.
      assertEquals(where, 500, rust.getErrorCode());
    } else if (same(where, java, rust)) {
      assertEquals(
          where,
          propertiesIn(java.body(), store.properties().avro().length),
          propertiesIn(rust.getData().toByteArray(), store.properties().avro().length));
    }
  }

  @Test
  public void storesThatNobodyKnows() throws Exception {
    try (DescribedServers servers = new DescribedServers()) {
      for (String name : new String[] {"nowhere", "_v1", "x".repeat(200)}) {
        StoreRequest request = StoreRequest.newBuilder().setStoreName(name).build();
        unknown(
            servers.javaHttp().get("/metadata/" + name),
            ask(servers, StoreMetadataMethods.METADATA, request));
        unknown(
            servers.javaHttp().get("/current_version/" + name),
            ask(servers, StoreMetadataMethods.CURRENT_VERSION, request));
        unknown(
            servers.javaHttp().get("/store_properties/" + name),
            ask(
                servers,
                StoreMetadataMethods.STORE_PROPERTIES,
                StorePropertiesRequest.newBuilder().setStoreName(name).build()));
      }
      servers.describe(store(new Random(1)));
      servers.forget("store");
      unknown(
          servers.javaHttp().get("/metadata/store"),
          ask(
              servers,
              StoreMetadataMethods.METADATA,
              StoreRequest.newBuilder().setStoreName("store").build()));
    }
  }

  @Test
  public void dictionaries() throws Exception {
    try (DescribedServers servers = new DescribedServers()) {
      SampleRows rows = new SampleRows(50, 0, 300);
      byte[] dictionary =
          Compressor.trainDictionary(rows.values(0, 50).stream().map(v -> v.payload()).toList());
      StoreVersionConfig compressed =
          new StoreVersionConfig("store", 1, 2)
              .withCompression(CompressionStrategy.ZSTD_WITH_DICT, dictionary);
      servers.served().push(temporary.getRoot().toPath(), compressed, rows);
      servers
          .served()
          .push(temporary.getRoot().toPath(), new StoreVersionConfig("store", 2, 1), rows);
      servers.describe(
          Store.builder("store", "\"bytes\"", "\"bytes\"")
              .versions(1, Store.Version.of(1, 3, 2), Store.Version.of(2, 0, 1))
              .build());
      for (int version : new int[] {1, 2, 3}) {
        HttpForm.Reply java = servers.javaHttp().get("/dictionary/store/" + version);
        StoreMetadataResponse rust =
            ask(
                servers,
                StoreMetadataMethods.DICTIONARY,
                DictionaryRequest.newBuilder().setStoreName("store").setVersion(version).build());
        assertEquals("version " + version, java.status(), rust.getErrorCode());
        assertArrayEquals(java.body(), rust.getData().toByteArray());
        assertEquals(version == 1 ? 200 : 404, rust.getErrorCode());
      }
    }
  }

  @Test
  public void health() throws Exception {
    try (DescribedServers servers = new DescribedServers()) {
      HttpForm.Reply java = servers.javaHttp().get("/health");
      StoreMetadataResponse rust =
          ask(servers, StoreMetadataMethods.HEALTH, NodeHealthRequest.getDefaultInstance());
      assertTrue(same("health", java, rust));
      assertEquals(java.text(), rust.getData().toStringUtf8());
    }
  }

  private static <Q extends Message> StoreMetadataResponse ask(
      DescribedServers servers, MethodDescriptor<Q, StoreMetadataResponse> method, Q request) {
    return ClientCalls.blockingUnaryCall(servers.rust(), method, CallOptions.DEFAULT, request);
  }

  /** Compares all but what is told, and returns whether something is. */
  private boolean same(String where, HttpForm.Reply java, StoreMetadataResponse rust) {
    String text =
        where + "\nJava " + java + "\nRust " + rust.getErrorCode() + " " + rust.getErrorMessage();
    outcomes.merge("" + rust.getErrorCode(), 1, Integer::sum);
    assertEquals(text, java.status(), rust.getErrorCode());
    if (java.status() != 200) {
      assertEquals(text, java.text(), rust.getErrorMessage());
      return false;
    }
    assertEquals(text, java.header("x-venice-schema-id"), "" + rust.getSchemaId());
    assertEquals(text, java.header("content-type"), rust.getContentType());
    return true;
  }

  private static void unknown(HttpForm.Reply java, StoreMetadataResponse rust) {
    assertEquals(500, java.status());
    assertEquals(500, rust.getErrorCode());
    assertEquals(java.text(), rust.getErrorMessage());
  }

  private static Store store(Random random) {
    Store.Builder builder = Store.builder("store", "\"string\"", "\"string\"");
    RandomSchemas schemas = new RandomSchemas(random);
    Map<Integer, String> texts = new TreeMap<>();
    for (int id = 1; id <= 1 + random.nextInt(4); id++) {
      texts.put(id, schemas.schema(3).toString());
    }
    builder.valueSchemas(
        texts, random.nextBoolean() ? Store.NO_SCHEMA : 1 + random.nextInt(texts.size()));
    builder.readComputationEnabled(random.nextBoolean());
    builder.storageNodeReadQuotaEnabled(random.nextInt(4) != 0);
    builder.batchGetLimit(random.nextInt(3) == 0 ? random.nextInt(2000) : -1);
    if (random.nextInt(6) == 0) {
      builder.migratingTo(random.nextBoolean() ? DescribedServers.CLUSTER : "elsewhere");
    }
    List<Store.Version> versions = new ArrayList<>();
    int count = random.nextInt(5);
    for (int number = 1; number <= count; number++) {
      versions.add(
          new Store.Version(
              number * 3,
              new int[] {0, 1, 3}[random.nextInt(3)],
              1 + random.nextInt(40),
              random.nextInt(4) == 0 ? "com.example.Other" : Store.Version.DEFAULT_PARTITIONER,
              random.nextBoolean() ? Map.of() : Map.of("a", "1", "\u00e4", "x\"y"),
              1,
              random.nextInt(2)));
    }
    int current = count == 0 || random.nextInt(6) == 0 ? 0 : 3 * (1 + random.nextInt(count));
    builder.versions(current, versions.toArray(new Store.Version[0]));
    Map<Integer, List<String>> routing = new TreeMap<>();
    // Replicas of partitions that the current version has not are refused.
    int partitions = current == 0 ? 10 : versions.get(current / 3 - 1).partitionCount();
    for (int partition = 0; partition < random.nextInt(Math.min(partitions, 10) + 1); partition++) {
      routing.put(
          partition,
          List.of("https://a:1", "https://b:2", "http://[::1]:3").subList(0, random.nextInt(4)));
    }
    builder.routing(routing);
    if (random.nextInt(5) != 0) {
      byte[] avro = new byte[random.nextInt(300)];
      random.nextBytes(avro);
      builder.properties(new Store.Properties(1 + random.nextInt(50), avro));
    }
    return builder.build();
  }

  /**
   * {@code StorePropertiesPayloadRecord} as text, without the time in it; maps in order.
   *
   * @param length of the record {@code StoreProperties} inside
   */
  private static String propertiesIn(byte[] record, int length) throws IOException {
    BinaryDecoder in = DecoderFactory.get().binaryDecoder(record, null);
    List<Object> told = new ArrayList<>();
    told.add(in.readInt());
    ByteBuffer value = in.readBytes(null);
    byte[] bytes = new byte[value.remaining()];
    value.get(bytes);
    BinaryDecoder inside = DecoderFactory.get().binaryDecoder(bytes, null);
    inside.readLong();
    told.add(inside.readIndex());
    byte[] properties = new byte[length];
    inside.readFixed(properties);
    told.add(Arrays.toString(properties));
    for (int schemas = 0; schemas < 2; schemas++) {
      told.add(inside.readIndex());
      told.add(MetadataRecords.map(inside, inside::readString));
    }
    // No single schema, no replicas, the ids that were written, no cluster.
    told.add(Arrays.toString(inside.inputStream().readAllBytes()));
    told.add(in.readIndex());
    told.add(MetadataRecords.map(in, in::readInt));
    told.add(in.readIndex());
    told.add(MetadataRecords.map(in, () -> MetadataRecords.list(in, in::readString)));
    assertTrue("bytes are left behind the properties", in.isEnd());
    return told.toString();
  }
}
