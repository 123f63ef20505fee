package com.linkedin.venice.rust.reference;

import com.linkedin.venice.protocols.VeniceServerResponse;
import io.grpc.stub.StreamObserver;

/** Sends the answer. Venice then counts it. */
final class GrpcOutboundStatsHandler extends VeniceServerGrpcHandler {
  @Override
  void processRequest(GrpcRequestContext context) {
    StreamObserver<VeniceServerResponse> observer = context.getResponseObserver();
    observer.onNext(context.getVeniceServerResponseBuilder().build());
    observer.onCompleted();
  }
}
