package com.linkedin.venice.rust.reference;

import com.linkedin.venice.protocols.VeniceClientRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** A single get. */
record GetRouterRequest(String resourceName, int partition, byte[] keyBytes)
    implements RouterRequest {
  private static final String FORMAT_KEY = "f";
  private static final String B64_FORMAT = "b64";

  static GetRouterRequest grpcGetRouterRequest(VeniceClientRequest request) {
    return new GetRouterRequest(
        request.getResourceName(),
        request.getPartition(),
        getKeyBytesFromUrlKeyString(request.getKeyString()));
  }

  @Override
  public int keyCount() {
    return 1;
  }

  /** Returns false: the flag of a single get is not looked at. */
  @Override
  public boolean isStreamingRequest() {
    return false;
  }

  static byte[] getKeyBytesFromUrlKeyString(String keyString) {
    QueryStringDecoder decoder = new QueryStringDecoder(keyString, StandardCharsets.UTF_8);
    List<String> formats = decoder.parameters().get(FORMAT_KEY);
    if (formats != null && formats.get(0).equals(B64_FORMAT)) {
      return Base64.getUrlDecoder().decode(decoder.path());
    }
    return decoder.path().getBytes(StandardCharsets.UTF_8);
  }
}
