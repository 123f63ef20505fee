package com.linkedin.venice.rust.testing;

import com.google.protobuf.Message;
import com.linkedin.venice.rust.protocols.ReadComputeRequest;
import com.linkedin.venice.rust.protocols.ReadComputeResponse;
import com.linkedin.venice.rust.protocols.StreamingComputeRequest;
import com.linkedin.venice.rust.protocols.StreamingComputeResponse;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;

/** The methods of {@code ReadComputeService}, as protoc's gRPC plugin would bind them. */
public final class ReadComputeMethods {
  /** The full name of the service, from {@code ReadComputeService.proto}. */
  public static final String SERVICE = "com.linkedin.venice.rust.protocols.ReadComputeService";

  /** One request, one answer. */
  public static final MethodDescriptor<ReadComputeRequest, ReadComputeResponse> COMPUTE =
      method(
          MethodType.UNARY,
          "compute",
          ReadComputeRequest.getDefaultInstance(),
          ReadComputeResponse.getDefaultInstance());

  /** Many requests, each answered in pieces. */
  public static final MethodDescriptor<StreamingComputeRequest, StreamingComputeResponse>
      STREAMING_COMPUTE =
          method(
              MethodType.BIDI_STREAMING,
              "streamingCompute",
              StreamingComputeRequest.getDefaultInstance(),
              StreamingComputeResponse.getDefaultInstance());

  private ReadComputeMethods() {}

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(
      MethodType type, String method, Q request, A answer) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, method))
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(answer))
        .build();
  }
}
