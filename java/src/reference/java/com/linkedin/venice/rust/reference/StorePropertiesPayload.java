package com.linkedin.venice.rust.reference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * {@code StorePropertiesPayloadRecord} of version 1, field by field: a record {@code
 * StoreMetaValue} as bytes, and who serves the store.
 *
 * <p>Of {@code StoreMetaValue} there are as many versions as of a store's settings. Its other
 * fields are always the same; the settings themselves come as a record that was written before.
 */
final class StorePropertiesPayload {
  /** Its protocol version. */
  static final int VERSION = 1;

  private StorePropertiesPayload() {}

  static byte[] serialize(
      Store store,
      long timestamp,
      Map<String, String> keySchemas,
      Map<String, String> valueSchemas,
      Map<String, Integer> groups,
      Map<String, List<String>> routing)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    encoder.writeInt(store.properties().schemaVersion());
    encoder.writeBytes(ByteBuffer.wrap(storeMetaValue(store, timestamp, keySchemas, valueSchemas)));
    encoder.writeIndex(1);
    encoder.writeMapStart();
    encoder.setItemCount(groups.size());
    for (Map.Entry<String, Integer> group : groups.entrySet()) {
      encoder.startItem();
      encoder.writeString(group.getKey());
      encoder.writeInt(group.getValue());
    }
    encoder.writeMapEnd();
    encoder.writeIndex(1);
    encoder.writeMapStart();
    encoder.setItemCount(routing.size());
    for (Map.Entry<String, List<String>> partition : routing.entrySet()) {
      encoder.startItem();
      encoder.writeString(partition.getKey());
      encoder.writeArrayStart();
      encoder.setItemCount(partition.getValue().size());
      for (String url : partition.getValue()) {
        encoder.startItem();
        encoder.writeString(url);
      }
      encoder.writeArrayEnd();
    }
    encoder.writeMapEnd();
    encoder.flush();
    return out.toByteArray();
  }

  private static byte[] storeMetaValue(
      Store store, long timestamp, Map<String, String> keySchemas, Map<String, String> valueSchemas)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    encoder.writeLong(timestamp);
    // storeProperties
    encoder.writeIndex(1);
    encoder.writeFixed(store.properties().avro());
    // storeKeySchemas, storeValueSchemas
    for (Map<String, String> schemas : List.of(keySchemas, valueSchemas)) {
      encoder.writeIndex(1);
      encoder.writeMapStart();
      encoder.setItemCount(schemas.size());
      for (Map.Entry<String, String> schema : schemas.entrySet()) {
        encoder.startItem();
        encoder.writeString(schema.getKey());
        encoder.writeString(schema.getValue());
      }
      encoder.writeMapEnd();
    }
    // storeValueSchema, storeReplicaStatuses
    encoder.writeIndex(0);
    encoder.writeIndex(0);
    // storeValueSchemaIdsWrittenPerStoreVersion
    encoder.writeIndex(1);
    encoder.writeArrayStart();
    encoder.setItemCount(1);
    encoder.startItem();
    encoder.writeInt(store.latestSuperSetValueSchemaId());
    encoder.writeArrayEnd();
    // storeClusterConfig
    encoder.writeIndex(0);
    encoder.flush();
    return out.toByteArray();
  }
}
