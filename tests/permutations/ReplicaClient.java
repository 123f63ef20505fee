package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.protocols.StreamingBatchGetFooter;
import com.linkedin.venice.rust.protocols.StreamingBatchGetResponse;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.MultiGetRecords;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.StreamingCall;
import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Asks one replica of a store version, by one of the calls. Thread-safe. */
final class ReplicaClient implements AutoCloseable {
  private static final int OK = 200;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final long CLOSE_SECONDS = 30;

  private final StoreVersionConfig config;
  private final Read read;
  private final Executor streamReaders;
  private final FastClient unary;
  private final ManagedChannel streaming;

  /** Is told of each key of a batch that has an answer; {@code value} is null if it is missing. */
  interface Receiver {
    void received(int keyIndex, StoredValue value);
  }

  /** Creates a client; streams are read on {@code streamReaders}, one thread for each. */
  ReplicaClient(
      StoreVersionConfig config,
      Read read,
      String address,
      ChannelCredentials credentials,
      Executor streamReaders) {
    this.config = config;
    this.read = read;
    this.streamReaders = streamReaders;
    StoreRoutes routes =
        StoreRoutes.oneServer(config.resource(), config.partitionCount(), address)
            .withDictionary(config.dictionary());
    // The limit of keys is checked before the batch is split.
    unary = new FastClient(routes, Integer.MAX_VALUE, credentials);
    streaming =
        read == Read.STREAMING_BATCH_GET
            ? Grpc.newChannelBuilder(address, credentials).build()
            : null;
  }

  CompletableFuture<StoredValue> get(byte[] key) {
    return unary.getAsync(key);
  }

  /** Reads keys; {@code receiver} hears of each before the future completes. */
  CompletableFuture<Void> batchGet(List<byte[]> keys, Receiver receiver) {
    if (read == Read.STREAMING_BATCH_GET) {
      return CompletableFuture.runAsync(() -> stream(keys, receiver), streamReaders);
    }
    return unary
        .batchGetAsync(keys)
        .thenAccept(
            values -> {
              for (int index = 0; index < values.size(); index++) {
                receiver.received(index, values.get(index));
              }
            });
  }

  private void stream(List<byte[]> keys, Receiver receiver) {
    try (StreamingCall call = new StreamingCall(streaming)) {
      call.ask(StreamingCall.request(1, config.resource(), config.partitionCount(), keys));
      call.end();
      call.responses(1, response -> receive(response, receiver));
    }
  }

  private void receive(StreamingBatchGetResponse response, Receiver receiver) {
    Compressor compressor =
        Compressor.of(
            CompressionStrategy.of(response.getCompressionStrategy()), config.dictionary());
    for (MultiGetRecords.Value record :
        MultiGetRecords.decodeValues(response.getRecords().toByteArray())) {
      if (record.schemaId() == MultiGetRecords.NON_EXISTING_KEY_SCHEMA_ID) {
        receiver.received(-record.keyIndex(), null);
      } else {
        receiver.received(
            record.keyIndex(),
            new StoredValue(record.schemaId(), compressor.decompress(record.value())));
      }
    }
    if (response.hasFooter()) {
      check(response.getFooter());
    }
  }

  /** As {@code GrpcTransportClient} reads the error codes of a unary answer. */
  private static void check(StreamingBatchGetFooter footer) {
    switch (footer.getErrorCode()) {
      case OK -> {}
      case TOO_MANY_REQUESTS ->
          throw new VeniceClientRateExceededException(footer.getErrorMessage());
      default ->
          throw new VeniceClientException(
              "An unexpected error occurred with status code: "
                  + footer.getErrorCode()
                  + ", message: "
                  + footer.getErrorMessage());
    }
  }

  /** Closes the connections; what is being read fails. */
  @Override
  public void close() {
    unary.close();
    if (streaming != null) {
      streaming.shutdownNow();
      try {
        streaming.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
