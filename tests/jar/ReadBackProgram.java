package com.linkedin.venice.rust.tests;

import com.google.protobuf.ByteString;
import com.linkedin.venice.protocols.VeniceClientRequest;
import com.linkedin.venice.protocols.VeniceServerResponse;
import com.linkedin.venice.rust.ReadAccessDecision;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerMetric;
import com.linkedin.venice.rust.RustReadServer;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Uses our classes as a Venice server does, on the Java that runs this, which may be as old as 8:
 * loads each of them, writes a store version through {@code org.rocksdb}, and reads it back over
 * gRPC. Itself compiled for Java 8, as are the libraries that it needs.
 */
public final class ReadBackProgram {
  private static final String RESOURCE = "rows_v1";
  private static final int PARTITION = 0;
  private static final int SCHEMA_ID = 1;
  private static final int ROWS = 1_000;

  /** The code of a successful answer. */
  private static final int OK = 200;

  private static final MethodDescriptor<VeniceClientRequest, VeniceServerResponse> GET =
      method("get");
  private static final MethodDescriptor<VeniceClientRequest, VeniceServerResponse> BATCH_GET =
      method("batchGet");

  private ReadBackProgram() {}

  /**
   * Runs it, and prints one line that says how much came back.
   *
   * @param arguments the folder for the database, which must be empty
   */
  public static void main(String[] arguments) throws Exception {
    Path folder = new File(arguments[0]).toPath().resolve(RESOURCE);
    Files.createDirectories(folder);
    int classes = loadOurClasses();
    checkSettings();
    ReadServerConfig config =
        ReadServerConfig.fromSettings(Collections.singletonMap("bind.address", "127.0.0.1"));
    try (Options options = new Options().setCreateIfMissing(true);
        RocksDB database =
            RocksDB.open(options, folder.resolve(RESOURCE + "_" + PARTITION).toString())) {
      write(database);
      int single;
      int batch;
      try (RustReadServer server = RustReadServer.start(config)) {
        server.setStoreQuota(RESOURCE, 1_000_000, 1);
        ManagedChannel channel = connect(server);
        try {
          single = singleGets(channel);
          batch = batchGet(channel);
        } finally {
          channel.shutdownNow();
        }
        checkMetrics(server);
      }
      checkAccessControl(config);
      System.out.printf(
          "Java %s: %d classes loaded; %d of %d values equal by single get, %d by batch" + " get%n",
          System.getProperty("java.version"), classes, single, ROWS, batch);
    }
  }

  private static int loadOurClasses() throws Exception {
    File file =
        new File(RustReadServer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    int loaded = 0;
    try (JarFile jar = new JarFile(file)) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        if (entry.getName().matches("com/linkedin/venice/rust/[^/]+\\.class")) {
          Class.forName(entry.getName().replaceAll("\\.class$", "").replace('/', '.'));
          loaded++;
        }
      }
    }
    return loaded;
  }

  private static void checkSettings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("bind.address", " ");
    try {
      ReadServerConfig.fromSettings(settings);
    } catch (IllegalArgumentException e) {
      check(e.getMessage().startsWith("bind.address is blank"), e.getMessage());
      return;
    }
    check(false, "a blank address was accepted");
  }

  private static void write(RocksDB database) throws RocksDBException {
    for (int row = 0; row < ROWS; row++) {
      byte[] payload = payload(row);
      database.put(
          key(row), ByteBuffer.allocate(4 + payload.length).putInt(SCHEMA_ID).put(payload).array());
    }
    try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
      database.flush(options);
    }
  }

  private static int singleGets(ManagedChannel channel) {
    int equal = 0;
    for (int row = 0; row < ROWS; row++) {
      VeniceServerResponse answer = call(channel, GET, singleGet(row));
      check(answer.getErrorCode() == OK, answer);
      boolean same = Arrays.equals(answer.getData().toByteArray(), payload(row));
      equal += same && answer.getSchemaId() == SCHEMA_ID ? 1 : 0;
    }
    return equal;
  }

  private static int batchGet(ManagedChannel channel) throws IOException {
    ByteArrayOutputStream keys = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(keys, null);
    for (int row = 0; row < ROWS; row++) {
      // MultiGetRouterRequestKeyV1.
      encoder.writeInt(row);
      encoder.writeBytes(key(row));
      encoder.writeInt(PARTITION);
    }
    encoder.flush();
    VeniceServerResponse answer =
        call(
            channel,
            BATCH_GET,
            VeniceClientRequest.newBuilder()
                .setResourceName(RESOURCE)
                .setMethod("POST")
                .setIsBatchRequest(true)
                .setKeyBytes(ByteString.copyFrom(keys.toByteArray()))
                .build());
    check(answer.getErrorCode() == OK, answer);
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(answer.getData().toByteArray(), null);
    int equal = 0;
    while (!decoder.isEnd()) {
      // MultiGetResponseRecordV1.
      int row = decoder.readInt();
      ByteBuffer value = decoder.readBytes(null);
      boolean same = value.equals(ByteBuffer.wrap(payload(row)));
      equal += decoder.readInt() == SCHEMA_ID && same ? 1 : 0;
    }
    return equal;
  }

  private static void checkMetrics(RustReadServer server) {
    long keys = 0;
    for (ReadServerMetric metric : server.metrics()) {
      check(
          metric.equals(new ReadServerMetric(metric.name(), metric.dimensions(), metric.value())),
          metric);
      if (metric.name().equals("read.quota.key.count")
          && metric.dimensions().containsValue(RESOURCE)) {
        keys += metric.value();
      }
    }
    check(keys == 2 * ROWS, server.metrics());
  }

  /** Without TLS an access controller lets nobody read; it is asked by threads of Java's. */
  private static void checkAccessControl(ReadServerConfig config) {
    try (RustReadServer server =
        RustReadServer.start(config, (certificate, store, method) -> ReadAccessDecision.GRANTED)) {
      ManagedChannel channel = connect(server);
      try {
        call(channel, GET, singleGet(0));
        check(false, "an unknown client was served");
      } catch (StatusRuntimeException e) {
        check(e.getStatus().getCode() == Status.Code.PERMISSION_DENIED, e);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static void check(boolean holds, Object found) {
    if (!holds) {
      throw new AssertionError(String.valueOf(found));
    }
  }

  private static ManagedChannel connect(RustReadServer server) {
    return Grpc.newChannelBuilder("127.0.0.1:" + server.port(), InsecureChannelCredentials.create())
        .build();
  }

  private static VeniceClientRequest singleGet(int row) {
    return VeniceClientRequest.newBuilder()
        .setResourceName(RESOURCE)
        .setMethod("GET")
        .setPartition(PARTITION)
        .setKeyString(Base64.getUrlEncoder().encodeToString(key(row)) + "?f=b64")
        .build();
  }

  private static VeniceServerResponse call(
      ManagedChannel channel,
      MethodDescriptor<VeniceClientRequest, VeniceServerResponse> method,
      VeniceClientRequest request) {
    return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
  }

  private static MethodDescriptor<VeniceClientRequest, VeniceServerResponse> method(String name) {
    return MethodDescriptor.<VeniceClientRequest, VeniceServerResponse>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName("com.linkedin.venice.protocols.VeniceReadService/" + name)
        .setRequestMarshaller(ProtoUtils.marshaller(VeniceClientRequest.getDefaultInstance()))
        .setResponseMarshaller(ProtoUtils.marshaller(VeniceServerResponse.getDefaultInstance()))
        .build();
  }

  private static byte[] key(int row) {
    return ByteBuffer.allocate(8).putLong(row).array();
  }

  private static byte[] payload(int row) {
    return ("value of row " + row).getBytes(StandardCharsets.UTF_8);
  }
}
