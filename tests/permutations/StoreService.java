package com.linkedin.venice.rust.tests.permutations;

import com.google.protobuf.Message;
import com.linkedin.venice.rust.protocols.DictionaryRequest;
import com.linkedin.venice.rust.protocols.StoreMetadataResponse;
import com.linkedin.venice.rust.protocols.StoreRequest;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.StoreMetadataMethods;
import com.linkedin.venice.rust.testing.VeniceClientException;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;

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
}
