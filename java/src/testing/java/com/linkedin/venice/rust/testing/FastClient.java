package com.linkedin.venice.rust.testing;

import com.linkedin.venice.rust.testing.GrpcTransport.Answer;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A client of one store version that speaks the wire as Venice's Fast Client does over gRPC.
 *
 * <p>Requests are those of {@link ReadRequests}, answers are read as {@code GrpcTransportClient}
 * reads them, and a batch is split as in {@code DispatchingAvroGenericStoreClient}: one request for
 * each server, with the keys of all its partitions, numbered from 0 in each request.
 *
 * <p>It differs where the real client would hide a fault of a server: a record with an index or a
 * schema id that was not asked for hangs the real client until its route times out, and an answer
 * "key not found" to a batch ends in a NullPointerException. Here both are a {@link
 * VeniceClientException} at once. There is no retry and no health check, and keys and values are
 * bytes. Thread-safe.
 */
public final class FastClient implements AutoCloseable {
  /** The limit of keys in a batch that a Venice store has unless its owner changes it. */
  public static final int DEFAULT_BATCH_GET_LIMIT = 150;

  private static final int MULTI_GET_PROTOCOL_VERSION = 1;

  /** Far above any answer's time: a read that is never answered fails the test, not the build. */
  private static final long HANG_GUARD_SECONDS = 120;

  private final StoreRoutes routes;
  private final int batchGetLimit;
  private final GrpcTransport transport;

  /** Creates a client with Venice's default limit of keys in a batch. */
  public FastClient(StoreRoutes routes) {
    this(routes, DEFAULT_BATCH_GET_LIMIT);
  }

  /** Creates a client that refuses batches of more than {@code batchGetLimit} keys. */
  public FastClient(StoreRoutes routes, int batchGetLimit) {
    this(routes, batchGetLimit, InsecureChannelCredentials.create());
  }

  /** Creates a client whose connections are made with {@code credentials}. */
  public FastClient(StoreRoutes routes, int batchGetLimit, ChannelCredentials credentials) {
    this.routes = routes;
    this.batchGetLimit = batchGetLimit;
    this.transport = new GrpcTransport(credentials);
  }

  /**
   * Reads one key.
   *
   * @return the value, or null if the key does not exist
   * @throws VeniceClientException if the read failed
   */
  public StoredValue get(byte[] key) {
    return await(getAsync(key));
  }

  /** Starts to read one key; see {@link #get}. */
  public CompletableFuture<StoredValue> getAsync(byte[] key) {
    int partition = VenicePartitioner.partition(key, routes.partitionCount());
    return transport
        .get(
            routes.address().apply(partition),
            ReadRequests.singleGet(routes.resource(), partition, key))
        .thenApply(
            answer ->
                answer == null
                    ? null
                    : new StoredValue(
                        answer.schemaId(),
                        compressor(answer.compression()).decompress(answer.data())));
  }

  /**
   * Reads several keys.
   *
   * @return one entry for each key, in the order of {@code keys}; null where the key does not exist
   * @throws VeniceClientException if the read of any key failed
   */
  public List<StoredValue> batchGet(List<byte[]> keys) {
    return await(batchGetAsync(keys));
  }

  /** Starts to read several keys; see {@link #batchGet}. */
  public CompletableFuture<List<StoredValue>> batchGetAsync(List<byte[]> keys) {
    if (keys.size() > batchGetLimit) {
      return CompletableFuture.failedFuture(
          new VeniceKeyCountLimitException(keys.size(), batchGetLimit));
    }
    Map<String, Route> byAddress = new LinkedHashMap<>();
    for (int position = 0; position < keys.size(); position++) {
      byte[] key = keys.get(position);
      int partition = VenicePartitioner.partition(key, routes.partitionCount());
      byAddress
          .computeIfAbsent(routes.address().apply(partition), Route::new)
          .add(position, key, partition);
    }
    StoredValue[] values = new StoredValue[keys.size()];
    CompletableFuture<?>[] answers =
        byAddress.values().stream()
            .map(route -> send(route).thenAccept(answer -> fill(values, route, answer)))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(answers)
        .thenApply(done -> new ArrayList<>(Arrays.asList(values)));
  }

  /** Closes the connections; requests in flight fail. */
  @Override
  public void close() {
    transport.close();
  }

  /** The part of a batch that goes to one server. */
  private static final class Route {
    final String address;
    final List<MultiGetRecords.Key> keys = new ArrayList<>();

    /** For each key of this route, its position in the caller's list. */
    final List<Integer> positions = new ArrayList<>();

    Route(String address) {
      this.address = address;
    }

    void add(int position, byte[] key, int partition) {
      keys.add(new MultiGetRecords.Key(keys.size(), key, partition));
      positions.add(position);
    }
  }

  private CompletableFuture<Answer> send(Route route) {
    return transport.batchGet(
        route.address,
        ReadRequests.batchGet(routes.resource(), MultiGetRecords.encodeKeys(route.keys)));
  }

  /** Puts the records of one answer to their places. */
  private void fill(StoredValue[] values, Route route, Answer answer) {
    if (answer == null) {
      throw new VeniceClientException("a batch get was answered with \"key not found\"");
    }
    if (answer.schemaId() != MULTI_GET_PROTOCOL_VERSION) {
      throw new VeniceClientException(
          "a batch get was answered in protocol version " + answer.schemaId() + ", not 1");
    }
    Compressor compressor = compressor(answer.compression());
    for (MultiGetRecords.Value record : MultiGetRecords.decodeValues(answer.data())) {
      int index = record.keyIndex();
      if (index < 0 || index >= route.positions.size()) {
        throw new VeniceClientException(
            "a batch get of " + route.positions.size() + " keys was answered for key " + index);
      }
      if (record.schemaId() <= 0) {
        throw new VeniceClientException(
            "key " + index + " of a batch get was answered with schema id " + record.schemaId());
      }
      int position = route.positions.get(index);
      if (values[position] != null) {
        throw new VeniceClientException("key " + index + " of a batch get was answered twice");
      }
      values[position] = new StoredValue(record.schemaId(), compressor.decompress(record.value()));
    }
  }

  private Compressor compressor(CompressionStrategy strategy) {
    if (strategy == CompressionStrategy.ZSTD_WITH_DICT && routes.dictionary() == null) {
      throw new VeniceClientException(
          routes.resource() + " is compressed with a dictionary that this client was not given");
    }
    return Compressor.of(strategy, routes.dictionary());
  }

  /** Waits, and throws the failure itself rather than its wrapping. */
  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      while (cause instanceof CompletionException && cause.getCause() != null) {
        cause = cause.getCause();
      }
      if (cause instanceof VeniceClientException failure) {
        throw failure;
      }
      throw new VeniceClientException("the read failed: " + cause, cause);
    } catch (TimeoutException e) {
      throw new VeniceClientException("no answer in " + HANG_GUARD_SECONDS + " seconds", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VeniceClientException("interrupted while waiting for an answer", e);
    }
  }
}
