package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.reference.ReferenceReadServer;
import com.linkedin.venice.rust.reference.ReferenceServerConfig;
import com.linkedin.venice.rust.testing.ReadServiceMethods;
import com.linkedin.venice.rust.testing.ServedStore;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.rocksdb.RocksDBException;

/**
 * The Java server and the Rust server of one JVM, on the same open databases. Requests and answers
 * are bytes, so that no protobuf library stands between the test and what a server sends.
 */
final class BothServers implements AutoCloseable {
  /** The methods that read. */
  static final String[] READS = {"get", "batchGet"};

  /**
   * grpc-java logs a stack trace for each request that a service cannot parse. Held here, or its
   * level would be forgotten with it.
   */
  private static final Logger GRPC_LOG = Logger.getLogger("io.grpc");

  static {
    GRPC_LOG.setLevel(Level.OFF);
  }

  private final ServedStore store;
  private final ReferenceReadServer reference;
  private final ManagedChannel java;
  private final ManagedChannel rust;

  /** What the two servers answered to one request. */
  record Answers(Answer java, Answer rust) {}

  BothServers() throws IOException {
    this(ServedStore.start(), ReferenceServerConfig.defaults());
  }

  /** Starts both servers with quotas that are refilled after so long, and not saved up. */
  static BothServers withQuotas(Duration interval) throws IOException {
    ReadServerConfig rust =
        ReadServerConfig.builder()
            .bindAddress("127.0.0.1")
            .quotaInterval(interval)
            .quotaCapacityMultiple(1)
            .build();
    return new BothServers(
        ServedStore.start(rust), ReferenceServerConfig.defaults().withQuota(interval, 1));
  }

  private BothServers(ServedStore store, ReferenceServerConfig javaConfig) throws IOException {
    this.store = store;
    reference = ReferenceReadServer.start(store, javaConfig);
    java = channel("127.0.0.1:" + reference.port());
    rust = channel(store.address());
  }

  /** Returns what both serve. */
  ServedStore store() {
    return store;
  }

  /** Gives a store version a full quota, in both servers. */
  void setStoreQuota(String storeVersion, long rcuPerSecond, double share) {
    reference.removeStoreQuota(storeVersion);
    reference.setStoreQuota(storeVersion, rcuPerSecond, share);
    store.server().removeStoreQuota(storeVersion);
    store.server().setStoreQuota(storeVersion, rcuPerSecond, share);
  }

  /** Gives both nodes a full quota. */
  void setNodeQuota(long rcuPerSecond) {
    reference.setNodeQuota(rcuPerSecond);
    store.server().removeNodeQuota();
    store.server().setNodeQuota(rcuPerSecond);
  }

  /** Asks both servers with the same bytes. */
  Answers ask(String method, ByteString request, CallOptions options) {
    return new Answers(ask(java, method, request, options), ask(rust, method, request, options));
  }

  /** Asks both servers with the same bytes. */
  Answers ask(String method, ByteString request) {
    return ask(method, request, CallOptions.DEFAULT);
  }

  /** Asks both servers by one method, and returns the one answer that both gave. */
  Answer same(String method, VeniceClientRequest request) {
    Answers answers = ask(method, request.toByteString());
    assertEquals(method + " " + request, answers.java(), answers.rust());
    return answers.rust();
  }

  /** Asks both servers, by both methods, and returns the one answer that they all gave. */
  Answer same(VeniceClientRequest request) {
    Answer answer = null;
    for (String method : READS) {
      Answer answered = same(method, request);
      if (answer != null) {
        assertEquals("get and batchGet " + request, answer, answered);
      }
      answer = answered;
    }
    return answer;
  }

  /** Asks both servers, by both methods, where they are known to differ: exactly so. */
  void differ(
      Difference difference,
      VeniceClientRequest request,
      Answer expectedJava,
      Answer expectedRust) {
    assertNotEquals(difference + " is none", expectedJava, expectedRust);
    for (String method : READS) {
      Answers answers = ask(method, request.toByteString());
      assertEquals(difference + ", Java, " + method, expectedJava, answers.java());
      assertEquals(difference + ", Rust, " + method, expectedRust, answers.rust());
    }
  }

  @Override
  public void close() throws RocksDBException {
    java.shutdownNow();
    rust.shutdownNow();
    reference.close();
    store.close();
  }

  private static ManagedChannel channel(String address) {
    return Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
  }

  private static Answer ask(
      ManagedChannel channel, String method, ByteString request, CallOptions options) {
    try {
      return new Answer(
          Status.Code.OK, ClientCalls.blockingUnaryCall(channel, raw(method), options, request));
    } catch (StatusRuntimeException e) {
      return Answer.of(e.getStatus().getCode());
    }
  }

  private static MethodDescriptor<ByteString, ByteString> raw(String method) {
    return MethodDescriptor.<ByteString, ByteString>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(
            MethodDescriptor.generateFullMethodName(ReadServiceMethods.SERVICE, method))
        .setRequestMarshaller(Bytes.MARSHALLER)
        .setResponseMarshaller(Bytes.MARSHALLER)
        .build();
  }

  /** Leaves messages as they are. */
  private enum Bytes implements MethodDescriptor.Marshaller<ByteString> {
    MARSHALLER;

    @Override
    public InputStream stream(ByteString value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    public ByteString parse(InputStream stream) {
      try {
        return ByteString.readFrom(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
