package com.linkedin.venice.rust.bench.compute;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.protocols.ReadComputeRequest;
import com.linkedin.venice.rust.protocols.ReadComputeResponse;
import com.linkedin.venice.rust.reference.compute.ComputeOperation;
import com.linkedin.venice.rust.reference.compute.ComputeUtils;
import com.linkedin.venice.rust.reference.compute.ValueReader;
import com.linkedin.venice.rust.testing.ComputeRecords;
import com.linkedin.venice.rust.testing.ComputeRequestBuilder;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.ReadComputeMethods;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.ReadServiceMethods;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** A way to score every vector of a store against one: a request, and what its answer gives. */
interface ScoringWay {
  /** Sends the request, and returns how many bytes came back. */
  long ask();

  /** Sends the request, and returns the scores by the keys' numbers. */
  float[] scores();

  /** Returns a request for all keys of a store. */
  static List<MultiGetRecords.Key> keys() {
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    for (int number = 0; number < ComputeStores.KEYS; number++) {
      byte[] key = ComputeStores.key(number);
      keys.add(
          new MultiGetRecords.Key(
              number, key, VenicePartitioner.partition(key, ComputeStores.PARTITIONS)));
    }
    return keys;
  }

  private static ComputeRequestBuilder builder(int dimensions) {
    return new ComputeRequestBuilder(ComputeStores.VALUE)
        .dotProduct("embedding", ComputeStores.vector(-1, dimensions), "score");
  }

  private static float[] scores(ComputeRequestBuilder builder, byte[] records) {
    float[] scores = new float[ComputeStores.KEYS];
    for (ComputeRecords.Result record : ComputeRecords.decode(records)) {
      scores[record.keyIndex()] = (Float) builder.result(record).get("score");
    }
    return scores;
  }

  /** By the Rust server, over gRPC. */
  static ScoringWay byRust(Channel channel, int dimensions) {
    ComputeRequestBuilder builder = builder(dimensions);
    ReadComputeRequest request =
        ReadComputeRequest.newBuilder()
            .setResourceName(ComputeStores.name(dimensions) + "_v1")
            .setMethod("POST")
            .setBody(ByteString.copyFrom(builder.body(keys())))
            .build();
    return new ScoringWay() {
      private ReadComputeResponse send() {
        ReadComputeResponse answer =
            ClientCalls.blockingUnaryCall(
                channel, ReadComputeMethods.COMPUTE, CallOptions.DEFAULT, request);
        check(answer.getErrorCode(), answer.getErrorMessage());
        return answer;
      }

      @Override
      public long ask() {
        return send().getSerializedSize();
      }

      @Override
      public float[] scores() {
        return ScoringWay.scores(builder, send().getRecords().toByteArray());
      }
    };
  }

  /** By the Java server, over HTTP, as Venice's Fast Client asks. */
  static ScoringWay byJava(HttpForm http, int dimensions) {
    ComputeRequestBuilder builder = builder(dimensions);
    byte[] body = builder.body(keys());
    String path = "/compute/" + ComputeStores.name(dimensions) + "_v1";
    return new ScoringWay() {
      private byte[] send() {
        HttpForm.Reply reply = http.post(path, body, HttpForm.API_VERSION, "3");
        check(reply.status(), reply.toString());
        return reply.body();
      }

      @Override
      public long ask() {
        return send().length;
      }

      @Override
      public float[] scores() {
        return ScoringWay.scores(builder, send());
      }
    };
  }

  /** By the client, which reads the values from the Rust server, and decodes them. */
  static ScoringWay byClient(Channel channel, int dimensions) {
    VeniceClientRequest request =
        ReadRequests.batchGet(
            ComputeStores.name(dimensions) + "_v1", MultiGetRecords.encodeKeys(keys()));
    ComputeRequestBuilder builder = builder(dimensions);
    List<ComputeOperation> operations =
        List.of(
            new ComputeOperation(
                ComputeOperation.Type.DOT_PRODUCT,
                "embedding",
                ComputeStores.vector(-1, dimensions),
                "score"));
    ValueReader reader = new ValueReader(ComputeStores.VALUE, ComputeStores.VALUE);
    GenericRecord result = new GenericData.Record(builder.resultSchema());
    float[] scores = new float[ComputeStores.KEYS];
    return new ScoringWay() {
      @Override
      public long ask() {
        VeniceServerResponse answer =
            ClientCalls.blockingUnaryCall(
                channel, ReadServiceMethods.BATCH_GET, CallOptions.DEFAULT, request);
        check(answer.getErrorCode(), answer.getErrorMessage());
        try {
          for (MultiGetRecords.Value record :
              MultiGetRecords.decodeValues(answer.getData().toByteArray())) {
            ComputeUtils.computeResult(
                operations, reader.read(record.value(), 0, record.value().length), result);
            scores[record.keyIndex()] = (Float) result.get("score");
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return answer.getSerializedSize();
      }

      @Override
      public float[] scores() {
        Arrays.fill(scores, Float.NaN);
        ask();
        return scores.clone();
      }
    };
  }

  private static void check(int code, String text) {
    if (code != 200) {
      throw new IllegalStateException("an answer is " + code + ": " + text);
    }
  }
}
