package com.linkedin.venice.rust.reference;

import com.google.protobuf.ByteString;
import com.linkedin.venice.exceptions.VeniceNoStoreException;
import com.linkedin.venice.rust.reference.MultiGetRouterRequestWrapper.MultiGetRouterRequestKeyV1;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** Looks up keys on the storage threads; a batch one key after the other. Thread-safe. */
final class StorageReadRequestHandler {
  /** The protocol version of {@code MultiGetResponseRecordV1}. */
  private static final int MULTI_GET_RESPONSE_V1 = 1;

  private final Executor executor;
  private final StorageEngineRepository storageEngineRepository;
  private final Map<String, StorageEngine> perStoreVersionEngines = new ConcurrentHashMap<>();

  StorageReadRequestHandler(Executor executor, StorageEngineRepository storageEngineRepository) {
    this.executor = executor;
    this.storageEngineRepository = storageEngineRepository;
  }

  CompletableFuture<ReadResponse> handleSingleGetRequest(GetRouterRequest request) {
    return CompletableFuture.supplyAsync(() -> singleGet(request), executor);
  }

  CompletableFuture<ReadResponse> handleMultiGetRequest(MultiGetRouterRequestWrapper request) {
    return CompletableFuture.supplyAsync(() -> multiGet(request), executor);
  }

  private ReadResponse singleGet(GetRouterRequest request) {
    StorageEngine engine = getStorageEngine(request.resourceName());
    boolean isChunked = engine.isChunked();
    CompressionStrategy compressionStrategy = engine.getCompressionStrategy();
    ValueRecord value =
        SingleGetChunkingAdapter.get(engine, request.partition(), request.keyBytes(), isChunked);
    return new ReadResponse(
        value == null ? null : value.data(),
        value == null ? 0 : value.schemaId(),
        compressionStrategy,
        request.keyCount(),
        request.isStreamingRequest());
  }

  private ReadResponse multiGet(MultiGetRouterRequestWrapper request) {
    StorageEngine engine = getStorageEngine(request.resourceName());
    CompressionStrategy compressionStrategy = engine.getCompressionStrategy();
    boolean isChunked = engine.isChunked();
    MultiGetResponseRecords records = new MultiGetResponseRecords();
    for (MultiGetRouterRequestKeyV1 key : request.keys()) {
      BatchGetChunkingAdapter.Record record =
          BatchGetChunkingAdapter.get(engine, key.partitionId(), key.keyBytes(), isChunked);
      if (record != null) {
        records.add(key.keyIndex(), record.value(), record.schemaId());
      } else if (request.isStreamingRequest()) {
        records.addMissing(key.keyIndex());
      }
    }
    return new ReadResponse(
        ByteString.copyFrom(records.serialize()),
        MULTI_GET_RESPONSE_V1,
        compressionStrategy,
        request.keyCount(),
        request.isStreamingRequest());
  }

  /** Returns the engine last used for a store version, or another when it has no partition left. */
  StorageEngine getStorageEngine(String resource) {
    StorageEngine engine =
        perStoreVersionEngines.computeIfAbsent(resource, this::getStorageEngineOrThrow);
    if (engine.isClosed()) {
      engine = getStorageEngineOrThrow(resource);
      perStoreVersionEngines.put(resource, engine);
    }
    return engine;
  }

  private StorageEngine getStorageEngineOrThrow(String resource) {
    StorageEngine engine = storageEngineRepository.getLocalStorageEngine(resource);
    if (engine == null) {
      throw new VeniceNoStoreException(resource);
    }
    return engine;
  }
}
