package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.VeniceClientException;
import com.linkedin.venice.rust.testing.VeniceClientRateExceededException;
import com.linkedin.venice.rust.testing.VeniceKeyCountLimitException;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import com.linkedin.venice.rust.tests.permutations.Permutation.Read;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;

/**
 * A Fast Client of one store, with string keys and Avro values: what Venice's {@code
 * AvroGenericStoreClient} and {@code AvroSpecificStoreClient} are to their callers, with long-tail
 * retry and load control if asked for. Thread-safe.
 *
 * @param <V> the values
 */
final class AvroStoreClient<V> implements AutoCloseable {
  private static final long HANG_GUARD_SECONDS = 120;

  private final StoreMetadata metadata;
  private final Read read;
  private final GenericData model;
  private final Duration retryThreshold;
  private final LoadController loadController;
  private final ClientStats stats = new ClientStats();
  private final List<ReplicaClient> replicas = new ArrayList<>();
  private final ExecutorService streamReaders = Executors.newCachedThreadPool(this::thread);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(this::thread);

  /** Hears of the keys of a batch as they are answered, from any thread. */
  interface StreamingCallback<V> {
    /** Called once for each key; {@code value} is null if the key does not exist. */
    void onRecordReceived(String key, V value);

    /** Called once, at the end; empty if every key was answered. */
    void onCompletion(Optional<Throwable> failure);
  }

  /** The keys of a batch that have values, and those that do not exist. */
  record ResponseMap<V>(Map<String, V> values, Set<String> nonExistingKeys) {
    int totalEntryCount() {
      return values.size() + nonExistingKeys.size();
    }
  }

  private AvroStoreClient(
      StoreMetadata metadata,
      Read read,
      GenericData model,
      Duration retryThreshold,
      LoadController loadController) {
    this.metadata = metadata;
    this.read = read;
    this.model = model;
    this.retryThreshold = retryThreshold;
    this.loadController = loadController;
    for (String address : metadata.replicas()) {
      replicas.add(
          new ReplicaClient(
              metadata.config(), read, address, metadata.credentials(), streamReaders));
    }
  }

  /** Returns a client whose values are generic records, or what else their schema makes them. */
  static <V> AvroStoreClient<V> generic(StoreMetadata metadata, Read read) {
    return new AvroStoreClient<>(metadata, read, GenericData.get(), null, null);
  }

  /** Returns a client whose values are of the class that their schema names. */
  static <V> AvroStoreClient<V> specific(StoreMetadata metadata, Read read) {
    return new AvroStoreClient<>(metadata, read, SpecificData.get(), null, null);
  }

  /** Returns a generic client that asks a second replica after so long; zero: at once. */
  static <V> AvroStoreClient<V> retrying(StoreMetadata metadata, Read read, Duration threshold) {
    return new AvroStoreClient<>(metadata, read, GenericData.get(), threshold, null);
  }

  /** Returns a generic client that spares a store which is overloaded. */
  static <V> AvroStoreClient<V> loadControlled(StoreMetadata metadata, Read read) {
    return new AvroStoreClient<>(metadata, read, GenericData.get(), null, new LoadController());
  }

  ClientStats stats() {
    return stats;
  }

  /** Returns the value of a key, or null. */
  V get(String key) {
    return await(getAsync(key));
  }

  /** Starts to read a key. */
  CompletableFuture<V> getAsync(String key) {
    try {
      begin(1);
    } catch (VeniceClientException e) {
      return CompletableFuture.failedFuture(e);
    }
    byte[] bytes = SampleRows.avroString(key);
    int partition = VenicePartitioner.partition(bytes, metadata.config().partitionCount());
    int first = metadata.firstReplica(partition);
    return retried(
            () -> replicas.get(first).get(bytes), () -> replicas.get(after(first)).get(bytes))
        .handle(
            (stored, failure) -> {
              if (failure != null) {
                refused(failure);
                throw new CompletionException(RetriedRequest.cause(failure));
              }
              V value = stored == null ? null : decode(stored);
              end(value == null ? 0 : 1);
              return value;
            });
  }

  /**
   * Returns the values of the keys that exist: by as many single gets at the same time, or in one
   * batch.
   */
  Map<String, V> read(Collection<String> keys) {
    if (read != Read.SINGLE_GET) {
      return batchGet(keys);
    }
    Map<String, CompletableFuture<V>> answers = new LinkedHashMap<>();
    keys.forEach(key -> answers.put(key, getAsync(key)));
    await(CompletableFuture.allOf(answers.values().toArray(CompletableFuture<?>[]::new)));
    Map<String, V> values = new LinkedHashMap<>();
    answers.forEach(
        (key, answer) -> {
          V value = answer.join();
          if (value != null) {
            values.put(key, value);
          }
        });
    return values;
  }

  /** Returns the values of the keys that exist. */
  Map<String, V> batchGet(Collection<String> keys) {
    return streamingBatchGet(keys).values();
  }

  /** Returns the values, and the keys that do not exist. */
  ResponseMap<V> streamingBatchGet(Collection<String> keys) {
    Map<String, V> values = new ConcurrentHashMap<>();
    Set<String> nonExisting = ConcurrentHashMap.newKeySet();
    await(
        streamingBatchGet(
            keys,
            new StreamingCallback<>() {
              @Override
              public void onRecordReceived(String key, V value) {
                if (value == null) {
                  nonExisting.add(key);
                } else {
                  values.put(key, value);
                }
              }

              @Override
              public void onCompletion(Optional<Throwable> failure) {}
            }));
    return new ResponseMap<>(values, nonExisting);
  }

  /** Reads keys for a callback; the future completes after it was called for the last time. */
  CompletableFuture<Void> streamingBatchGet(
      Collection<String> keys, StreamingCallback<V> callback) {
    Set<String> distinct = new LinkedHashSet<>(keys);
    if (distinct.size() > metadata.batchGetLimit()) {
      throw new VeniceKeyCountLimitException(distinct.size(), metadata.batchGetLimit());
    }
    begin(distinct.size());
    Map<Integer, List<String>> byReplica = new LinkedHashMap<>();
    for (String key : distinct) {
      int partition =
          VenicePartitioner.partition(
              SampleRows.avroString(key), metadata.config().partitionCount());
      byReplica.computeIfAbsent(metadata.firstReplica(partition), r -> new ArrayList<>()).add(key);
    }
    stats.largestFanout.accumulateAndGet(byReplica.size(), Math::max);
    Answered answered = new Answered(callback);
    List<CompletableFuture<Void>> routes = new ArrayList<>();
    byReplica.forEach(
        (first, routeKeys) ->
            routes.add(
                retried(
                    () -> send(first, routeKeys, answered),
                    () -> send(after(first), answered.pending(routeKeys), answered))));
    return CompletableFuture.allOf(routes.toArray(CompletableFuture<?>[]::new))
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                end(answered.found());
              } else {
                refused(failure);
              }
              callback.onCompletion(Optional.ofNullable(failure).map(RetriedRequest::cause));
            });
  }

  /** Closes the connections; requests in flight fail. */
  @Override
  public void close() {
    replicas.forEach(ReplicaClient::close);
    timer.shutdownNow();
    streamReaders.shutdownNow();
  }

  /** The keys of a batch that were answered, by whichever replica came first. */
  private final class Answered {
    private final StreamingCallback<V> callback;
    private final Set<String> keys = new HashSet<>();
    private int found;

    Answered(StreamingCallback<V> callback) {
      this.callback = callback;
    }

    void received(String key, StoredValue stored) {
      V value = stored == null ? null : decode(stored);
      synchronized (this) {
        if (keys.add(key)) {
          found += value == null ? 0 : 1;
          callback.onRecordReceived(key, value);
        }
      }
    }

    synchronized List<String> pending(List<String> all) {
      return all.stream().filter(key -> !keys.contains(key)).collect(Collectors.toList());
    }

    synchronized int found() {
      return found;
    }
  }

  private CompletableFuture<Void> send(int replica, List<String> keys, Answered answered) {
    if (keys.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    return replicas
        .get(replica)
        .batchGet(
            keys.stream().map(SampleRows::avroString).toList(),
            (index, value) -> answered.received(keys.get(index), value));
  }

  private <T> CompletableFuture<T> retried(
      Supplier<CompletableFuture<T>> first, Supplier<CompletableFuture<T>> second) {
    if (retryThreshold == null) {
      return first.get();
    }
    RetriedRequest<T> request = new RetriedRequest<>(first, second, stats);
    if (retryThreshold.isZero()) {
      request.atOnce();
    } else {
      timer.schedule(request::longTail, retryThreshold.toNanos(), TimeUnit.NANOSECONDS);
    }
    return request.answer();
  }

  private int after(int replica) {
    return (replica + 1) % replicas.size();
  }

  private void begin(int keys) {
    stats.requests.incrementAndGet();
    stats.requestKeys.addAndGet(keys);
    if (loadController != null && loadController.shouldReject()) {
      stats.rejectedByLoadController.incrementAndGet();
      throw new VeniceClientException("the store is overloaded: the client did not ask it");
    }
  }

  private void end(int found) {
    stats.healthyRequests.incrementAndGet();
    stats.foundKeys.addAndGet(found);
    if (loadController != null) {
      loadController.accepted();
    }
  }

  private void refused(Throwable failure) {
    if (RetriedRequest.cause(failure) instanceof VeniceClientRateExceededException) {
      stats.rateExceeded.incrementAndGet();
      if (loadController != null) {
        loadController.refused();
      }
    }
  }

  private V decode(StoredValue stored) {
    Schema writer = metadata.valueSchemas().get(stored.schemaId());
    if (writer == null) {
      throw new VeniceClientException("the store has no value schema " + stored.schemaId());
    }
    @SuppressWarnings("unchecked") // The caller says of which class the schema's values are.
    DatumReader<V> reader = model.createDatumReader(writer, metadata.latestValueSchema());
    try {
      return reader.read(null, DecoderFactory.get().binaryDecoder(stored.payload(), null));
    } catch (IOException | RuntimeException e) {
      throw new VeniceClientException("a value is not of schema " + stored.schemaId(), e);
    }
  }

  private <T> T await(CompletableFuture<T> answer) {
    try {
      return answer.get(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = RetriedRequest.cause(e.getCause());
      throw cause instanceof VeniceClientException failure
          ? failure
          : new VeniceClientException("the read failed: " + cause, cause);
    } catch (TimeoutException e) {
      throw new VeniceClientException("no answer in " + HANG_GUARD_SECONDS + " seconds", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VeniceClientException("interrupted while waiting for an answer", e);
    }
  }

  private Thread thread(Runnable work) {
    Thread thread = new Thread(work, "store-client");
    thread.setDaemon(true);
    return thread;
  }
}
