package com.linkedin.venice.rust.reference;

import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.testing.ReadServiceMethods;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/** The read service: {@code get} and {@code batchGet} are one and the same. */
final class VeniceReadServiceImpl {
  private final VeniceServerGrpcRequestProcessor requestProcessor;
  private final CountByValueHandler countByValue;

  /** {@code countByValue} is null for a server without it, as Venice's is. */
  VeniceReadServiceImpl(
      VeniceServerGrpcRequestProcessor requestProcessor, CountByValueHandler countByValue) {
    this.requestProcessor = requestProcessor;
    this.countByValue = countByValue;
  }

  ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(ReadServiceMethods.SERVICE)
        .addMethod(ReadServiceMethods.GET, ServerCalls.asyncUnaryCall(this::handleRequest))
        .addMethod(ReadServiceMethods.BATCH_GET, ServerCalls.asyncUnaryCall(this::handleRequest))
        .addMethod(
            ReadServiceMethods.COUNT_BY_VALUE,
            ServerCalls.asyncUnaryCall(
                (request, observer) -> {
                  if (countByValue == null) {
                    ServerCalls.asyncUnimplementedUnaryCall(
                        ReadServiceMethods.COUNT_BY_VALUE, observer);
                  } else {
                    countByValue.handle(request, observer);
                  }
                }))
        .build();
  }

  private void handleRequest(
      VeniceClientRequest request, StreamObserver<VeniceServerResponse> responseObserver) {
    VeniceServerResponse.Builder response =
        VeniceServerResponse.newBuilder().setErrorCode(VeniceReadResponseStatus.OK);
    requestProcessor.process(new GrpcRequestContext(request, response, responseObserver));
  }
}
