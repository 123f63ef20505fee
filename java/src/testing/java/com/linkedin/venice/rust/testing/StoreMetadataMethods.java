package com.linkedin.venice.rust.testing;

import com.google.protobuf.Message;
import com.linkedin.venice.rust.protocols.DictionaryRequest;
import com.linkedin.venice.rust.protocols.NodeHealthRequest;
import com.linkedin.venice.rust.protocols.StoreMetadataResponse;
import com.linkedin.venice.rust.protocols.StorePropertiesRequest;
import com.linkedin.venice.rust.protocols.StoreRequest;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;

/** The methods of {@code StoreMetadataService}, as protoc's gRPC plugin would bind them. */
public final class StoreMetadataMethods {
  /** The full name of the service, from {@code StoreMetadataService.proto}. */
  public static final String SERVICE = "com.linkedin.venice.rust.protocols.StoreMetadataService";

  /** Schemas, versions, routing. */
  public static final MethodDescriptor<StoreRequest, StoreMetadataResponse> METADATA =
      method("metadata", StoreRequest.getDefaultInstance());

  /** What values are compressed with. */
  public static final MethodDescriptor<DictionaryRequest, StoreMetadataResponse> DICTIONARY =
      method("dictionary", DictionaryRequest.getDefaultInstance());

  /** Everything about a store, for Da Vinci clients. */
  public static final MethodDescriptor<StorePropertiesRequest, StoreMetadataResponse>
      STORE_PROPERTIES = method("storeProperties", StorePropertiesRequest.getDefaultInstance());

  /** The number of the version that is read. */
  public static final MethodDescriptor<StoreRequest, StoreMetadataResponse> CURRENT_VERSION =
      method("currentVersion", StoreRequest.getDefaultInstance());

  /** Whether the server serves. */
  public static final MethodDescriptor<NodeHealthRequest, StoreMetadataResponse> HEALTH =
      method("health", NodeHealthRequest.getDefaultInstance());

  private StoreMetadataMethods() {}

  private static <Q extends Message> MethodDescriptor<Q, StoreMetadataResponse> method(
      String method, Q request) {
    return MethodDescriptor.<Q, StoreMetadataResponse>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, method))
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(StoreMetadataResponse.getDefaultInstance()))
        .build();
  }
}
