package com.linkedin.venice.rust.adapter;

import com.linkedin.davinci.listener.response.StorePropertiesPayload;
import com.linkedin.davinci.storage.ReadMetadataRetriever;
import com.linkedin.venice.metadata.payload.StorePropertiesPayloadRecord;
import com.linkedin.venice.serializer.RecordDeserializer;
import com.linkedin.venice.serializer.RecordSerializer;
import com.linkedin.venice.serializer.SerializerDeserializerFactory;
import com.linkedin.venice.systemstore.schemas.StoreMetaValue;
import com.linkedin.venice.systemstore.schemas.StoreProperties;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What Venice's server would answer to {@code GET /store_properties}, taken apart.
 *
 * <p>Venice answers with a record {@code StoreMetaValue} of its newest version, in Avro, which has the
 * time in it: two answers of the same state differ. So the record {@code StoreProperties} is taken out
 * and written again, by Venice's own classes and of the same version; the Rust server writes the rest.
 */
final class VeniceStoreProperties {
  private final ReadMetadataRetriever metadata;
  private final RecordDeserializer<StoreMetaValue> reader =
      SerializerDeserializerFactory.getAvroSpecificDeserializer(StoreMetaValue.class);
  private final RecordSerializer<StoreProperties> writer =
      SerializerDeserializerFactory.getAvroGenericSerializer(StoreProperties.getClassSchema());

  VeniceStoreProperties(ReadMetadataRetriever metadata) {
    this.metadata = metadata;
  }

  /** Asks Venice. It refuses, and writes that to its log, where it knows no replica. */
  Answer ask(String storeName) {
    StorePropertiesPayload payload = metadata.getStoreProperties(storeName, Optional.empty());
    if (payload.isError()) {
      return new Answer(String.valueOf(payload.getMessage()));
    }
    StorePropertiesPayloadRecord record = payload.getPayloadRecord();
    // Its position is nobody else's.
    StoreMetaValue value = reader.deserialize(record.getStoreMetaValueAvro().duplicate());
    return new Answer(record, value, writer.serialize(value.getStoreProperties()));
  }

  /** What it answers. */
  static final class Answer {
    /** Why Venice refuses; null if it does not, and only then there is anything else. */
    final String refusal;

    /** The version of {@code StoreMetaValue} to which {@link #avro} belongs. */
    final int schemaVersion;

    /** The record {@code StoreProperties}, in Avro. */
    final byte[] avro;

    /** The version that clients read, of which the replicas are. */
    final int currentVersion;

    final Map<CharSequence, CharSequence> keySchemas;
    final Map<CharSequence, CharSequence> valueSchemas;
    final Map<CharSequence, List<CharSequence>> replicas;
    final Map<CharSequence, Integer> helixGroups;

    private Answer(String refusal) {
      this.refusal = refusal;
      schemaVersion = 0;
      avro = null;
      currentVersion = 0;
      keySchemas = null;
      valueSchemas = null;
      replicas = null;
      helixGroups = null;
    }

    private Answer(StorePropertiesPayloadRecord record, StoreMetaValue value, byte[] properties) {
      refusal = null;
      schemaVersion = record.getStoreMetaValueSchemaVersion();
      avro = properties;
      currentVersion = value.getStoreProperties().getCurrentVersion();
      keySchemas = value.getStoreKeySchemas().getKeySchemaMap();
      valueSchemas = value.getStoreValueSchemas().getValueSchemaMap();
      replicas = record.getRoutingInfo();
      helixGroups = record.getHelixGroupInfo();
    }
  }
}
