package com.linkedin.venice.rust.tests;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.CountByValueRequest;
import com.linkedin.venice.protocols.CountByValueResponse;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.protocols.ReadComputeRequest;
import com.linkedin.venice.rust.protocols.ReadComputeResponse;
import com.linkedin.venice.rust.protocols.StreamingComputeRequest;
import com.linkedin.venice.rust.protocols.StreamingComputeResponse;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.reference.ReferenceServerConfig;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.reference.StoreRepository;
import com.linkedin.venice.rust.testing.HttpForm;
import com.linkedin.venice.rust.testing.ReadComputeMethods;
import com.linkedin.venice.rust.testing.ReadServiceMethods;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.tests.described.Descriptions;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.rocksdb.RocksDBException;

/**
 * The Java server and the Rust server of one JVM, on the same open databases, and told the same of
 * their stores. The Java server is asked as Venice's is: over HTTP, and by {@code countByValue}
 * over gRPC.
 */
final class DescribedServers implements AutoCloseable {
  /** The cluster that both are in. */
  static final String CLUSTER = "cluster";

  private static final long HANG_GUARD_SECONDS = 120;

  private final ServedStore served =
      ServedStore.start(
          ReadServerConfig.builder()
              .bindAddress("127.0.0.1")
              .set("stores.cluster", CLUSTER)
              .set("http.requests", "all")
              .build());
  private final StoreRepository repository = new StoreRepository(CLUSTER);
  private final Map<String, Integer> groups = new TreeMap<>();
  private final ReferenceReadServer reference;
  private final HttpForm javaHttp;
  private final HttpForm rustHttp;
  private final ManagedChannel javaGrpc;
  private final ManagedChannel rust;

  DescribedServers() throws IOException {
    reference =
        ReferenceReadServer.start(
            served, ReferenceServerConfig.defaults().withStoreRepository(repository));
    javaHttp = new HttpForm("127.0.0.1:" + reference.httpPort());
    rustHttp = new HttpForm(served.address());
    javaGrpc = channel("127.0.0.1:" + reference.port());
    rust = channel(served.address());
  }

  /** Returns what both serve. */
  ServedStore served() {
    return served;
  }

  /** Returns the Java server's HTTP port. */
  HttpForm javaHttp() {
    return javaHttp;
  }

  /** Returns the Rust server's port, for requests without gRPC. */
  HttpForm rustHttp() {
    return rustHttp;
  }

  /** Returns a connection to the Rust server. */
  ManagedChannel rust() {
    return rust;
  }

  /** Sets the Helix groups of instances, for stores that are described from now on. */
  void instanceGroups(Map<String, Integer> all) {
    groups.clear();
    groups.putAll(all);
    repository.setInstanceGroups(all);
  }

  /** Tells both of a store. */
  void describe(Store store) {
    repository.put(store);
    served.server().describeStore(Descriptions.of(store, CLUSTER, groups, served));
  }

  /** Lets both forget a store. */
  void forget(String storeName) {
    repository.remove(storeName);
    served.server().forgetStore(storeName);
  }

  /** Asks the Java server to compute; {@code valueSchemaId} is -1 for none. */
  HttpForm.Reply computeInJava(String resource, byte[] body, int valueSchemaId, boolean streaming) {
    List<String> headers = new ArrayList<>(List.of(HttpForm.API_VERSION, "3"));
    if (valueSchemaId != Store.NO_SCHEMA) {
      headers.addAll(List.of(HttpForm.COMPUTE_VALUE_SCHEMA_ID, Integer.toString(valueSchemaId)));
    }
    if (streaming) {
      headers.addAll(List.of(HttpForm.STREAMING, "1"));
    }
    return javaHttp.post("/compute/" + resource, body, headers.toArray(new String[0]));
  }

  /** Asks the Rust server to compute. */
  ReadComputeResponse computeInRust(
      String resource, byte[] body, int valueSchemaId, boolean streaming) {
    return unary(
        rust,
        ReadComputeMethods.COMPUTE,
        ReadComputeRequest.newBuilder()
            .setResourceName(resource)
            .setMethod("POST")
            .setBody(ByteString.copyFrom(body))
            .setValueSchemaId(valueSchemaId)
            .setIsStreamingRequest(streaming)
            .build());
  }

  /** Asks the Rust server to compute, in pieces; the last one has the footer. */
  List<StreamingComputeResponse> streamFromRust(String resource, byte[] body, int valueSchemaId) {
    List<StreamingComputeResponse> responses = new ArrayList<>();
    CompletableFuture<List<StreamingComputeResponse>> done = new CompletableFuture<>();
    StreamObserver<StreamingComputeRequest> requests =
        ClientCalls.asyncBidiStreamingCall(
            rust.newCall(ReadComputeMethods.STREAMING_COMPUTE, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(StreamingComputeResponse response) {
                responses.add(response);
              }

              @Override
              public void onError(Throwable failure) {
                done.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                done.complete(responses);
              }
            });
    requests.onNext(
        StreamingComputeRequest.newBuilder()
            .setRequestId(1)
            .setResourceName(resource)
            .setMethod("POST")
            .setBody(ByteString.copyFrom(body))
            .setValueSchemaId(valueSchemaId)
            .build());
    requests.onCompleted();
    try {
      return done.get(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the stream of " + resource + " failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Asks the Java server to count. */
  CountByValueResponse countInJava(CountByValueRequest request) {
    return unary(javaGrpc, ReadServiceMethods.COUNT_BY_VALUE, request);
  }

  /** Asks the Rust server to count. */
  CountByValueResponse countInRust(CountByValueRequest request) {
    return unary(rust, ReadServiceMethods.COUNT_BY_VALUE, request);
  }

  private static <Q, A> A unary(ManagedChannel channel, MethodDescriptor<Q, A> method, Q request) {
    return ClientCalls.blockingUnaryCall(
        channel,
        method,
        CallOptions.DEFAULT.withDeadlineAfter(HANG_GUARD_SECONDS, TimeUnit.SECONDS),
        request);
  }

  @Override
  public void close() throws RocksDBException {
    javaGrpc.shutdownNow();
    rust.shutdownNow();
    reference.close();
    served.close();
  }

  private static ManagedChannel channel(String address) {
    return Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
  }
}
