package com.linkedin.venice.rust.reference;

import java.nio.ByteBuffer;

/** Copies the chunks of a batch get into one buffer of the size that the manifest says. */
final class BatchGetChunkingAdapter
    implements ChunkingAdapter<ByteBuffer, BatchGetChunkingAdapter.Record> {
  private static final BatchGetChunkingAdapter INSTANCE = new BatchGetChunkingAdapter();

  private BatchGetChunkingAdapter() {}

  /** A value in a batch. */
  record Record(ByteBuffer value, int schemaId) {}

  static Record get(StorageEngine engine, int partition, ByteBuffer key, boolean isChunked) {
    return StoredValues.get(INSTANCE, engine, partition, key, isChunked);
  }

  @Override
  public ByteBuffer constructChunksContainer(ChunkedValueManifest manifest) {
    return ByteBuffer.allocate(manifest.size());
  }

  @Override
  public void addChunkIntoContainer(ByteBuffer container, int chunkIndex, byte[] chunk) {
    int header = ValueRecord.SCHEMA_HEADER_LENGTH;
    container.put(chunk, header, chunk.length - header);
  }

  @Override
  public Record constructValue(int schemaId, ByteBuffer container) {
    return new Record(container.position(0), schemaId);
  }

  @Override
  public Record constructValue(int schemaId, byte[] stored) {
    int header = ValueRecord.SCHEMA_HEADER_LENGTH;
    return new Record(ByteBuffer.wrap(stored, header, stored.length - header), schemaId);
  }
}
