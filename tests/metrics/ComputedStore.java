package com.linkedin.venice.rust.tests;

import com.google.protobuf.ByteString;
import com.linkedin.venice.rust.StoreDescription;
import com.linkedin.venice.rust.StoreVersionDescription;
import com.linkedin.venice.rust.protocols.ReadComputeRequest;
import com.linkedin.venice.rust.protocols.ReadComputeResponse;
import com.linkedin.venice.rust.testing.AvroBytes;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.ComputeRequestBuilder;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.ReadComputeMethods;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** A store of vectors, compressed, and requests to compute of them. */
final class ComputedStore implements AutoCloseable {
  /** The server's limit: {@code compute.max.operations}. */
  static final int MOST_OPERATIONS = 3;

  private static final StoreVersionConfig CONFIG =
      new StoreVersionConfig("vectors", 1, 2).withCompression(CompressionStrategy.GZIP, null);
  private static final Schema VALUE =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "Embedded", "fields": [
                {"name": "embedding", "type": {"type": "array", "items": "float"}}]}\
              """);
  private static final String VECTOR = "embedding";
  private static final int KEYS = 100;
  private static final long HANG_GUARD_SECONDS = 120;

  private final ManagedChannel channel;

  /** Pushes the store into {@code folder}, and tells the server of it. */
  ComputedStore(ServedStore served, Path folder) throws Exception {
    served.push(folder, CONFIG, ComputedStore::write);
    served
        .server()
        .describeStore(
            StoreDescription.of("vectors")
                .keySchema(1, "\"string\"")
                .valueSchema(1, VALUE.toString())
                .readComputeEnabled(true)
                .currentVersion(1)
                .version(
                    StoreVersionDescription.of(1, CONFIG.partitionCount())
                        .compression(CompressionStrategy.GZIP.name())
                        .build())
                .build());
    channel =
        Grpc.newChannelBuilder(served.address(), InsecureChannelCredentials.create()).build();
  }

  private static byte[] key(int number) {
    return SampleRows.avroString("key_" + number);
  }

  private static List<Float> vector(float first) {
    List<Float> vector = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      vector.add(first + i);
    }
    return vector;
  }

  private static void write(StoreVersionWriter writer) {
    GenericRecord value = new GenericData.Record(VALUE);
    for (int number = 0; number < KEYS; number++) {
      value.put(VECTOR, vector(number));
      writer.add(key(number), 1, AvroBytes.encode(VALUE, value));
    }
  }

  /** Has the server compute for each key, and refuse a request of too many operations. */
  void compute() {
    ComputeRequestBuilder wanted =
        new ComputeRequestBuilder(VALUE)
            .dotProduct(VECTOR, vector(1), "dot")
            .cosineSimilarity(VECTOR, vector(2), "cosine")
            .count(VECTOR, "items");
    answered(wanted, 200);
    ComputeRequestBuilder tooMuch = new ComputeRequestBuilder(VALUE);
    for (int i = 0; i <= MOST_OPERATIONS; i++) {
      tooMuch.count(VECTOR, "items" + i);
    }
    answered(tooMuch, 400);
  }

  private void answered(ComputeRequestBuilder wanted, int code) {
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    for (int number = 0; number < KEYS; number++) {
      int partition = VenicePartitioner.partition(key(number), CONFIG.partitionCount());
      keys.add(new MultiGetRecords.Key(number, key(number), partition));
    }
    ReadComputeResponse response =
        ClientCalls.blockingUnaryCall(
            channel,
            ReadComputeMethods.COMPUTE,
            CallOptions.DEFAULT.withDeadlineAfter(HANG_GUARD_SECONDS, TimeUnit.SECONDS),
            ReadComputeRequest.newBuilder()
                .setResourceName(CONFIG.resource())
                .setMethod("POST")
                .setBody(ByteString.copyFrom(wanted.body(keys)))
                .setValueSchemaId(-1)
                .build());
    if (response.getErrorCode() != code) {
      throw new IllegalStateException(
          "answered " + response.getErrorCode() + " in place of " + code + ": " + response);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
