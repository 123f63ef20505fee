package com.linkedin.venice.rust.testing;

import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Sends requests and reads answers as Venice's {@code GrpcTransportClient} does: one channel for
 * each address, made when it is first needed and without any option but the credentials; no
 * deadline, no metadata.
 */
final class GrpcTransport implements AutoCloseable {
  private static final int OK = 200;
  private static final int KEY_NOT_FOUND = -420;
  private static final int BAD_REQUEST = 400;
  private static final int TOO_MANY_REQUESTS = 429;

  private final ChannelCredentials credentials;
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

  GrpcTransport(ChannelCredentials credentials) {
    this.credentials = credentials;
  }

  /** What a successful answer holds. */
  record Answer(int schemaId, CompressionStrategy compression, byte[] data) {}

  /** Calls {@code get}. The answer is null if the key does not exist. */
  CompletableFuture<Answer> get(String address, VeniceClientRequest request) {
    return call(address, ReadServiceMethods.GET, request);
  }

  /** Calls {@code batchGet}. The answer is null for the error code "key not found". */
  CompletableFuture<Answer> batchGet(String address, VeniceClientRequest request) {
    return call(address, ReadServiceMethods.BATCH_GET, request);
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
    boolean interrupted = false;
    for (ManagedChannel channel : channels.values()) {
      try {
        channel.awaitTermination(30, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletableFuture<Answer> call(
      String address,
      MethodDescriptor<VeniceClientRequest, VeniceServerResponse> method,
      VeniceClientRequest request) {
    ManagedChannel channel =
        channels.computeIfAbsent(address, a -> Grpc.newChannelBuilder(a, credentials).build());
    AnswerObserver observer = new AnswerObserver();
    ClientCalls.asyncUnaryCall(channel.newCall(method, CallOptions.DEFAULT), request, observer);
    return observer.answer;
  }

  /** Turns one answer into a result or an exception, as Venice's client reads it. */
  private static final class AnswerObserver implements StreamObserver<VeniceServerResponse> {
    final CompletableFuture<Answer> answer = new CompletableFuture<>();

    @Override
    public void onNext(VeniceServerResponse response) {
      // The field is a uint32, which protobuf-java reads as a signed number: -420 comes back as it
      // was. Everything but 200 and -420 is an error, 0 too.
      int code = response.getErrorCode();
      String message = response.getErrorMessage();
      switch (code) {
        case OK:
          try {
            answer.complete(
                new Answer(
                    response.getSchemaId(),
                    CompressionStrategy.of(response.getCompressionStrategy()),
                    response.getData().toByteArray()));
          } catch (IllegalArgumentException e) {
            answer.completeExceptionally(new VeniceClientException(e.getMessage(), e));
          }
          break;
        case KEY_NOT_FOUND:
          answer.complete(null);
          break;
        case BAD_REQUEST:
          answer.completeExceptionally(new VeniceClientHttpException(message, code));
          break;
        case TOO_MANY_REQUESTS:
          answer.completeExceptionally(new VeniceClientRateExceededException(message));
          break;
        default:
          answer.completeExceptionally(
              new VeniceClientException(
                  String.format(
                      "An unexpected error occurred with status code: %d, message: %s",
                      code, message)));
      }
    }

    @Override
    public void onError(Throwable failure) {
      Status status = Status.fromThrowable(failure);
      switch (status.getCode()) {
        case PERMISSION_DENIED:
        case UNAUTHENTICATED:
        case INVALID_ARGUMENT:
          answer.completeExceptionally(
              new VeniceClientHttpException(status.getDescription(), status.getCode().value()));
          break;
        default:
          answer.completeExceptionally(
              new VeniceClientException(
                  String.format(
                      "An unexpected gRPC error occurred with status code: %d, message: %s",
                      status.getCode().value(), status.getDescription()),
                  failure));
      }
    }

    @Override
    public void onCompleted() {
      // Without this a call that ends well but carries no message would never complete.
      answer.completeExceptionally(new VeniceClientException("the answer holds no message"));
    }
  }
}
