package com.linkedin.venice.rust.testing;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceClientRequest;
import java.util.Base64;

/**
 * The requests that Venice's Fast Client sends over gRPC ({@code GrpcTransportClient}): the fields
 * that are set here, and no other. {@code keyBytes} stays unset in a single get; {@code partition}
 * and {@code keyString} in a batch get; {@code isStreamingRequest} and {@code isRetryRequest} in
 * both.
 */
public final class ReadRequests {
  private ReadRequests() {}

  /** Returns the request of a single get, for the method {@code get}. */
  public static VeniceClientRequest singleGet(String resource, int partition, byte[] key) {
    return VeniceClientRequest.newBuilder()
        .setResourceName(resource)
        .setIsBatchRequest(false)
        .setMethod("GET")
        .setKeyString(keyString(key))
        .setPartition(partition)
        .build();
  }

  /**
   * Returns the request of a batch get, for the method {@code batchGet}.
   *
   * @param keys the records of {@link MultiGetRecords#encodeKeys}
   */
  public static VeniceClientRequest batchGet(String resource, ByteString keys) {
    return VeniceClientRequest.newBuilder()
        .setResourceName(resource)
        .setIsBatchRequest(true)
        .setMethod("POST")
        .setKeyBytes(keys)
        .build();
  }

  /** Returns the last part of Venice's read URL: base64url with padding, then {@code ?f=b64}. */
  public static String keyString(byte[] key) {
    return Base64.getUrlEncoder().encodeToString(key) + "?f=b64";
  }
}
