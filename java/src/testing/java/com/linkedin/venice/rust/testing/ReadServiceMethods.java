package com.linkedin.venice.rust.testing;

import com.google.protobuf.Message;
import com.linkedin.venice.protocols.CountByValueRequest;
import com.linkedin.venice.protocols.CountByValueResponse;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;

/**
 * The unary methods of {@code VeniceReadService}, as protoc's gRPC plugin would bind them.
 *
 * <p>Bound by hand, so that the build needs no plugin (docs/adr/0003).
 */
public final class ReadServiceMethods {
  /** The full name of the service, from {@code VeniceReadService.proto}. */
  public static final String SERVICE = "com.linkedin.venice.protocols.VeniceReadService";

  /** Reads one key, or many: the request's {@code isBatchRequest} decides. */
  public static final MethodDescriptor<VeniceClientRequest, VeniceServerResponse> GET =
      unary(
          "get",
          VeniceClientRequest.getDefaultInstance(),
          VeniceServerResponse.getDefaultInstance());

  /** The same as {@link #GET}, under the name that clients use for many keys. */
  public static final MethodDescriptor<VeniceClientRequest, VeniceServerResponse> BATCH_GET =
      unary(
          "batchGet",
          VeniceClientRequest.getDefaultInstance(),
          VeniceServerResponse.getDefaultInstance());

  /** In the proto, and in no server. */
  public static final MethodDescriptor<CountByValueRequest, CountByValueResponse> COUNT_BY_VALUE =
      unary(
          "countByValue",
          CountByValueRequest.getDefaultInstance(),
          CountByValueResponse.getDefaultInstance());

  private ReadServiceMethods() {}

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> unary(
      String method, Q request, A answer) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, method))
        .setSampledToLocalTracing(true)
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(answer))
        .build();
  }
}
