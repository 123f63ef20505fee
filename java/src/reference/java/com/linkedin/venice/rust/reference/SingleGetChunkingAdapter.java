package com.linkedin.venice.rust.reference;

import com.google.protobuf.ByteString;
import io.grpc.netty.shaded.io.netty.buffer.CompositeByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/** Puts the chunks of a single get side by side, and copies them into the answer. */
final class SingleGetChunkingAdapter implements ChunkingAdapter<CompositeByteBuf, ValueRecord> {
  private static final SingleGetChunkingAdapter INSTANCE = new SingleGetChunkingAdapter();

  private SingleGetChunkingAdapter() {}

  static ValueRecord get(StorageEngine engine, int partition, byte[] key, boolean isChunked) {
    return StoredValues.get(INSTANCE, engine, partition, ByteBuffer.wrap(key), isChunked);
  }

  @Override
  public CompositeByteBuf constructChunksContainer(ChunkedValueManifest manifest) {
    return Unpooled.compositeBuffer(manifest.keysWithChunkIdSuffix().size());
  }

  @Override
  public void addChunkIntoContainer(CompositeByteBuf container, int chunkIndex, byte[] chunk) {
    int header = ValueRecord.SCHEMA_HEADER_LENGTH;
    container.addComponent(
        true, chunkIndex, Unpooled.wrappedBuffer(chunk, header, chunk.length - header));
  }

  @Override
  public ValueRecord constructValue(int schemaId, CompositeByteBuf container) {
    return new ValueRecord(schemaId, ByteString.copyFrom(container.nioBuffer()));
  }

  @Override
  public ValueRecord constructValue(int schemaId, byte[] stored) {
    int header = ValueRecord.SCHEMA_HEADER_LENGTH;
    return new ValueRecord(schemaId, ByteString.copyFrom(stored, header, stored.length - header));
  }
}
