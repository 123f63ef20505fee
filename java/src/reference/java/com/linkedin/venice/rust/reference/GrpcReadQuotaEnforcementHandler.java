package com.linkedin.venice.rust.reference;

/** Refuses what does not fit the quotas. The steps behind it run all the same, as in Venice. */
final class GrpcReadQuotaEnforcementHandler extends VeniceServerGrpcHandler {
  private final ReadQuotaEnforcementHandler readQuota;

  GrpcReadQuotaEnforcementHandler(ReadQuotaEnforcementHandler readQuota) {
    this.readQuota = readQuota;
  }

  @Override
  void processRequest(GrpcRequestContext context) {
    switch (readQuota.enforceQuota(context.getRouterRequest())) {
      case REJECTED -> refuse(context, VeniceReadResponseStatus.TOO_MANY_REQUESTS, "");
      case OVER_CAPACITY ->
          refuse(context, VeniceReadResponseStatus.SERVICE_UNAVAILABLE, "Server over capacity");
      case BAD_REQUEST ->
          refuse(
              context,
              VeniceReadResponseStatus.BAD_REQUEST,
              "Invalid request resource: " + context.getRouterRequest().resourceName());
      default -> {}
    }
    invokeNextHandler(context);
  }

  private static void refuse(GrpcRequestContext context, int code, String message) {
    context.setError();
    context.getVeniceServerResponseBuilder().setErrorCode(code).setErrorMessage(message);
  }
}
