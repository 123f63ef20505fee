package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.VeniceException;
import com.linkedin.venice.exceptions.VeniceNoStoreException;
import com.linkedin.venice.rust.reference.compute.ValueReader;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;

/**
 * What a Venice server knows of its cluster's stores: there it is read from ZooKeeper, here it is
 * put. It is Venice's repositories of stores, of schemas, of routes and of instances in one.
 * Thread-safe.
 */
public final class StoreRepository {
  private final String clusterName;
  private final Map<String, Known> stores = new ConcurrentHashMap<>();
  private volatile Map<String, Integer> instanceGroups = Map.of();

  /** A store, and what was made of its schemas. */
  private static final class Known {
    final Store store;
    final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    Known(Store store) {
      this.store = store;
      store.valueSchemas().forEach((id, text) -> schemas.put(id, new Schema.Parser().parse(text)));
    }

    Schema schema(int id) {
      Schema schema = schemas.get(id);
      if (schema == null) {
        // In Venice the entry is null, and what the JVM says of that is the answer.
        throw new NullPointerException("no value schema " + id + " of store " + store.name());
      }
      return schema;
    }
  }

  /** Makes an empty one. */
  public StoreRepository(String clusterName) {
    this.clusterName = clusterName;
  }

  /** Puts a store in the place of one of its name. */
  public void put(Store store) {
    stores.put(store.name(), new Known(store));
  }

  /** Removes a store, if there is one of this name. */
  public void remove(String storeName) {
    stores.remove(storeName);
  }

  /** Sets the Helix group of each instance, by URL. */
  public void setInstanceGroups(Map<String, Integer> groups) {
    instanceGroups = Map.copyOf(groups);
  }

  String clusterName() {
    return clusterName;
  }

  Map<String, Integer> getInstanceGroups() {
    return instanceGroups;
  }

  /** Returns a store, or null. */
  Store getStore(String storeName) {
    Known known = stores.get(storeName);
    return known == null ? null : known.store;
  }

  Store getStoreOrThrow(String storeName) {
    return known(storeName).store;
  }

  /**
   * Returns the schema that values are read with unless a client says another; its id.
   *
   * @throws VeniceException if the store has no value schema
   */
  int getSupersetOrLatestValueSchemaId(String storeName) {
    Store store = known(storeName).store;
    if (store.latestSuperSetValueSchemaId() != Store.NO_SCHEMA) {
      return store.latestSuperSetValueSchemaId();
    }
    return store.valueSchemas().keySet().stream()
        .max(Integer::compare)
        .orElseThrow(() -> new VeniceException(storeName + " doesn't have latest schema!"));
  }

  /** Returns a value schema by its id. */
  Schema getValueSchema(String storeName, int id) {
    return known(storeName).schema(id);
  }

  /** Returns a new reader of values that were written with one schema, as another has them. */
  ValueReader newReader(String storeName, int writerSchemaId, int readerSchemaId) {
    Known known = known(storeName);
    return new ValueReader(known.schema(writerSchemaId), known.schema(readerSchemaId));
  }

  private Known known(String storeName) {
    Known known = stores.get(storeName);
    if (known == null) {
      throw new VeniceNoStoreException(storeName, clusterName);
    }
    return known;
  }
}
