package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.PartitionDatabase;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.TableFormat;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * The Rust server answers as the reference Java server does, byte for byte: what clients ask for,
 * in every form that values are stored in.
 */
public class ParityTest {
  private static final int ROWS = 130;
  private static final int MISSING = 5;
  private static final int FOUR_MEBIBYTES = 4 << 20;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(ROWS, 0, 3000);
  private BothServers both;
  private Path data;

  @Before
  public void start() throws Exception {
    data = temporary.getRoot().toPath();
    both = new BothServers();
  }

  @After
  public void stop() throws Exception {
    both.close();
  }

  @Test
  public void everyFormOfValues() throws Exception {
    byte[] dictionary =
        Compressor.trainDictionary(rows.values(0, ROWS).stream().map(v -> v.payload()).toList());
    for (TableFormat format : TableFormat.values()) {
      for (CompressionStrategy strategy : CompressionStrategy.values()) {
        for (boolean chunked : new boolean[] {false, true}) {
          String name = "form_" + format.ordinal() + strategy.id() + (chunked ? "c" : "w");
          StoreVersionConfig config =
              new StoreVersionConfig(name, 1, 2)
                  .withTableFormat(format)
                  .withCompression(
                      strategy, strategy == CompressionStrategy.ZSTD_WITH_DICT ? dictionary : null);
          config = chunked ? config.withChunks(500) : config;
          StoreVersion version = both.store().push(data, config, rows);
          everyRead(config);
          version.close();
        }
      }
    }
  }

  @Test
  public void rowsThatWerePutAndReadOnlyPartitions() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("puts", 7, 3).withPuts();
    StoreVersion version = both.store().push(data, config, rows);
    everyRead(config);
    version.put(rows.key(3), 4, new byte[] {1, 2, 3});
    version.delete(rows.key(4));
    assertEquals(200, both.same(get(config, rows.key(3))).errorCode());
    assertEquals(-420, both.same(get(config, rows.key(4))).errorCode());
    for (int partition : version.openPartitions()) {
      version.partition(partition).flush();
      version.closePartition(partition);
      version.openPartition(partition, PartitionDatabase.Mode.READ_ONLY);
    }
    assertEquals(-420, both.same(get(config, rows.key(4))).errorCode());
    assertEquals(200, both.same(get(config, rows.key(3))).errorCode());
    everyBatch(config, List.of(record(0, rows.key(3), 0), record(1, rows.key(3), 1)));
  }

  @Test
  public void partitionsThatAreNotHosted() throws Exception {
    both.store().push(data, new StoreVersionConfig("hosted", 1, 2), rows);
    byte[] key = rows.key(1);
    for (int partition : new int[] {2, 99, StoreVersion.METADATA_PARTITION, Integer.MAX_VALUE}) {
      Answer expected =
          Answer.internalError(
              "com.linkedin.venice.exceptions.VeniceException: Failed to get read-write lock for"
                  + " partition: "
                  + partition
                  + ", store: hosted_v1");
      assertEquals(expected, both.same(ReadRequests.singleGet("hosted_v1", partition, key)));
      assertEquals(expected, both.same(batch("hosted_v1", record(0, key, partition))));
    }
    for (int partition : new int[] {-1, Integer.MIN_VALUE}) {
      both.differ(
          Difference.NEGATIVE_PARTITION,
          ReadRequests.singleGet("hosted_v1", partition, key),
          HostileRequests.negativePartitionInJava(),
          HostileRequests.negativePartitionInRust("hosted_v1", partition));
      both.differ(
          Difference.NEGATIVE_PARTITION,
          batch("hosted_v1", record(0, key, partition)),
          HostileRequests.negativePartitionInJava(),
          HostileRequests.negativePartitionInRust("hosted_v1", partition));
    }
    // A key of the other partition is not found, and not looked for elsewhere.
    int other = 1 - VenicePartitioner.partition(key, 2);
    assertEquals(-420, both.same(ReadRequests.singleGet("hosted_v1", other, key)).errorCode());
  }

  @Test
  public void storeVersionsThatAreNotHosted() throws Exception {
    both.store().push(data, new StoreVersionConfig("hosted", 1, 1), rows);
    String[] resources = {
      "",
      "_v",
      "_v1",
      "hosted",
      "hosted_v",
      "hosted_v2",
      "hosted_v1_0",
      "hosted_v1 ",
      "Hosted_v1",
      "hosted_v01",
      "a/b_v1",
      "../hosted_v1",
      "h\u00f6sted_v1",
      "\u0000",
      "\ud83d\ude00_v1",
      "%s_v1",
      "x".repeat(200)
    };
    for (String resource : resources) {
      Answer expected =
          Answer.internalError(
              "com.linkedin.venice.exceptions.VeniceNoStoreException: Store: "
                  + resource
                  + " does not exist.");
      assertEquals(expected, both.same(ReadRequests.singleGet(resource, 0, rows.key(1))));
      assertEquals(expected, both.same(batch(resource, record(0, rows.key(1), 0))));
      assertEquals(expected, both.same(batch(resource)));
    }
  }

  @Test
  public void whatCannotBeParsedIsRefusedBeforeTheStoreIsLookedUp() {
    VeniceClientRequest bad = ReadRequests.singleGet("nowhere_v1", 0, rows.key(1));
    Answer unknown = Answer.of(Status.Code.UNKNOWN);
    assertEquals(unknown, both.same(bad.toBuilder().setKeyString("*?f=b64").build()));
    byte[] cut = {0, 4, 1};
    assertEquals(unknown, both.same(ReadRequests.batchGet("nowhere_v1", ByteString.copyFrom(cut))));
  }

  @Test
  public void theFirstErrorOfABatch() throws Exception {
    StoreVersion version = both.store().push(data, new StoreVersionConfig("order", 1, 1), rows);
    String lock = "com.linkedin.venice.exceptions.VeniceException: Failed to get read-write lock";
    Answer ninth = Answer.internalError(lock + " for partition: 9, store: order_v1");
    assertEquals(
        ninth, both.same(batch("order_v1", record(0, rows.key(1), 9), record(1, rows.key(1), 5))));
    byte[] bad = {1};
    version.put(bad, 0, new byte[] {2});
    Answer unreadable = both.same(batch("order_v1", record(0, bad, 0)));
    assertEquals(500, unreadable.errorCode());
    both.differ(
        Difference.BATCH_ERROR_ORDER,
        batch("order_v1", record(0, bad, 0), record(1, rows.key(1), 9)),
        unreadable,
        ninth);
  }

  @Test
  public void keyIndexesOfEverySize() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("indexes", 1, 1);
    both.store().push(data, config, rows);
    int[] indexes = {0, 1, -1, 63, 64, -64, -65, 1 << 20, Integer.MAX_VALUE, -Integer.MAX_VALUE};
    for (int index : indexes) {
      for (int row : new int[] {1, ROWS}) {
        VeniceClientRequest request = batch("indexes_v1", record(index, rows.key(row), 0));
        assertEquals(200, both.same(request).errorCode());
        assertEquals(200, both.same(streaming(request)).errorCode());
      }
    }
    VeniceClientRequest least = batch("indexes_v1", record(Integer.MIN_VALUE, rows.key(ROWS), 0));
    both.same(least);
    both.differ(
        Difference.KEY_INDEX_LEAST_INT,
        streaming(least),
        Answer.internalError("java.lang.ArithmeticException: integer overflow"),
        Answer.of(
            VeniceServerResponse.newBuilder()
                .setErrorCode(200)
                .setSchemaId(1)
                .setResponseRCU(1)
                .setIsStreamingResponse(true)
                // keyIndex -2147483648, no value, schema id -1000.
                .setData(ByteString.fromHex("FFFFFFFF0F00CF0F"))
                .build()));
  }

  @Test
  public void keyStringsOfEveryKind() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("strings", 1, 1);
    StoreVersion version = both.store().push(data, config, rows);
    HostileRequests requests = new HostileRequests(7, rows, 1, config.resource());
    int found = 0;
    for (int i = 0; i < 3000; i++) {
      VeniceClientRequest request = requests.keyStringRequest();
      // What netty and java.util.Base64 make of it is put first, so that both have to find it.
      Optional<byte[]> key = HostileRequests.decodeKeyString(request.getKeyString());
      if (key.isPresent()) {
        version.put(key.get(), 5, Integer.toString(i).getBytes(StandardCharsets.UTF_8));
      }
      Answer answer = both.same(request);
      assertEquals(request.toString(), key.isPresent() ? 200 : 0, answer.errorCode());
      found += key.isPresent() ? 1 : 0;
    }
    assertTrue("found " + found, found > 1000 && found < 2500);
  }

  @Test
  public void aKeyLengthInMoreBytesThanAnIntHas() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("lengths", 1, 1);
    StoreVersion version = both.store().push(data, config, rows);
    version.put(new byte[] {7}, 3, new byte[] {8});
    ByteString fiveBytes = ByteString.fromHex("00" + "8280808000" + "07" + "00");
    ByteString sixBytes = ByteString.fromHex("00" + "828080808000" + "07" + "00");
    Answer found = both.same(ReadRequests.batchGet("lengths_v1", fiveBytes));
    assertEquals(200, found.errorCode());
    both.differ(
        Difference.LONG_KEY_LENGTH,
        ReadRequests.batchGet("lengths_v1", sixBytes),
        Answer.of(Status.Code.UNKNOWN),
        found);
  }

  @Test
  public void messagesOverTheLimits() throws Exception {
    StoreVersionConfig config =
        new StoreVersionConfig("large", 1, 1).withChunks(StoreVersionConfig.DEFAULT_CHUNK_BYTES);
    StoreVersion version = both.store().push(data, config, rows);
    byte[] key = SampleRows.avroString("large");
    // The message around this value is 15 bytes longer, and exactly as large as allowed.
    version.put(key, 1, new byte[FOUR_MEBIBYTES - 12]);
    assertEquals(200, both.same(get(config, key)).errorCode());
    version.put(key, 1, new byte[FOUR_MEBIBYTES - 11]);
    both.differ(
        Difference.RESPONSE_LIMIT,
        get(config, key),
        Answer.of(Status.Code.RESOURCE_EXHAUSTED),
        Answer.of(
            VeniceServerResponse.newBuilder()
                .setErrorCode(500)
                .setErrorMessage(
                    "response of at least 4194305 bytes is larger than the limit of 4194304 bytes"
                        + " (setting max.response.bytes); ask for fewer keys per request, or raise"
                        + " the setting and the client's maximum inbound message size")
                .build()));
    VeniceClientRequest request =
        ReadRequests.batchGet("large_v1", ByteString.copyFrom(new byte[FOUR_MEBIBYTES]));
    both.differ(
        Difference.REQUEST_LIMIT,
        request,
        Answer.of(Status.Code.CANCELLED),
        Answer.of(Status.Code.RESOURCE_EXHAUSTED));
  }

  @Test
  public void namesAndTextsThatAreLong() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("names", 1, 1);
    both.store().push(data, config, rows);
    VeniceClientRequest request = get(config, rows.key(1));
    // As long as names may be.
    String longest = "s".repeat(241) + "_v1";
    assertEquals(
        noStore(longest), both.same(request.toBuilder().setResourceName(longest).build()));
    assertEquals(
        200, both.same(request.toBuilder().setMethod("m".repeat(32)).build()).errorCode());
    both.differ(
        Difference.LONG_NAME,
        request.toBuilder().setResourceName("s" + longest).build(),
        noStore("s" + longest),
        Answer.of(Status.Code.INVALID_ARGUMENT));
    both.differ(
        Difference.LONG_NAME,
        request.toBuilder().setMethod("m".repeat(33)).build(),
        both.same(request),
        Answer.of(Status.Code.INVALID_ARGUMENT));
    // Repeated whole, this would be more than grpc-java takes as headers.
    String text = "!".repeat(9000);
    assertEquals(
        Answer.of(Status.Code.UNKNOWN),
        both.same(request.toBuilder().setKeyString(text + "?f=b64").build()));
  }

  private static Answer noStore(String name) {
    return Answer.internalError(
        "com.linkedin.venice.exceptions.VeniceNoStoreException: Store: "
            + name
            + " does not exist.");
  }

  @Test
  public void batchesOfMoreKeysThanTheLimit() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("fanout", 1, 1);
    both.store().push(data, config, rows);
    byte[] record = {0, 2, 7, 0};
    byte[] keys = new byte[record.length * 10_001];
    for (int at = 0; at < keys.length; at += record.length) {
      System.arraycopy(record, 0, keys, at, record.length);
    }
    ByteString tooMany = ByteString.copyFrom(keys);
    ByteString asManyAsAllowed = tooMany.substring(record.length);
    VeniceServerResponse nothingFound =
        VeniceServerResponse.newBuilder().setSchemaId(1).setErrorCode(200).build();
    assertEquals(
        Answer.of(nothingFound.toBuilder().setResponseRCU(10_000).build()),
        both.same(ReadRequests.batchGet("fanout_v1", asManyAsAllowed)));
    both.differ(
        Difference.BATCH_KEYS_LIMIT,
        ReadRequests.batchGet("fanout_v1", tooMany),
        Answer.of(nothingFound.toBuilder().setResponseRCU(10_001).build()),
        Answer.of(
            VeniceServerResponse.newBuilder()
                .setErrorCode(400)
                .setErrorMessage(
                    "batch of more than 10000 keys (setting max.batch.keys); ask for fewer keys per"
                        + " request, or raise the setting")
                .build()));
  }

  @Test
  public void requestsThatAreCompressed() throws Exception {
    StoreVersionConfig config = new StoreVersionConfig("gzip", 1, 1);
    both.store().push(data, config, rows);
    ByteString request = get(config, rows.key(1)).toByteString();
    BothServers.Answers answers =
        both.ask("get", request, CallOptions.DEFAULT.withCompression("gzip"));
    assertEquals(
        Difference.COMPRESSED_REQUEST.name(), both.same(get(config, rows.key(1))), answers.java());
    assertEquals(
        Difference.COMPRESSED_REQUEST.name(), Answer.of(Status.Code.UNIMPLEMENTED), answers.rust());
  }

  @Test
  public void methodsThatDoNotRead() {
    for (String method : new String[] {"compute", "Get", ""}) {
      BothServers.Answers answers = both.ask(method, ByteString.EMPTY);
      assertEquals(method, Answer.of(Status.Code.UNIMPLEMENTED), answers.java());
      assertEquals(method, answers.java(), answers.rust());
    }
  }

  /** Asks for every row, one by one and in batches of several sizes, and for what is not there. */
  private void everyRead(StoreVersionConfig config) {
    for (int i = 0; i < ROWS + MISSING; i++) {
      VeniceClientRequest request = get(config, rows.key(i));
      Answer answer = both.same(request);
      assertEquals(i < ROWS ? 200 : -420, answer.errorCode());
      // Flags that a single get does not look at, nor a key string with more in it.
      VeniceClientRequest.Builder flags = request.toBuilder();
      flags.setIsStreamingRequest(true).setIsRetryRequest(true).setMethod("any");
      flags.setKeyBytes(ByteString.copyFromUtf8("ignored"));
      flags.setKeyString(request.getKeyString() + "&x=%20");
      assertEquals(answer, both.same(flags.build()));
    }
    // In memory and beyond what is answered from memory.
    for (int size : new int[] {0, 1, 2, 17, 100, 101, ROWS + MISSING}) {
      List<MultiGetRecords.Key> keys = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        byte[] key = rows.key(ROWS + MISSING - 1 - i);
        keys.add(record(i, key, VenicePartitioner.partition(key, config.partitionCount())));
      }
      assertEquals(200, everyBatch(config, keys).errorCode());
      // Each key twice, under the same number and under another.
      List<MultiGetRecords.Key> twice = new ArrayList<>(keys);
      keys.forEach(k -> twice.add(record(k.keyIndex(), k.keyBytes(), k.partitionId())));
      keys.forEach(k -> twice.add(record(-7, k.keyBytes(), k.partitionId())));
      assertEquals(200, everyBatch(config, twice).errorCode());
    }
    assertEquals(-420, both.same(get(config, new byte[0])).errorCode());
    everyBatch(config, List.of(record(0, new byte[0], 0), record(5, rows.key(0), 0)));
  }

  private Answer everyBatch(StoreVersionConfig config, List<MultiGetRecords.Key> keys) {
    VeniceClientRequest request =
        ReadRequests.batchGet(config.resource(), MultiGetRecords.encodeKeys(keys));
    both.same(streaming(request));
    // Fields that a batch get does not look at.
    VeniceClientRequest.Builder more = request.toBuilder();
    more.setPartition(77).setKeyString("%").setIsRetryRequest(true).setMethod("GET");
    Answer answer = both.same(request);
    assertEquals(answer, both.same(more.build()));
    return answer;
  }

  private static VeniceClientRequest get(StoreVersionConfig config, byte[] key) {
    int partition = VenicePartitioner.partition(key, config.partitionCount());
    return ReadRequests.singleGet(config.resource(), partition, key);
  }

  private static VeniceClientRequest batch(String resource, MultiGetRecords.Key... keys) {
    return ReadRequests.batchGet(resource, MultiGetRecords.encodeKeys(List.of(keys)));
  }

  private static VeniceClientRequest streaming(VeniceClientRequest request) {
    return request.toBuilder().setIsStreamingRequest(true).build();
  }

  private static MultiGetRecords.Key record(int keyIndex, byte[] key, int partition) {
    return new MultiGetRecords.Key(keyIndex, key, partition);
  }
}
