package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.VeniceNoStoreException;

/**
 * Waits for the lookup. The future wraps what the lookup throws into an {@code ExecutionException},
 * whose message is the class and the message of the cause; so even a store version that is not
 * hosted ends in the second catch.
 */
final class GrpcStorageReadRequestHandler extends VeniceServerGrpcHandler {
  private final StorageReadRequestHandler storage;

  GrpcStorageReadRequestHandler(StorageReadRequestHandler storage) {
    this.storage = storage;
  }

  @Override
  void processRequest(GrpcRequestContext context) {
    RouterRequest request = context.getRouterRequest();
    try {
      ReadResponse response =
          request instanceof MultiGetRouterRequestWrapper batch
              ? storage.handleMultiGetRequest(batch).get()
              : storage.handleSingleGetRequest((GetRouterRequest) request).get();
      context.setReadResponse(response);
    } catch (VeniceNoStoreException e) {
      setError(
          context,
          VeniceReadResponseStatus.BAD_REQUEST,
          "No storage exists for: " + e.getStoreName());
    } catch (Exception e) {
      setError(
          context, VeniceReadResponseStatus.INTERNAL_ERROR, "Internal Error: " + e.getMessage());
    }
    invokeNextHandler(context);
  }

  private static void setError(GrpcRequestContext context, int code, String message) {
    context.setError();
    context.getVeniceServerResponseBuilder().setErrorCode(code).setErrorMessage(message);
  }
}
