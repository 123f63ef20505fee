package com.linkedin.venice.rust.reference;

/**
 * Makes a value of a stored record, or of the chunks of a large one.
 *
 * @param <C> holds chunks until all are there
 * @param <V> the value
 */
interface ChunkingAdapter<C, V> {
  C constructChunksContainer(ChunkedValueManifest manifest);

  void addChunkIntoContainer(C container, int chunkIndex, byte[] chunk);

  V constructValue(int schemaId, C container);

  V constructValue(int schemaId, byte[] stored);
}
