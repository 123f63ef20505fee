package com.linkedin.venice.rust.reference;

/** A step of a request, which calls the step behind it. */
abstract class VeniceServerGrpcHandler {
  private VeniceServerGrpcHandler next;

  /** Puts a step behind this one and returns it. */
  VeniceServerGrpcHandler addNextHandler(VeniceServerGrpcHandler handler) {
    next = handler;
    return handler;
  }

  void invokeNextHandler(GrpcRequestContext context) {
    if (next != null) {
      next.processRequest(context);
    }
  }

  abstract void processRequest(GrpcRequestContext context);
}
