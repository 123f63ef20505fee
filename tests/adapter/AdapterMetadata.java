package com.linkedin.venice.rust.tests;

import com.linkedin.davinci.listener.response.MetadataResponse;
import com.linkedin.davinci.listener.response.StorePropertiesPayload;
import com.linkedin.davinci.storage.ReadMetadataRetriever;
import com.linkedin.venice.meta.ReadOnlySchemaRepository;
import com.linkedin.venice.schema.SchemaEntry;
import com.linkedin.venice.serializer.SerializerDeserializerFactory;
import com.linkedin.venice.systemstore.schemas.StoreKeySchemas;
import com.linkedin.venice.systemstore.schemas.StoreMetaValue;
import com.linkedin.venice.systemstore.schemas.StoreProperties;
import com.linkedin.venice.systemstore.schemas.StoreValueSchemas;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** What a Venice server answers about its stores, whichever store it is. */
final class AdapterMetadata implements ReadMetadataRetriever {
  /** Schemas of values, one by one. */
  static final ReadOnlySchemaRepository SCHEMAS =
      new ReadOnlySchemaRepository() {
        @Override
        public SchemaEntry getValueSchema(String storeName, int id) {
          if (id == 2) {
            throw new IllegalStateException("Unknown value schema id: 2");
          }
          return new SchemaEntry(id, "\"int\"");
        }

        @Override
        public SchemaEntry getSupersetOrLatestValueSchema(String storeName) {
          return new SchemaEntry(3, "\"int\"");
        }
      };

  private static final Map<CharSequence, CharSequence> KEY_SCHEMAS = Map.of("1", "\"string\"");
  private static final Map<CharSequence, CharSequence> VALUE_SCHEMAS =
      Map.of("1", "\"int\"", "3", "\"long\"");

  private final int version;

  /** Why the properties are refused; null if they are told. */
  private volatile String refusal;

  private volatile String owner = "an owner";

  /** How often the properties of a store were asked for. */
  final AtomicInteger propertiesAsked = new AtomicInteger();

  /** With the current version of all stores. */
  AdapterMetadata(int version) {
    this.version = version;
  }

  void refuseProperties(String message) {
    refusal = message;
  }

  void owner(String name) {
    owner = name;
  }

  @Override
  public MetadataResponse getMetadata(String storeName) {
    MetadataResponse answer = new MetadataResponse();
    answer.record.version.currentVersion = version;
    answer.record.keySchema.putAll(KEY_SCHEMAS);
    answer.record.valueSchemas.putAll(VALUE_SCHEMAS);
    tellReplicas(answer.record.routingInfo, answer.record.helixGroupInfo);
    return answer;
  }

  @Override
  public StorePropertiesPayload getStoreProperties(
      String storeName, Optional<Integer> largestKnownSchemaId) {
    propertiesAsked.incrementAndGet();
    StorePropertiesPayload answer = new StorePropertiesPayload();
    answer.error = refusal;
    if (refusal == null) {
      StoreKeySchemas keys = new StoreKeySchemas();
      keys.put("keySchemaMap", KEY_SCHEMAS);
      StoreValueSchemas values = new StoreValueSchemas();
      values.put("valueSchemaMap", VALUE_SCHEMAS);
      StoreMetaValue value = new StoreMetaValue();
      // Another time with each answer.
      value.put("timestamp", System.nanoTime());
      value.put("storeProperties", properties(storeName));
      value.put("storeKeySchemas", keys);
      value.put("storeValueSchemas", values);
      value.put("storeValueSchemaIdsWrittenPerStoreVersion", List.of(-1));
      answer.record.storeMetaValueAvro =
          ByteBuffer.wrap(
              SerializerDeserializerFactory.<StoreMetaValue>getAvroGenericSerializer(
                      StoreMetaValue.SCHEMA$)
                  .serialize(value));
      tellReplicas(answer.record.routingInfo, answer.record.helixGroupInfo);
    }
    return answer;
  }

  /** The record of a store, as Venice has it now. */
  StoreProperties properties(String storeName) {
    StoreProperties properties = new StoreProperties();
    properties.put("name", storeName);
    properties.put("owner", owner);
    properties.put("currentVersion", version);
    return properties;
  }

  private static void tellReplicas(
      Map<CharSequence, List<CharSequence>> routing, Map<CharSequence, Integer> groups) {
    routing.put("0", List.of("https://b:1", "https://a:1"));
    groups.put("https://a:1", 2);
  }
}
