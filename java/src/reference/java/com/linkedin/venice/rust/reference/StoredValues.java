package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.VeniceException;
import java.nio.ByteBuffer;

/** Reads a value, assembling it if it is stored in chunks; {@code ChunkingUtils} in Venice. */
final class StoredValues {
  private static final int CHUNK_SCHEMA_ID = -10;
  private static final int MANIFEST_SCHEMA_ID = -20;

  /** {@code ChunkedKeySuffix {chunkId: null, isChunk: false}} in Avro. */
  private static final byte[] NON_CHUNK_KEY_SUFFIX = {2, 0};

  private StoredValues() {}

  /** Returns the value of a key, or null. Chunks are looked up one after the other. */
  static <C, V> V get(
      ChunkingAdapter<C, V> adapter,
      StorageEngine engine,
      int partition,
      ByteBuffer key,
      boolean isChunked) {
    byte[] value = engine.get(partition, isChunked ? withSuffix(key) : key);
    if (value == null) {
      return null;
    }
    int schemaId = ValueRecord.parseSchemaId(value);
    if (schemaId > 0) {
      return adapter.constructValue(schemaId, value);
    }
    if (schemaId != MANIFEST_SCHEMA_ID) {
      throw new VeniceException("Found a record with invalid schema ID: " + schemaId);
    }
    return assemble(adapter, engine, partition, ChunkedValueManifest.deserialize(value));
  }

  private static <C, V> V assemble(
      ChunkingAdapter<C, V> adapter,
      StorageEngine engine,
      int partition,
      ChunkedValueManifest manifest) {
    C container = adapter.constructChunksContainer(manifest);
    int actualSize = 0;
    for (int i = 0; i < manifest.keysWithChunkIdSuffix().size(); i++) {
      byte[] chunk = engine.get(partition, manifest.keysWithChunkIdSuffix().get(i));
      if (chunk == null) {
        throw new VeniceException("Chunk not found in " + place(engine, partition, i));
      }
      int schemaId = ValueRecord.parseSchemaId(chunk);
      if (schemaId != CHUNK_SCHEMA_ID) {
        throw new VeniceException(
            "Did not get the chunk schema ID while attempting to retrieve a chunk! Instead, got"
                + " schema ID: "
                + schemaId
                + " from "
                + place(engine, partition, i));
      }
      actualSize += chunk.length - ValueRecord.SCHEMA_HEADER_LENGTH;
      adapter.addChunkIntoContainer(container, i, chunk);
    }
    if (actualSize != manifest.size()) {
      throw new VeniceException(
          "The fully assembled large value does not have the expected size! actualSize: "
              + actualSize
              + ", chunkedValueManifest.size: "
              + manifest.size()
              + ", "
              + place(engine, partition, null));
    }
    return adapter.constructValue(manifest.schemaId(), container);
  }

  private static ByteBuffer withSuffix(ByteBuffer key) {
    ByteBuffer suffixed = ByteBuffer.allocate(key.remaining() + NON_CHUNK_KEY_SUFFIX.length);
    return suffixed.put(key.duplicate()).put(NON_CHUNK_KEY_SUFFIX).flip();
  }

  private static String place(StorageEngine engine, int partition, Integer chunkIndex) {
    return "store-version: "
        + engine.getStoreVersionName()
        + ", partition: "
        + partition
        + (chunkIndex == null ? "" : ", chunk index: " + chunkIndex)
        + ".";
  }
}
