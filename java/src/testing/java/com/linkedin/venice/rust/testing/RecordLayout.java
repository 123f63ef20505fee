package com.linkedin.venice.rust.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Turns a row into the entries of a partition's database: schema-id header, compression, and, in a
 * chunked store version, key suffix, chunks and manifest ({@code ValueRecord}, {@code
 * ChunkedKeySuffix.avsc}, {@code ChunkedValueManifest.avsc}). Thread-safe.
 */
public final class RecordLayout {
  /** The schema id of a manifest. */
  public static final int MANIFEST_SCHEMA_ID = -20;

  /** The schema id of a chunk. */
  public static final int CHUNK_SCHEMA_ID = -10;

  private static final byte[] PRODUCER_GUID = new byte[16];
  private static final int SEGMENT_NUMBER = 0;

  private final StoreVersionConfig config;
  private final AtomicInteger sequenceNumber = new AtomicInteger();

  static {
    Arrays.fill(PRODUCER_GUID, (byte) 0x5a);
  }

  /** Creates the layout of a store version. */
  public RecordLayout(StoreVersionConfig config) {
    this.config = config;
  }

  /** One entry of a database, both parts complete. */
  public record Entry(byte[] key, byte[] value) {}

  /**
   * Returns a row's entries: the chunks first, the entry that a reader starts from last.
   *
   * @param schemaId the id of the writer schema
   * @param payload the Avro binary record, not compressed
   */
  public List<Entry> entries(byte[] key, int schemaId, byte[] payload) {
    byte[] stored = config.compressor().compress(payload);
    if (!config.chunked()) {
      return List.of(new Entry(key, withHeader(schemaId, stored)));
    }
    if (stored.length <= config.chunkBytes()) {
      return List.of(new Entry(topLevelKey(key), withHeader(schemaId, stored)));
    }
    List<Entry> entries = new ArrayList<>();
    int sequence = sequenceNumber.getAndIncrement();
    for (int from = 0; from < stored.length; from += config.chunkBytes()) {
      int to = Math.min(from + config.chunkBytes(), stored.length);
      entries.add(
          new Entry(
              chunkKey(key, sequence, entries.size()),
              withHeader(CHUNK_SCHEMA_ID, Arrays.copyOfRange(stored, from, to))));
    }
    byte[] manifest = manifest(entries, schemaId, stored.length);
    entries.add(new Entry(topLevelKey(key), withHeader(MANIFEST_SCHEMA_ID, manifest)));
    return entries;
  }

  /** Returns the key a reader starts from: in a chunked store version, with the suffix 02 00. */
  public byte[] topLevelKey(byte[] key) {
    if (!config.chunked()) {
      return key;
    }
    byte[] suffixed = Arrays.copyOf(key, key.length + 2);
    suffixed[key.length] = 2;
    return suffixed;
  }

  /** Returns a value as it is stored: 4 bytes big-endian schema id, then the payload. */
  public static byte[] withHeader(int schemaId, byte[] payload) {
    return ByteBuffer.allocate(4 + payload.length).putInt(schemaId).put(payload).array();
  }

  private static byte[] chunkKey(byte[] key, int sequence, int chunkIndex) {
    return avro(
        encoder -> {
          encoder.writeFixed(key);
          encoder.writeIndex(0);
          encoder.writeFixed(PRODUCER_GUID);
          encoder.writeInt(SEGMENT_NUMBER);
          encoder.writeInt(sequence);
          encoder.writeInt(chunkIndex);
          encoder.writeBoolean(true);
        });
  }

  private static byte[] manifest(List<Entry> chunks, int schemaId, int size) {
    return avro(
        encoder -> {
          encoder.writeArrayStart();
          encoder.setItemCount(chunks.size());
          for (Entry chunk : chunks) {
            encoder.startItem();
            encoder.writeBytes(chunk.key());
          }
          encoder.writeArrayEnd();
          encoder.writeInt(schemaId);
          encoder.writeInt(size);
        });
  }

  private interface AvroBody {
    void write(BinaryEncoder encoder) throws IOException;
  }

  private static byte[] avro(AvroBody body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      body.write(encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new AssertionError("writing to memory does not fail", e);
    }
    return out.toByteArray();
  }
}
