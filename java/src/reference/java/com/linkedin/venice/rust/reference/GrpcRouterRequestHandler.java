package com.linkedin.venice.rust.reference;

import com.linkedin.venice.protocols.VeniceClientRequest;

/**
 * Parses the request. What cannot be parsed is thrown and nobody catches it: grpc-java ends the
 * call with the status UNKNOWN.
 */
final class GrpcRouterRequestHandler extends VeniceServerGrpcHandler {
  @Override
  void processRequest(GrpcRequestContext context) {
    VeniceClientRequest request = context.getVeniceClientRequest();
    context.setRouterRequest(
        request.getIsBatchRequest()
            ? MultiGetRouterRequestWrapper.parseMultiGetGrpcRequest(request)
            : GetRouterRequest.grpcGetRouterRequest(request));
    invokeNextHandler(context);
  }
}
