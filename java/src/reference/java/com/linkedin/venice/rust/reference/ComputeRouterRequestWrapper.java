package com.linkedin.venice.rust.reference;

import com.linkedin.venice.rust.reference.MultiGetRouterRequestWrapper.MultiGetRouterRequestKeyV1;
import com.linkedin.venice.rust.reference.compute.ComputeRequest;
import java.util.List;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * A compute request. Its keys are {@code ComputeRouterRequestKeyV1}, which have the fields of those
 * of a batch get.
 *
 * @param valueSchemaId what values are read as; -1 for the superset or the latest schema
 */
record ComputeRouterRequestWrapper(
    String resourceName,
    ComputeRequest computeRequest,
    List<MultiGetRouterRequestKeyV1> keys,
    int valueSchemaId,
    boolean isStreamingRequest)
    implements RouterRequest {

  /** Decodes a body: the request, and its keys behind it. */
  static ComputeRouterRequestWrapper parse(
      String resourceName, byte[] content, int valueSchemaId, boolean isStreamingRequest) {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(content, null);
    ComputeRequest request = ComputeRequest.deserialize(decoder);
    return new ComputeRouterRequestWrapper(
        resourceName,
        request,
        MultiGetRouterRequestWrapper.parseKeys(decoder, content),
        valueSchemaId,
        isStreamingRequest);
  }

  String storeName() {
    return VersionTopics.parseStoreFromKafkaTopicName(resourceName);
  }

  @Override
  public int keyCount() {
    return keys.size();
  }
}
