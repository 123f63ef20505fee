package com.linkedin.venice.rust.testing;

import com.linkedin.venice.rust.protocols.StreamingBatchGetRequest;
import com.linkedin.venice.rust.protocols.StreamingBatchGetResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One call of {@code StreamingReadService}: requests go in, responses come out, one for each that
 * is asked for. So a caller that asks for none is a client that does not read. Not thread-safe.
 */
public final class StreamingCall implements AutoCloseable {
  private static final long HANG_GUARD_SECONDS = 60;

  private static final MethodDescriptor<StreamingBatchGetRequest, StreamingBatchGetResponse>
      BATCH_GET =
          MethodDescriptor.<StreamingBatchGetRequest, StreamingBatchGetResponse>newBuilder()
              .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName("com.linkedin.venice.rust.protocols.StreamingReadService/batchGet")
              .setRequestMarshaller(
                  ProtoUtils.marshaller(StreamingBatchGetRequest.getDefaultInstance()))
              .setResponseMarshaller(
                  ProtoUtils.marshaller(StreamingBatchGetResponse.getDefaultInstance()))
              .build();

  private final ClientCall<StreamingBatchGetRequest, StreamingBatchGetResponse> call;

  /** Responses, and at last the status. */
  private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

  /** Opens a call over {@code channel}, which the caller closes. */
  public StreamingCall(Channel channel) {
    call = channel.newCall(BATCH_GET, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(StreamingBatchGetResponse response) {
            events.add(response);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            events.add(status);
          }
        },
        new Metadata());
  }

  /** Returns a request for keys, numbered from 0, as a Fast Client would send it. */
  public static StreamingBatchGetRequest request(
      long requestId, String resource, int partitionCount, List<byte[]> keys) {
    List<MultiGetRecords.Key> numbered = new ArrayList<>();
    for (byte[] key : keys) {
      int partition = VenicePartitioner.partition(key, partitionCount);
      numbered.add(new MultiGetRecords.Key(numbered.size(), key, partition));
    }
    return StreamingBatchGetRequest.newBuilder()
        .setRequestId(requestId)
        .setResourceName(resource)
        .setMethod("POST")
        .setKeyBytes(MultiGetRecords.encodeKeys(numbered))
        .build();
  }

  /** Sends a request. */
  public void ask(StreamingBatchGetRequest request) {
    call.sendMessage(request);
  }

  /** Says that there are no more requests. */
  public void end() {
    call.halfClose();
  }

  /**
   * Waits for the next response; null when the call ended well.
   *
   * @throws StatusRuntimeException if it ended otherwise
   */
  public StreamingBatchGetResponse next() {
    call.request(1);
    Object event;
    try {
      event = events.poll(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VeniceClientException("interrupted while waiting for a response", e);
    }
    if (event == null) {
      throw new VeniceClientException("no response in " + HANG_GUARD_SECONDS + " seconds");
    }
    if (event instanceof Status status) {
      if (status.isOk()) {
        return null;
      }
      throw status.asRuntimeException();
    }
    return (StreamingBatchGetResponse) event;
  }

  /** Hands every response to {@code each} until so many requests have their footers. */
  public void responses(int requests, Consumer<StreamingBatchGetResponse> each) {
    for (int done = 0; done < requests; ) {
      StreamingBatchGetResponse response = next();
      if (response == null) {
        throw new VeniceClientException(
            "the call ended after " + done + " of " + requests + " requests");
      }
      each.accept(response);
      done += response.hasFooter() ? 1 : 0;
    }
  }

  /** Cancels what has not ended. */
  @Override
  public void close() {
    call.cancel("closed by the client", null);
  }
}
