package com.linkedin.venice.rust.demo;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.protocols.ReadComputeRequest;
import com.linkedin.venice.rust.protocols.ReadComputeResponse;
import com.linkedin.venice.rust.testing.ComputeRecords;
import com.linkedin.venice.rust.testing.ComputeRequestBuilder;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.ReadComputeMethods;
import com.linkedin.venice.rust.testing.ReadRequests;
import com.linkedin.venice.rust.testing.ReadServiceMethods;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scores every row's vector against one of them, in two ways: the server does it, by read compute,
 * and sends scores; or the client reads the values and does it itself.
 */
final class Scoring {
  /** Keys of a request, well below the server's limit. */
  static final int KEYS_OF_A_REQUEST = 1000;

  private static final int OK = 200;
  private static final int WARM_UP_ROUNDS = 10;
  private static final int ROUNDS = 15;
  private static final String SCORE = "score";

  private final Channel channel;
  private final AvroInput input;
  private final String field;
  private final String resource;
  private final List<List<MultiGetRecords.Key>> requests = new ArrayList<>();

  /**
   * What one way took.
   *
   * @param scores by the rows' places; NaN where there is none
   * @param requests how many were sent
   * @param bytesSent of their messages
   * @param bytesReceived of the answers' messages
   * @param millis of all of it, the median of some rounds
   */
  record Way(float[] scores, int requests, long bytesSent, long bytesReceived, double millis) {}

  /** Prepares the requests for the rows of a store version. */
  Scoring(Channel channel, AvroInput input, String field, String resource, int partitions) {
    this.channel = channel;
    this.input = input;
    this.field = field;
    this.resource = resource;
    List<MultiGetRecords.Key> keys = new ArrayList<>();
    for (Row row : input.rows()) {
      if (keys.size() == KEYS_OF_A_REQUEST) {
        requests.add(keys);
        keys = new ArrayList<>();
      }
      int partition = VenicePartitioner.partition(row.key(), partitions);
      keys.add(new MultiGetRecords.Key(keys.size(), row.key(), partition));
    }
    requests.add(keys);
  }

  /** The server scores. */
  Way onTheServer(List<Float> vector) throws DemoException {
    ComputeRequestBuilder builder =
        new ComputeRequestBuilder(input.valueSchema()).cosineSimilarity(field, vector, SCORE);
    List<ReadComputeRequest> messages = new ArrayList<>();
    for (List<MultiGetRecords.Key> keys : requests) {
      messages.add(
          ReadComputeRequest.newBuilder()
              .setResourceName(resource)
              .setMethod("POST")
              .setBody(ByteString.copyFrom(builder.body(keys)))
              .build());
    }
    return measured(messages, (request, scores, from) -> compute(builder, request, scores, from));
  }

  private long compute(
      ComputeRequestBuilder builder, ReadComputeRequest request, float[] scores, int from)
      throws DemoException {
    ReadComputeResponse answer =
        ClientCalls.blockingUnaryCall(
            channel, ReadComputeMethods.COMPUTE, CallOptions.DEFAULT, request);
    check(answer.getErrorCode(), answer.getErrorMessage());
    for (ComputeRecords.Result record : ComputeRecords.decode(answer.getRecords().toByteArray())) {
      Object score = builder.result(record).get(SCORE);
      scores[from + record.keyIndex()] = score == null ? Float.NaN : (Float) score;
    }
    return answer.getSerializedSize();
  }

  /** The client reads the values and scores. */
  Way inTheClient(List<Float> vector) throws DemoException {
    List<VeniceClientRequest> messages = new ArrayList<>();
    for (List<MultiGetRecords.Key> keys : requests) {
      messages.add(ReadRequests.batchGet(resource, MultiGetRecords.encodeKeys(keys)));
    }
    return measured(messages, (request, scores, from) -> read(vector, request, scores, from));
  }

  private long read(List<Float> vector, VeniceClientRequest request, float[] scores, int from)
      throws DemoException {
    VeniceServerResponse answer =
        ClientCalls.blockingUnaryCall(
            channel, ReadServiceMethods.BATCH_GET, CallOptions.DEFAULT, request);
    check(answer.getErrorCode(), answer.getErrorMessage());
    for (MultiGetRecords.Value record :
        MultiGetRecords.decodeValues(answer.getData().toByteArray())) {
      scores[from + record.keyIndex()] = cosine(vector, input.vector(record.value(), field));
    }
    return answer.getSerializedSize();
  }

  private interface Step<Q> {
    /** Sends a request, fills in its scores, and returns the size of the answer. */
    long send(Q request, float[] scores, int from) throws DemoException;
  }

  private <Q extends Message> Way measured(List<Q> messages, Step<Q> step) throws DemoException {
    float[] scores = new float[input.rows().size()];
    double[] millis = new double[ROUNDS];
    long received = 0;
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      Arrays.fill(scores, Float.NaN);
      received = 0;
      long start = System.nanoTime();
      for (int i = 0; i < messages.size(); i++) {
        received += step.send(messages.get(i), scores, i * KEYS_OF_A_REQUEST);
      }
      millis[Math.max(round, 0)] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    long sent = messages.stream().mapToLong(Message::getSerializedSize).sum();
    return new Way(scores, messages.size(), sent, received, millis[ROUNDS / 2]);
  }

  private static void check(int errorCode, String message) throws DemoException {
    if (errorCode != OK) {
      throw new DemoException("the server refused to score, with " + errorCode + ": " + message);
    }
  }

  /** The cosine of two vectors as Venice computes it, to the bit; NaN without a vector. */
  private static float cosine(List<Float> a, List<Float> b) {
    if (a.size() != b.size() || a.isEmpty()) {
      return Float.NaN;
    }
    return (float) (product(a, b) / Math.sqrt(product(a, a) * product(b, b)));
  }

  /** Four products are added, and their sum to the total; what is left, one by one. */
  private static float product(List<Float> a, List<Float> b) {
    float total = 0;
    int i = 0;
    for (; i + 4 <= a.size(); i += 4) {
      total +=
          a.get(i) * b.get(i)
              + a.get(i + 1) * b.get(i + 1)
              + a.get(i + 2) * b.get(i + 2)
              + a.get(i + 3) * b.get(i + 3);
    }
    for (; i < a.size(); i++) {
      total += a.get(i) * b.get(i);
    }
    return total;
  }
}
