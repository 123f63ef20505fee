package com.linkedin.venice.rust.reference;

import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import io.grpc.stub.StreamObserver;

/** What the handlers of one request know of it. Used by one thread. */
final class GrpcRequestContext {
  private final VeniceClientRequest clientRequest;
  private final VeniceServerResponse.Builder responseBuilder;
  private final StreamObserver<VeniceServerResponse> responseObserver;
  private RouterRequest routerRequest;
  private ReadResponse readResponse;
  private boolean error;

  GrpcRequestContext(
      VeniceClientRequest clientRequest,
      VeniceServerResponse.Builder responseBuilder,
      StreamObserver<VeniceServerResponse> responseObserver) {
    this.clientRequest = clientRequest;
    this.responseBuilder = responseBuilder;
    this.responseObserver = responseObserver;
  }

  VeniceClientRequest getVeniceClientRequest() {
    return clientRequest;
  }

  VeniceServerResponse.Builder getVeniceServerResponseBuilder() {
    return responseBuilder;
  }

  StreamObserver<VeniceServerResponse> getResponseObserver() {
    return responseObserver;
  }

  RouterRequest getRouterRequest() {
    return routerRequest;
  }

  void setRouterRequest(RouterRequest request) {
    routerRequest = request;
  }

  ReadResponse getReadResponse() {
    return readResponse;
  }

  void setReadResponse(ReadResponse response) {
    readResponse = response;
  }

  boolean hasError() {
    return error;
  }

  void setError() {
    error = true;
  }
}
