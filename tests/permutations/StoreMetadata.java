package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import io.grpc.ChannelCredentials;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/**
 * What a client knows of a store. Venice's client fetches it from a server by HTTP; here it is made
 * by hand.
 *
 * @param config the current version: name, partitions, compression
 * @param valueSchemas by their ids; values are read as the one with the largest id
 * @param replicas {@code host:port}; each has every partition
 * @param credentials what servers are connected to with
 * @param batchGetLimit keys that a batch may have
 */
record StoreMetadata(
    StoreVersionConfig config,
    Map<Integer, Schema> valueSchemas,
    List<String> replicas,
    ChannelCredentials credentials,
    int batchGetLimit) {

  static StoreMetadata of(
      TestStores.Store store, List<String> replicas, ChannelCredentials credentials) {
    return new StoreMetadata(
        store.config(),
        store.valueSchemas(),
        replicas,
        credentials,
        FastClient.DEFAULT_BATCH_GET_LIMIT);
  }

  StoreMetadata withBatchGetLimit(int limit) {
    return new StoreMetadata(config, valueSchemas, replicas, credentials, limit);
  }

  /** Returns the replica that is asked first for a partition. */
  int firstReplica(int partition) {
    return partition % replicas.size();
  }

  /** Returns the schema that values are read as. */
  Schema latestValueSchema() {
    return new TreeMap<>(valueSchemas).lastEntry().getValue();
  }
}
