package com.linkedin.venice.rust.reference;

import com.google.protobuf.ByteString;
import com.linkedin.venice.exceptions.OperationNotAllowedException;
import com.linkedin.venice.exceptions.VeniceException;
import com.linkedin.venice.protocols.CountByValueRequest;
import com.linkedin.venice.protocols.CountByValueResponse;
import com.linkedin.venice.protocols.ValueCount;
import com.linkedin.venice.rust.reference.compute.FacetCountingUtils;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import org.apache.avro.generic.GenericRecord;

/**
 * Counts the values of fields over keys. Venice has the method in its proto and no server for it
 * (VIP-5): what is answered here is what docs/compute.md says.
 */
final class CountByValueHandler {
  private final StorageReadRequestHandler storage;
  private final StoreRepository stores;

  CountByValueHandler(StorageReadRequestHandler storage, StoreRepository stores) {
    this.storage = storage;
    this.stores = stores;
  }

  void handle(CountByValueRequest request, StreamObserver<CountByValueResponse> observer) {
    CountByValueResponse.Builder response =
        CountByValueResponse.newBuilder().setErrorCode(VeniceReadResponseStatus.OK);
    try {
      count(request, response);
    } catch (OperationNotAllowedException e) {
      response
          .clear()
          .setErrorCode(VeniceReadResponseStatus.METHOD_NOT_ALLOWED)
          .setErrorMessage(e.getMessage());
    } catch (IllegalArgumentException e) {
      response
          .clear()
          .setErrorCode(VeniceReadResponseStatus.BAD_REQUEST)
          .setErrorMessage(e.getMessage());
    } catch (RuntimeException e) {
      response
          .clear()
          .setErrorCode(VeniceReadResponseStatus.INTERNAL_ERROR)
          .setErrorMessage("Internal Error: " + e);
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }

  private void count(CountByValueRequest request, CountByValueResponse.Builder response) {
    String resource = request.getResourceName();
    Store store = stores.getStoreOrThrow(VersionTopics.parseStoreFromKafkaTopicName(resource));
    if (!store.readComputationEnabled()) {
      throw ComputeRequestHandler.notEnabled();
    }
    Store.Version version = store.version(VersionTopics.parseVersionFromKafkaTopicName(resource));
    if (version == null) {
      throw new VeniceException("there is no version " + resource);
    }
    ComputeRequestHandler.Values values =
        new ComputeRequestHandler.Values(
            storage.getStorageEngine(resource), stores, store.name(), Store.NO_SCHEMA);
    FacetCountingUtils counts =
        new FacetCountingUtils(request.getFieldNamesList(), values.schema());
    if (request.getTopK() < 1) {
      throw new IllegalArgumentException(
          "topK is " + request.getTopK() + ", and has to be at least 1");
    }
    for (ByteString bytes : request.getKeysList()) {
      byte[] key = bytes.toByteArray();
      GenericRecord value =
          values.get(
              VenicePartitioner.partition(key, version.partitionCount()), ByteBuffer.wrap(key));
      if (value != null) {
        counts.add(value);
      }
    }
    for (String name : request.getFieldNamesList()) {
      response.putFieldToValueCounts(
          name,
          ValueCount.newBuilder().putAllValueToCounts(counts.top(name, request.getTopK())).build());
    }
  }
}
