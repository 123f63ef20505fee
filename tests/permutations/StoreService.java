package com.linkedin.venice.rust.tests.permutations;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.linkedin.venice.rust.protocols.DictionaryRequest;
import com.linkedin.venice.rust.protocols.ReadComputeRequest;
import com.linkedin.venice.rust.protocols.ReadComputeResponse;
import com.linkedin.venice.rust.protocols.StoreMetadataResponse;
import com.linkedin.venice.rust.protocols.StoreRequest;
import com.linkedin.venice.rust.protocols.StreamingComputeRequest;
import com.linkedin.venice.rust.protocols.StreamingComputeResponse;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.ReadComputeMethods;
import com.linkedin.venice.rust.testing.StoreMetadataMethods;
import com.linkedin.venice.rust.testing.VeniceClientException;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a server answers beside gets: over HTTP in Java, over gRPC in Rust. */
interface StoreService extends AutoCloseable {
  /** A HTTP status, the text beside it, and what was asked for. */
  record Answer(int status, String text, byte[] data) {
    /** Returns what was asked for, or fails as a client does. */
    byte[] orThrow() {
      if (status != 200) {
        throw new VeniceClientException(
            "An unexpected error occurred with status code: " + status + ", message: " + text);
      }
      return data;
    }
  }

  /** Computes; {@code streaming} asks for records of missing keys, and for pieces if it can. */
  Answer compute(String resource, byte[] body, boolean streaming);

  /** Asks for {@code MetadataResponseRecord}. */
  Answer metadata(String store);

  /** Asks for the dictionary of a version. */
  Answer dictionary(String store, int version);

  @Override
  void close();

  /** Returns a client of Venice's HTTP form. */
  static StoreService overHttp(String address) {
    HttpForm http = new HttpForm(address);
    return new StoreService() {
      @Override
      public Answer compute(String resource, byte[] body, boolean streaming) {
        String path = "/compute/" + resource;
        return answer(
            streaming
                ? http.post(path, body, HttpForm.API_VERSION, "3", HttpForm.STREAMING, "1")
                : http.post(path, body, HttpForm.API_VERSION, "3"));
      }

      @Override
      public Answer metadata(String store) {
        return answer(http.get("/metadata/" + store));
      }

      @Override
      public Answer dictionary(String store, int version) {
        return answer(http.get("/dictionary/" + store + "/" + version));
      }

      private Answer answer(HttpForm.Reply reply) {
        return new Answer(reply.status(), reply.text(), reply.body());
      }

      @Override
      public void close() {}
    };
  }

  /** Returns a client of our own services. */
  static StoreService overGrpc(String address, ChannelCredentials credentials) {
    ManagedChannel channel = Grpc.newChannelBuilder(address, credentials).build();
    return new StoreService() {
      @Override
      public Answer compute(String resource, byte[] body, boolean streaming) {
        return streaming ? stream(resource, body) : compute(resource, body);
      }

      private Answer compute(String resource, byte[] body) {
        ReadComputeResponse response =
            ask(
                ReadComputeMethods.COMPUTE,
                ReadComputeRequest.newBuilder()
                    .setResourceName(resource)
                    .setMethod("POST")
                    .setBody(ByteString.copyFrom(body))
                    .build());
        return new Answer(
            response.getErrorCode(),
            response.getErrorMessage(),
            response.getRecords().toByteArray());
      }

      private Answer stream(String resource, byte[] body) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        StreamObserver<StreamingComputeRequest> requests =
            ClientCalls.asyncBidiStreamingCall(
                channel.newCall(ReadComputeMethods.STREAMING_COMPUTE, CallOptions.DEFAULT),
                new Pieces(answer));
        requests.onNext(
            StreamingComputeRequest.newBuilder()
                .setRequestId(1)
                .setResourceName(resource)
                .setMethod("POST")
                .setBody(ByteString.copyFrom(body))
                .build());
        requests.onCompleted();
        try {
          return answer.get(120, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
          throw new VeniceClientException("the stream failed: " + e, e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new VeniceClientException("interrupted while waiting for a stream", e);
        }
      }

      @Override
      public Answer metadata(String store) {
        return answer(
            ask(
                StoreMetadataMethods.METADATA,
                StoreRequest.newBuilder().setStoreName(store).build()));
      }

      @Override
      public Answer dictionary(String store, int version) {
        return answer(
            ask(
                StoreMetadataMethods.DICTIONARY,
                DictionaryRequest.newBuilder().setStoreName(store).setVersion(version).build()));
      }

      private Answer answer(StoreMetadataResponse response) {
        return new Answer(
            response.getErrorCode(), response.getErrorMessage(), response.getData().toByteArray());
      }

      private <Q extends Message, A> A ask(MethodDescriptor<Q, A> method, Q request) {
        return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
      }

      @Override
      public void close() {
        channel.shutdownNow();
      }
    };
  }

  /** Puts the pieces of a streamed answer together. */
  final class Pieces implements StreamObserver<StreamingComputeResponse> {
    private final ByteArrayOutputStream records = new ByteArrayOutputStream();
    private final CompletableFuture<Answer> answer;

    Pieces(CompletableFuture<Answer> answer) {
      this.answer = answer;
    }

    @Override
    public void onNext(StreamingComputeResponse response) {
      records.writeBytes(response.getRecords().toByteArray());
      if (response.hasFooter()) {
        answer.complete(
            new Answer(
                response.getFooter().getErrorCode(),
                response.getFooter().getErrorMessage(),
                records.toByteArray()));
      }
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      answer.completeExceptionally(new VeniceClientException("the stream has no footer"));
    }
  }
}
