package com.linkedin.venice.rust.reference;

/**
 * The steps of a request, all on the worker thread, in the order of {@code
 * HttpChannelInitializer#initGrpcRequestProcessor}.
 *
 * <ol>
 *   <li>{@code GrpcStatsHandler} takes the time; not here.
 *   <li>{@link GrpcRouterRequestHandler} parses the request.
 *   <li>{@link GrpcReadQuotaEnforcementHandler} is there only with {@code
 *       server.quota.enforcement.enabled}.
 *   <li>{@link GrpcStorageReadRequestHandler} looks up the keys, and waits.
 *   <li>{@link GrpcOutboundResponseHandler} fills the answer.
 *   <li>{@link GrpcOutboundStatsHandler} sends it; what it then counts is not here.
 * </ol>
 */
final class VeniceServerGrpcRequestProcessor {
  private final VeniceServerGrpcHandler first;

  /** Links the steps; {@code readQuota} is null to enforce none. */
  VeniceServerGrpcRequestProcessor(
      ReadQuotaEnforcementHandler readQuota, StorageReadRequestHandler storage) {
    first = new GrpcRouterRequestHandler();
    VeniceServerGrpcHandler checked =
        readQuota == null
            ? first
            : first.addNextHandler(new GrpcReadQuotaEnforcementHandler(readQuota));
    checked
        .addNextHandler(new GrpcStorageReadRequestHandler(storage))
        .addNextHandler(new GrpcOutboundResponseHandler())
        .addNextHandler(new GrpcOutboundStatsHandler());
  }

  void process(GrpcRequestContext context) {
    first.processRequest(context);
  }
}
