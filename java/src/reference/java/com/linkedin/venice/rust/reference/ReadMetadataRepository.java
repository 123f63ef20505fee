package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.VeniceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** What a client asks a server about a store; {@code ServerReadMetadataRepository} in Venice. */
final class ReadMetadataRepository {
  /** The protocol version of {@code MetadataResponseRecord}. */
  static final int METADATA_RESPONSE_V4 = 4;

  private static final Schema METADATA =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "MetadataResponseRecord",
               "namespace": "com.linkedin.venice.metadata.response", "fields": [
                {"name": "versionMetadata", "type": ["null", {
                  "name": "VersionProperties", "type": "record", "fields": [
                    {"name": "currentVersion", "type": "int"},
                    {"name": "compressionStrategy",
                     "type": {"name": "CompressionStrategy", "type": "int"}},
                    {"name": "partitionCount", "type": "int"},
                    {"name": "partitionerClass", "type": "string"},
                    {"name": "partitionerParams", "type": {"type": "map", "values": "string"}},
                    {"name": "amplificationFactor", "type": "int"},
                    {"name": "storageMode", "type": "int", "default": 0}]}], "default": null},
                {"name": "versions", "type": {"type": "array", "items": "int"}},
                {"name": "keySchema", "default": null,
                 "type": ["null", {"type": "map", "values": "string"}]},
                {"name": "valueSchemas", "default": null,
                 "type": ["null", {"type": "map", "values": "string"}]},
                {"name": "latestSuperSetValueSchemaId", "type": ["null", "int"], "default": null},
                {"name": "routingInfo", "default": null, "type": ["null", {
                  "type": "map", "values": {"type": "array", "items": "string"}}]},
                {"name": "helixGroupInfo", "default": null,
                 "type": ["null", {"type": "map", "values": "int"}]},
                {"name": "batchGetLimit", "type": "int", "default": 150},
                {"name": "externalStorageReadMode", "type": "int", "default": 0}]}\
              """);

  private final String serverCluster;
  private final StoreRepository stores;

  /** What a client is told, or why it is told nothing. */
  record Answer(byte[] body, String error) {}

  ReadMetadataRepository(String serverCluster, StoreRepository stores) {
    this.serverCluster = serverCluster;
    this.stores = stores;
  }

  /**
   * Returns {@code MetadataResponseRecord} of version 4.
   *
   * @throws UnsupportedOperationException if Fast Clients may not read the store
   */
  Answer getMetadata(String storeName) {
    try {
      Store store = stores.getStoreOrThrow(storeName);
      if (!store.storageNodeReadQuotaEnabled()) {
        throw new UnsupportedOperationException(
            "Fast client is not enabled for store: "
                + storeName
                + ", please ensure storage node read quota is enabled for the given store");
      }
      checkStore(store);
      return new Answer(metadata(store), null);
    } catch (VeniceException e) {
      return new Answer(
          null,
          "Failed to populate metadata for store: " + storeName + " due to: " + e.getMessage());
    }
  }

  /**
   * Returns {@code StorePropertiesPayloadRecord}.
   *
   * @param largestKnownSchemaId value schemas above this are told; null for all
   */
  Answer getStoreProperties(String storeName, Integer largestKnownSchemaId) {
    try {
      Store store = stores.getStoreOrThrow(storeName);
      checkStore(store);
      Map<String, String> valueSchemas = new HashMap<>();
      for (int id : store.valueSchemas().keySet()) {
        if (largestKnownSchemaId == null || id > largestKnownSchemaId) {
          valueSchemas.put(Integer.toString(id), schema(store, id));
        }
      }
      currentVersion(store);
      if (store.properties() == null) {
        throw new VeniceException("its properties are not known");
      }
      byte[] body =
          StorePropertiesPayload.serialize(
              store,
              System.currentTimeMillis(),
              keySchemas(store),
              valueSchemas,
              stores.getInstanceGroups(),
              routing(store));
      return new Answer(body, null);
    } catch (VeniceException e) {
      return new Answer(
          null,
          "Failed to populate metadata by client for store: "
              + storeName
              + " due to: "
              + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns JSON, in the order of Jackson. */
  Answer getCurrentVersion(String storeName) {
    try {
      int current = currentVersion(stores.getStoreOrThrow(storeName));
      String json = "{\"currentVersion\":" + current + ",\"message\":null,\"error\":false}";
      return new Answer(json.getBytes(StandardCharsets.UTF_8), null);
    } catch (VeniceException e) {
      return new Answer(
          null,
          "Failed to get current version for store: " + storeName + " due to: " + e.getMessage());
    }
  }

  private void checkStore(Store store) {
    if (store.migratingTo() != null && !store.migratingTo().equals(serverCluster)) {
      throw new VeniceException(
          "Store: "
              + store.name()
              + " is migrating. Failing the request to allow clients refresh cluster discovery.");
    }
  }

  private static int currentVersion(Store store) {
    if (store.currentVersion() == Store.NON_EXISTING_VERSION) {
      throw new VeniceException(
          "No valid store version available to read for store: "
              + store.name()
              + ". Please push data to the store before consuming");
    }
    return store.currentVersion();
  }

  private byte[] metadata(Store store) {
    int current = currentVersion(store);
    Store.Version version = store.version(current);
    if (version == null) {
      throw new VeniceException(
          "Store: Could not find store-version! Store: "
              + store.name()
              + "; version: "
              + current
              + ". does not exist.");
    }
    GenericRecord properties =
        new GenericData.Record(METADATA.getField("versionMetadata").schema().getTypes().get(1));
    properties.put("currentVersion", current);
    properties.put("compressionStrategy", version.compressionStrategy());
    properties.put("partitionCount", version.partitionCount());
    properties.put("partitionerClass", version.partitionerClass());
    properties.put("partitionerParams", new HashMap<>(version.partitionerParams()));
    properties.put("amplificationFactor", version.amplificationFactor());
    properties.put("storageMode", version.storageMode());
    Map<String, String> valueSchemas = new HashMap<>();
    store.valueSchemas().keySet().forEach(id -> valueSchemas.put(id.toString(), schema(store, id)));
    GenericRecord record = new GenericData.Record(METADATA);
    record.put("versionMetadata", properties);
    record.put("versions", store.versions().stream().map(Store.Version::number).toList());
    record.put("keySchema", keySchemas(store));
    record.put("valueSchemas", valueSchemas);
    record.put("latestSuperSetValueSchemaId", store.latestSuperSetValueSchemaId());
    record.put("routingInfo", routing(store));
    record.put("helixGroupInfo", new HashMap<>(stores.getInstanceGroups()));
    record.put(
        "batchGetLimit",
        store.batchGetLimit() > 0 ? store.batchGetLimit() : Store.DEFAULT_BATCH_GET_LIMIT);
    record.put("externalStorageReadMode", 0);
    return serialize(record);
  }

  private static Map<String, String> keySchemas(Store store) {
    return Map.of("1", new Schema.Parser().parse(store.keySchema()).toString());
  }

  private static Map<String, List<String>> routing(Store store) {
    if (store.routing().isEmpty()) {
      // The text of VeniceNoHelixResourceException.
      throw new VeniceException(
          "Resource '"
              + VersionTopics.composeKafkaTopic(store.name(), store.currentVersion())
              + "' does not exist");
    }
    Map<String, List<String>> routing = new HashMap<>();
    store.routing().forEach((partition, urls) -> routing.put(partition.toString(), urls));
    return routing;
  }

  private String schema(Store store, int id) {
    return stores.getValueSchema(store.name(), id).toString();
  }

  private static byte[] serialize(GenericRecord record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
