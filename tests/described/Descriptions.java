package com.linkedin.venice.rust.tests.described;

import com.linkedin.venice.rust.StoreDescription;
import com.linkedin.venice.rust.StoreVersionDescription;
import com.linkedin.venice.rust.reference.Store;
import com.linkedin.venice.rust.testing.HostedStoreVersions;
import com.linkedin.venice.rust.testing.StoreVersion;
import java.util.List;
import java.util.Map;

/** What the reference server knows of a store, as it is told to the Rust server. */
public final class Descriptions {
  /** By the numbers of Venice's {@code CompressionStrategy}. */
  private static final List<String> STRATEGIES = List.of("NO_OP", "GZIP", "ZSTD", "ZSTD_WITH_DICT");

  private Descriptions() {}

  /**
   * Returns the description of a store.
   *
   * @param cluster the one that the server is in
   * @param groups Helix groups of instances, by URL
   */
  public static StoreDescription of(Store store, String cluster, Map<String, Integer> groups) {
    return of(store, cluster, groups, resource -> null);
  }

  /**
   * Returns the description of a store.
   *
   * @param cluster the one that the server is in
   * @param groups Helix groups of instances, by URL
   * @param hosted where the dictionaries are of versions whose values are compressed with one
   */
  public static StoreDescription of(
      Store store, String cluster, Map<String, Integer> groups, HostedStoreVersions hosted) {
    StoreDescription.Builder builder =
        StoreDescription.of(store.name())
            .keySchema(1, store.keySchema())
            .supersetSchemaId(store.latestSuperSetValueSchemaId())
            .readComputeEnabled(store.readComputationEnabled())
            .storageNodeReadQuotaEnabled(store.storageNodeReadQuotaEnabled())
            .batchGetLimit(store.batchGetLimit())
            .moved(store.migratingTo() != null && !store.migratingTo().equals(cluster))
            .currentVersion(store.currentVersion());
    store.valueSchemas().forEach(builder::valueSchema);
    for (Store.Version version : store.versions()) {
      StoreVersionDescription.Builder described =
          StoreVersionDescription.of(version.number(), version.partitionCount())
              .partitioner(
                  version.partitionerClass(),
                  version.partitionerParams(),
                  version.amplificationFactor())
              .compression(STRATEGIES.get(version.compressionStrategy()))
              .storageMode(version.storageMode());
      // Read compute takes dictionaries from descriptions alone.
      StoreVersion open = hosted.find(store.name() + "_v" + version.number());
      byte[] dictionary = open == null ? null : open.config().dictionary();
      builder.version((dictionary == null ? described : described.dictionary(dictionary)).build());
    }
    store.routing().forEach(builder::replicas);
    groups.forEach(builder::helixGroup);
    if (store.properties() != null) {
      builder.properties(store.properties().schemaVersion(), store.properties().avro());
    }
    return builder.build();
  }
}
