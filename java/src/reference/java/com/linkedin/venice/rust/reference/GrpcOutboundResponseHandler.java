package com.linkedin.venice.rust.reference;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceServerResponse;

/** Fills the answer. */
final class GrpcOutboundResponseHandler extends VeniceServerGrpcHandler {
  @Override
  void processRequest(GrpcRequestContext context) {
    VeniceServerResponse.Builder builder = context.getVeniceServerResponseBuilder();
    if (context.hasError()) {
      builder
          .setData(ByteString.EMPTY)
          .setCompressionStrategy(CompressionStrategy.NO_OP.getValue());
      invokeNextHandler(context);
      return;
    }
    ReadResponse response = context.getReadResponse();
    builder
        .setCompressionStrategy(response.compressionStrategy().getValue())
        .setResponseRCU(response.rcu())
        .setIsStreamingResponse(response.isStreamingResponse());
    if (response.isFound()) {
      builder.setData(response.data()).setSchemaId(response.schemaId());
    } else {
      context.setError();
      builder
          .setData(ByteString.EMPTY)
          .setErrorCode(VeniceReadResponseStatus.KEY_NOT_FOUND)
          .setErrorMessage("Key not found");
    }
    invokeNextHandler(context);
  }
}
