package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.PartitionDatabase;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.RecordLayout;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.rocksdb.RocksDBException;

/**
 * The Rust server answers as the reference Java server does, byte for byte: records that are broken
 * or odd, store-version states, and partitions that come and go.
 */
public class StoredFormsParityTest {
  private static final String VENICE = "com.linkedin.venice.exceptions.VeniceException: ";
  private static final String MESSAGE = "com.linkedin.venice.exceptions.VeniceMessageException: ";

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final SampleRows rows = new SampleRows(20, 10, 300);
  private final byte[] key = SampleRows.avroString("the key");
  private BothServers both;
  private StoreVersion version;

  @Before
  public void start() throws Exception {
    both = new BothServers();
  }

  @After
  public void stop() throws Exception {
    both.close();
  }

  @Test
  public void schemaIdsThatValuesDoNotHave() throws Exception {
    push(new StoreVersionConfig("forms", 1, 1));
    for (int schemaId : new int[] {0, -1, -10, -19, -21, -1000, Integer.MIN_VALUE}) {
      put(RecordLayout.withHeader(schemaId, new byte[] {1}));
      Answer expected =
          Answer.internalError(VENICE + "Found a record with invalid schema ID: " + schemaId);
      assertEquals(expected, both.same(get()));
      assertEquals(expected, both.same(batch()));
    }
    for (int schemaId : new int[] {1, 2, 255, 256, Integer.MAX_VALUE}) {
      for (byte[] payload : new byte[][] {{}, {0}, new byte[100_000]}) {
        put(RecordLayout.withHeader(schemaId, payload));
        assertEquals(200, both.same(get()).errorCode());
        assertEquals(200, both.same(batch()).errorCode());
      }
    }
  }

  @Test
  public void recordsWithoutRoomForASchemaId() throws Exception {
    push(new StoreVersionConfig("forms", 1, 1));
    for (int length = 0; length < 4; length++) {
      put(new byte[length]);
      for (VeniceClientRequest request : List.of(get(), batch())) {
        both.differ(
            Difference.SHORT_RECORD,
            request,
            Answer.internalError(
                "java.lang.ArrayIndexOutOfBoundsException: Index "
                    + length
                    + " out of bounds for length "
                    + length),
            Answer.internalError(
                VENICE
                    + "Found a record of "
                    + length
                    + " bytes in store-version: forms_v1, partition: 0, which is shorter than the"
                    + " schema ID header of 4 bytes."));
      }
    }
  }

  @Test
  public void chunksThatAreBroken() throws Exception {
    push(new StoreVersionConfig("forms", 1, 1).withChunks(100));
    List<RecordLayout.Entry> entries =
        new RecordLayout(version.config()).entries(key, 6, new byte[300]);
    PartitionDatabase database = version.partition(0);
    for (RecordLayout.Entry entry : entries) {
      database.put(entry.key(), entry.value());
    }
    byte[] manifest = entries.get(3).value();
    assertEquals(200, both.same(get()).errorCode());
    assertEquals(200, both.same(batch()).errorCode());

    database.put(entries.get(1).key(), RecordLayout.withHeader(7, new byte[100]));
    bothSay(
        VENICE
            + "Did not get the chunk schema ID while attempting to retrieve a chunk! Instead, got"
            + " schema ID: 7 from store-version: forms_v1, partition: 0, chunk index: 1.");
    database.delete(entries.get(1).key());
    bothSay(VENICE + "Chunk not found in store-version: forms_v1, partition: 0, chunk index: 1.");
    database.put(entries.get(1).key(), RecordLayout.withHeader(-10, new byte[90]));
    bothSay(wrongSize(290, 300));

    // A chunk more than the manifest says: a batch fails in Java before the sizes are compared.
    database.put(entries.get(1).key(), RecordLayout.withHeader(-10, new byte[110]));
    Answer larger = Answer.internalError(wrongSize(310, 300));
    assertEquals(larger, both.same(get()));
    both.differ(
        Difference.MANIFEST_SIZE,
        batch(),
        Answer.internalError("java.nio.BufferOverflowException"),
        larger);

    // The size is the last number of the manifest, 300 in two bytes.
    byte[] negative = manifest.clone();
    negative[negative.length - 2] = 1;
    negative = Arrays.copyOf(negative, negative.length - 1);
    database.put(entries.get(3).key(), negative);
    // Nothing is read beyond the chunk that is too much.
    Answer minusOne =
        Answer.internalError(
            wrongSize(100, -1).replace("actualSize: 100", "actualSize: at least 100"));
    both.differ(
        Difference.MANIFEST_SIZE, get(), Answer.internalError(wrongSize(310, -1)), minusOne);
    both.differ(
        Difference.MANIFEST_SIZE,
        batch(),
        Answer.internalError("java.lang.IllegalArgumentException: capacity < 0: (-1 < 0)"),
        minusOne);

    // A manifest that ends too early.
    byte[] cut = Arrays.copyOf(manifest, manifest.length - 2);
    database.put(entries.get(3).key(), cut);
    for (VeniceClientRequest request : List.of(get(), batch())) {
      both.differ(
          Difference.BROKEN_MANIFEST,
          request,
          Answer.internalError(
              MESSAGE
                  + "ChunkedValueManifestSerializer failed to decode message from: "
                  + HexFormat.of().withUpperCase().formatHex(cut)),
          Answer.internalError(
              VENICE
                  + "Failed to decode a ChunkedValueManifest of store-version: forms_v1,"
                  + " partition: 0: ends at byte "
                  + (cut.length - 4)
                  + ", inside a number"));
    }

    // No chunks at all, schema id 3, size 0.
    database.put(entries.get(3).key(), RecordLayout.withHeader(-20, new byte[] {0, 6, 0}));
    assertEquals(200, both.same(batch()).errorCode());
    both.differ(
        Difference.MANIFEST_SIZE,
        get(),
        Answer.internalError(
            "java.lang.IllegalArgumentException: maxNumComponents: 0 (expected: >= 1)"),
        Answer.of(
            VeniceServerResponse.newBuilder()
                .setErrorCode(200)
                .setSchemaId(3)
                .setResponseRCU(1)
                .build()));
  }

  @Test
  public void statesThatChange() throws Exception {
    StoreVersionConfig plain = new StoreVersionConfig("forms", 1, 1);
    push(plain);
    List<StoreVersionConfig> states =
        List.of(
            plain,
            plain.withChunks(1000),
            plain.withCompression(CompressionStrategy.GZIP, null),
            plain.withCompression(CompressionStrategy.ZSTD_WITH_DICT, new byte[] {1, 2, 3}));
    for (int round = 0; round < 3; round++) {
      for (StoreVersionConfig state : states) {
        version.putState(state);
        // In a chunked store version the same key is another one.
        everyRow(state.chunked() ? -420 : 200);
      }
      version.deleteState();
      everyRow(200);
      version.reopenPartition(StoreVersion.METADATA_PARTITION);
      everyRow(200);
    }
  }

  @Test
  public void statesOfEveryProtocolVersion() throws Exception {
    push(new StoreVersionConfig("forms", 1, 1));
    // Sorted, buffer replay {[5, -1], "c", "t"}, chunked, GZIP, topic switch {["s"], "t", 10}, a
    // dictionary, policy 1, two times. Each version ends after some of these fields.
    byte[] fields =
        HexFormat.of()
            .parseHex(
                "01"
                    + "02040A010002630274"
                    + "00"
                    + "02"
                    + "0202027300027414"
                    + "0206D1D2D3"
                    + "02C801"
                    + "CA01");
    int[] ends = {10, 11, 12, 20, 25, 28, 30};
    for (int protocol = 1; protocol <= ends.length; protocol++) {
      version.putStateRecord(state(protocol, Arrays.copyOf(fields, ends[protocol - 1])));
      everyRow(200);
    }
    // The deprecated ZSTD is handed on.
    version.putStateRecord(state(3, new byte[] {0, 0, 0, 4}));
    everyRow(200);
    version.putStateRecord(state(3, new byte[] {0, 0, 0, 8}));
    for (VeniceClientRequest request : List.of(get(), batch())) {
      both.differ(
          Difference.UNKNOWN_STRATEGY,
          request,
          Answer.internalError(VENICE + "Invalid enum value for CompressionStrategy: 4"),
          request.getIsBatchRequest()
              ? Answer.of(
                  VeniceServerResponse.newBuilder()
                      .setErrorCode(200)
                      .setSchemaId(1)
                      .setResponseRCU(1)
                      .setCompressionStrategy(4)
                      .build())
              : Answer.of(
                  VeniceServerResponse.newBuilder()
                      .setErrorCode(-420)
                      .setErrorMessage("Key not found")
                      .setResponseRCU(1)
                      .setCompressionStrategy(4)
                      .build()));
    }
  }

  @Test
  public void statesThatAreBroken() throws Exception {
    push(new StoreVersionConfig("forms", 1, 1));
    String newer =
        " which is not supported by InternalAvroSpecificSerializer. Protocol forward compatibility"
            + " is not enabled.";
    brokenState(
        new byte[] {25},
        "java.lang.IllegalArgumentException: Invalid byte array for serialization - no bytes to"
            + " read",
        "1 bytes are too few for the two header bytes");
    brokenState(
        new byte[] {24, 7, 0},
        MESSAGE
            + "Received Magic Byte '24' which is not supported by InternalAvroSpecificSerializer."
            + " The only supported Magic Byte for this implementation is '25'.",
        "magic byte is 24, not 25");
    brokenState(
        new byte[] {25, 8, 0},
        MESSAGE + "Received Protocol Version '8'" + newer,
        "protocol version 8 is none of 1 to 7: it was written by a newer server than this library"
            + " knows; use a library made for that server");
    brokenState(
        new byte[] {25, 7, 0, 0},
        MESSAGE + "InternalAvroSpecificSerializer failed to decode message from: 19070000",
        "ends at byte 2, inside a boolean");
    // "chunked" is 2: neither true nor false, and false to Avro in Java.
    version.putStateRecord(state(7, new byte[] {0, 0, 2, 0, 0, 0, 0, 0, 0}));
    both.differ(
        Difference.BROKEN_STATE,
        get(),
        Answer.of(
            VeniceServerResponse.newBuilder()
                .setErrorCode(-420)
                .setErrorMessage("Key not found")
                .setResponseRCU(1)
                .build()),
        Answer.internalError(
            VENICE + "Failed to decode the StoreVersionState of forms_v1: boolean at byte 2 is 2"));
  }

  @Test
  public void partitionsThatComeAndGo() throws Exception {
    push(new StoreVersionConfig("forms", 1, 1));
    everyRow(200);
    for (int i = 0; i < 3; i++) {
      version.reopenPartition(0);
      everyRow(200);
    }
    String removed =
        "com.linkedin.venice.exceptions.PersistenceFailureException: Partition: 0 of store:"
            + " forms_v1 does not exist";
    version.closePartition(0);
    for (VeniceClientRequest request : List.of(get(), batch())) {
      both.differ(
          Difference.PARTITION_CLOSED,
          request,
          Answer.internalError(removed),
          Answer.internalError(closed(0)));
    }
    version.openPartition(0);
    everyRow(200);
    version.dropPartition(0);
    bothSay(removed);
    version.openPartition(0);
    everyRow(-420);
  }

  @Test
  public void aMetadataPartitionThatIsClosed() throws Exception {
    push(new StoreVersionConfig("forms", 1, 1).withCompression(CompressionStrategy.GZIP, null));
    version.closePartition(StoreVersion.METADATA_PARTITION);
    both.differ(
        Difference.METADATA_CLOSED,
        get(),
        Answer.of(
            VeniceServerResponse.newBuilder()
                .setErrorCode(-420)
                .setErrorMessage("Key not found")
                .setResponseRCU(1)
                .build()),
        Answer.internalError(closed(StoreVersion.METADATA_PARTITION)));
    version.openPartition(StoreVersion.METADATA_PARTITION);
    everyRow(200);
  }

  @Test
  public void aFileThatIsDamaged() throws Exception {
    // Several blocks, of which the first and the last are in the cache since the push.
    SampleRows many = new SampleRows(400, 200, 300);
    StoreVersionConfig config = new StoreVersionConfig("forms", 1, 1);
    version = both.store().push(temporary.getRoot().toPath(), config, many);
    version.closePartition(0);
    try (Stream<Path> files = Files.list(version.partitionDirectory(0))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().endsWith(".sst")) {
          damage(file);
        }
      }
    }
    version.openPartition(0);
    String text = VENICE + "Failed to get value from RocksDB: forms_v1-0";
    int failed = 0;
    for (byte[] row : many.keys()) {
      VeniceClientRequest request = ReadRequests.singleGet(version.resource(), 0, row);
      try {
        version.partition(0).get(row);
        assertEquals(200, both.same(request).errorCode());
      } catch (RocksDBException e) {
        failed++;
        both.differ(
            Difference.FAILED_READ,
            request,
            Answer.internalError(text),
            Answer.internalError(text + ": Corruption: " + e.getStatus().getState()));
      }
    }
    assertTrue("failed " + failed, failed > 10 && failed < 300);
  }

  private static void damage(Path file) throws IOException {
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
      content.seek(content.length() / 2);
      content.write(new byte[64]);
    }
  }

  private void brokenState(byte[] record, String java, String rust) throws Exception {
    version.putStateRecord(record);
    for (VeniceClientRequest request : List.of(get(), batch())) {
      both.differ(
          Difference.BROKEN_STATE,
          request,
          Answer.internalError(java),
          Answer.internalError(
              VENICE + "Failed to decode the StoreVersionState of forms_v1: " + rust));
    }
  }

  private static byte[] state(int protocol, byte[] fields) {
    return ByteString.copyFrom(new byte[] {25, (byte) protocol})
        .concat(ByteString.copyFrom(fields))
        .toByteArray();
  }

  private static String closed(int partition) {
    return VENICE
        + "RocksDB has been closed for replica: forms_v1-"
        + partition
        + ", partition id: "
        + partition
        + ", any further operation is disallowed";
  }

  private static String wrongSize(int actual, int manifest) {
    return VENICE
        + "The fully assembled large value does not have the expected size! actualSize: "
        + actual
        + ", chunkedValueManifest.size: "
        + manifest
        + ", store-version: forms_v1, partition: 0.";
  }

  private void push(StoreVersionConfig config) throws Exception {
    version = both.store().push(temporary.getRoot().toPath(), config, rows);
  }

  private void put(byte[] record) throws Exception {
    version.partition(0).put(key, record);
  }

  private void bothSay(String text) {
    assertEquals(Answer.internalError(text), both.same(get()));
    assertEquals(Answer.internalError(text), both.same(batch()));
  }

  private void everyRow(int errorCode) {
    for (byte[] row : rows.keys()) {
      VeniceClientRequest request = ReadRequests.singleGet(version.resource(), 0, row);
      assertEquals(errorCode, both.same(request).errorCode());
    }
    assertEquals(200, both.same(batch()).errorCode());
  }

  private VeniceClientRequest get() {
    return ReadRequests.singleGet(version.resource(), 0, key);
  }

  private VeniceClientRequest batch() {
    return ReadRequests.batchGet(
        version.resource(),
        MultiGetRecords.encodeKeys(List.of(new MultiGetRecords.Key(0, key, 0))));
  }
}
