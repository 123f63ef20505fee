package com.linkedin.venice.rust.reference;

import com.google.protobuf.ByteString;
import com.linkedin.venice.exceptions.OperationNotAllowedException;
import com.linkedin.venice.exceptions.VeniceException;
import com.linkedin.venice.rust.reference.MultiGetRouterRequestWrapper.MultiGetRouterRequestKeyV1;
import com.linkedin.venice.rust.reference.compute.ComputeUtils;
import com.linkedin.venice.rust.reference.compute.ValueReader;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.VeniceClientException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Computes on the compute threads, one key after the other: what {@code StorageReadRequestHandler}
 * has of read compute. Thread-safe.
 */
final class ComputeRequestHandler {
  /** The protocol version of {@code ComputeResponseRecordV1}. */
  private static final int COMPUTE_RESPONSE_V1 = 1;

  private static final byte[] EMPTY = new byte[0];

  private final Executor executor;
  private final StorageReadRequestHandler storage;
  private final StoreRepository stores;
  private final Map<String, Schema> resultSchemas = new ConcurrentHashMap<>();

  ComputeRequestHandler(
      Executor executor, StorageReadRequestHandler storage, StoreRepository stores) {
    this.executor = executor;
    this.storage = storage;
    this.stores = stores;
  }

  /**
   * Computes.
   *
   * @throws VeniceException if there is no such store; other failures are the future's
   */
  CompletableFuture<ReadResponse> handleComputeRequest(ComputeRouterRequestWrapper request) {
    if (!stores.getStoreOrThrow(request.storeName()).readComputationEnabled()) {
      return CompletableFuture.failedFuture(notEnabled());
    }
    return CompletableFuture.supplyAsync(() -> compute(request), executor);
  }

  static OperationNotAllowedException notEnabled() {
    return new OperationNotAllowedException(
        "Read compute is not enabled for the store. Please contact Venice team to enable the"
            + " feature.");
  }

  private ReadResponse compute(ComputeRouterRequestWrapper request) {
    StorageEngine engine = storage.getStorageEngine(request.resourceName());
    Values values = new Values(engine, stores, request.storeName(), request.valueSchemaId());
    Schema resultSchema =
        resultSchemas.computeIfAbsent(
            request.computeRequest().resultSchema(), text -> new Schema.Parser().parse(text));
    ComputeUtils.checkResultSchema(
        resultSchema, values.schema, request.computeRequest().operations());
    Results results = new Results(resultSchema);
    for (MultiGetRouterRequestKeyV1 key : request.keys()) {
      GenericRecord value = values.get(key.partitionId(), key.keyBytes());
      if (value != null) {
        results.clear();
        ComputeUtils.computeResult(request.computeRequest().operations(), value, results.record);
        results.add(key.keyIndex());
      } else if (request.isStreamingRequest()) {
        results.addBytes(Math.negateExact(key.keyIndex()), EMPTY);
      }
    }
    return new ReadResponse(
        results.bytes(),
        COMPUTE_RESPONSE_V1,
        CompressionStrategy.NO_OP,
        request.keyCount(),
        request.isStreamingRequest());
  }

  /** The values of a store version, read as one schema. Used by one thread. */
  static final class Values {
    private final StorageEngine engine;
    private final StoreRepository stores;
    private final String storeName;
    private final int readerSchemaId;
    private final Schema schema;
    private final boolean chunked;
    private final Compressor compressor;
    private final Map<Integer, ValueReader> readers = new HashMap<>();

    /**
     * @param valueSchemaId the schema to read as; -1 for the superset or the latest
     */
    Values(StorageEngine engine, StoreRepository stores, String storeName, int valueSchemaId) {
      this.engine = engine;
      this.stores = stores;
      this.storeName = storeName;
      int schemaId = stores.getSupersetOrLatestValueSchemaId(storeName);
      readerSchemaId = valueSchemaId == Store.NO_SCHEMA ? schemaId : valueSchemaId;
      schema = stores.getValueSchema(storeName, readerSchemaId);
      chunked = engine.isChunked();
      compressor = engine.getCompressor();
    }

    Schema schema() {
      return schema;
    }

    /** Returns the value of a key, which the next call overwrites; null if there is none. */
    GenericRecord get(int partition, ByteBuffer key) {
      BatchGetChunkingAdapter.Record stored =
          BatchGetChunkingAdapter.get(engine, partition, key, chunked);
      if (stored == null) {
        return null;
      }
      ByteBuffer value = decompress(stored.value());
      ValueReader reader =
          readers.computeIfAbsent(
              stored.schemaId(), id -> stores.newReader(storeName, id, readerSchemaId));
      try {
        return reader.read(
            value.array(), value.arrayOffset() + value.position(), value.remaining());
      } catch (IOException e) {
        throw new VeniceException("Could not deserialize bytes back into Avro object", e);
      }
    }

    private ByteBuffer decompress(ByteBuffer value) {
      if (compressor == null) {
        return value;
      }
      byte[] bytes = new byte[value.remaining()];
      value.duplicate().get(bytes);
      try {
        return ByteBuffer.wrap(compressor.decompress(bytes));
      } catch (VeniceClientException e) {
        throw new VeniceException(
            "Failed to decompress, compressionStrategy: " + compressor.strategy(), e);
      }
    }
  }

  /** The records of an answer: {@code ComputeResponseRecordV1}, one after the other. */
  private static final class Results {
    private final GenericRecord record;
    private final GenericDatumWriter<GenericRecord> writer;
    private final ByteArrayOutputStream value = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final BinaryEncoder valueEncoder;
    private final BinaryEncoder encoder;

    Results(Schema schema) {
      record = new GenericData.Record(schema);
      writer = new GenericDatumWriter<>(schema);
      valueEncoder = EncoderFactory.get().binaryEncoder(value, null);
      encoder = EncoderFactory.get().binaryEncoder(out, null);
    }

    void clear() {
      for (int i = 0; i < record.getSchema().getFields().size(); i++) {
        record.put(i, null);
      }
    }

    void add(int keyIndex) {
      value.reset();
      try {
        writer.write(record, valueEncoder);
        valueEncoder.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      addBytes(keyIndex, value.toByteArray());
    }

    void addBytes(int keyIndex, byte[] bytes) {
      try {
        encoder.writeInt(keyIndex);
        encoder.writeBytes(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    ByteString bytes() {
      try {
        encoder.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return ByteString.copyFrom(out.toByteArray());
    }
  }
}
