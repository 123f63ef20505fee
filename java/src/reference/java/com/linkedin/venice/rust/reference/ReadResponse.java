package com.linkedin.venice.rust.reference;

import com.google.protobuf.ByteString;

/**
 * The result of a lookup.
 *
 * @param data null if the key of a single get does not exist
 * @param schemaId the writer schema of a single value; 1, the protocol, for a batch
 * @param rcu read capacity units: keys asked for
 */
record ReadResponse(
    ByteString data,
    int schemaId,
    CompressionStrategy compressionStrategy,
    int rcu,
    boolean isStreamingResponse) {
  boolean isFound() {
    return data != null;
  }

  /** Returns a copy that says whether the request was a streaming one. */
  ReadResponse withStreaming(boolean streaming) {
    return new ReadResponse(data, schemaId, compressionStrategy, rcu, streaming);
  }
}
