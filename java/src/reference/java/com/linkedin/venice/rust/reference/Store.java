package com.linkedin.venice.rust.reference;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a server knows of a store.
 *
 * @param name without a version
 * @param keySchema JSON; its id is 1, as a key's schema never changes
 * @param valueSchemas JSON by ids
 * @param latestSuperSetValueSchemaId {@link #NO_SCHEMA} if there is none
 * @param readComputationEnabled whether clients may compute
 * @param storageNodeReadQuotaEnabled whether Fast Clients may read
 * @param batchGetLimit 0 or -1 for the default
 * @param migratingTo the cluster that a migration ends in; null if there is none
 * @param currentVersion {@link #NON_EXISTING_VERSION} if there is none
 * @param versions each that exists
 * @param routing URLs of the instances that serve a partition of the current version
 * @param properties null if they are not known
 */
public record Store(
    String name,
    String keySchema,
    SortedMap<Integer, String> valueSchemas,
    int latestSuperSetValueSchemaId,
    boolean readComputationEnabled,
    boolean storageNodeReadQuotaEnabled,
    int batchGetLimit,
    String migratingTo,
    int currentVersion,
    List<Version> versions,
    SortedMap<Integer, List<String>> routing,
    Properties properties) {
  /** The id of no schema. */
  public static final int NO_SCHEMA = -1;

  /** The number of no version. */
  public static final int NON_EXISTING_VERSION = 0;

  /** Keys that a batch may have unless the store says otherwise. */
  public static final int DEFAULT_BATCH_GET_LIMIT = 150;

  /**
   * A version of a store.
   *
   * @param compressionStrategy a number of {@code CompressionStrategy}
   * @param storageMode 0 for inside of Venice
   */
  public record Version(
      int number,
      int compressionStrategy,
      int partitionCount,
      String partitionerClass,
      Map<String, String> partitionerParams,
      int amplificationFactor,
      int storageMode) {
    /** Venice's default partitioner. */
    public static final String DEFAULT_PARTITIONER =
        "com.linkedin.venice.partitioner.DefaultVenicePartitioner";

    /** Returns a version as it mostly is. */
    public static Version of(int number, int compressionStrategy, int partitionCount) {
      return new Version(
          number, compressionStrategy, partitionCount, DEFAULT_PARTITIONER, Map.of(), 1, 0);
    }
  }

  /**
   * All settings of a store, for Da Vinci clients.
   *
   * @param schemaVersion the version of {@code StoreMetaValue} that they are a part of
   * @param avro the record {@code StoreProperties}
   */
  public record Properties(int schemaVersion, byte[] avro) {}

  /** Returns a builder of a store with one value schema, where clients may read and compute. */
  public static Builder builder(String name, String keySchema, String valueSchema) {
    Builder builder = new Builder(name, keySchema);
    builder.valueSchemas = new TreeMap<>(Map.of(1, valueSchema));
    return builder;
  }

  /** Returns a version by its number, or null. */
  public Version version(int number) {
    return versions.stream().filter(v -> v.number() == number).findFirst().orElse(null);
  }

  /** Makes a store, setting by setting. */
  public static final class Builder {
    private final String name;
    private final String keySchema;
    private SortedMap<Integer, String> valueSchemas = new TreeMap<>();
    private int superSetSchemaId = NO_SCHEMA;
    private boolean readComputationEnabled = true;
    private boolean storageNodeReadQuotaEnabled = true;
    private int batchGetLimit = -1;
    private String migratingTo;
    private int currentVersion = NON_EXISTING_VERSION;
    private List<Version> versions = List.of();
    private SortedMap<Integer, List<String>> routing = new TreeMap<>();
    private Properties properties;

    private Builder(String name, String keySchema) {
      this.name = name;
      this.keySchema = keySchema;
    }

    /** Sets the value schemas, and which of them is the superset, if any. */
    public Builder valueSchemas(Map<Integer, String> schemas, int superSetId) {
      valueSchemas = new TreeMap<>(schemas);
      superSetSchemaId = superSetId;
      return this;
    }

    /** Sets whether clients may compute. */
    public Builder readComputationEnabled(boolean enabled) {
      readComputationEnabled = enabled;
      return this;
    }

    /** Sets whether Fast Clients may read. */
    public Builder storageNodeReadQuotaEnabled(boolean enabled) {
      storageNodeReadQuotaEnabled = enabled;
      return this;
    }

    /** Sets the limit of keys in a batch. */
    public Builder batchGetLimit(int keys) {
      batchGetLimit = keys;
      return this;
    }

    /** Sets the cluster that the store moves to. */
    public Builder migratingTo(String cluster) {
      migratingTo = cluster;
      return this;
    }

    /** Sets the versions, and which of them is read. */
    public Builder versions(int current, Version... all) {
      currentVersion = current;
      versions = List.of(all);
      return this;
    }

    /** Sets who serves the partitions of the current version. */
    public Builder routing(Map<Integer, List<String>> instances) {
      routing = new TreeMap<>(instances);
      return this;
    }

    /** Sets what Da Vinci clients ask for. */
    public Builder properties(Properties all) {
      properties = all;
      return this;
    }

    /** Returns the store. */
    public Store build() {
      return new Store(
          name,
          keySchema,
          valueSchemas,
          superSetSchemaId,
          readComputationEnabled,
          storageNodeReadQuotaEnabled,
          batchGetLimit,
          migratingTo,
          currentVersion,
          versions,
          routing,
          properties);
    }
  }
}
