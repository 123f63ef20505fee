package com.linkedin.venice.rust.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The state of a store version, under {@code VERSION_METADATA} in the metadata partition: a byte
 * 25, a byte with the protocol version 7, and the Avro record of Venice's {@code
 * StoreVersionState/v7/StoreVersionState.avsc}.
 */
public final class StoreVersionStates {
  /** The key in the metadata partition. */
  public static final byte[] KEY = "VERSION_METADATA".getBytes(StandardCharsets.US_ASCII);

  /** The first byte of the stored state. */
  public static final int MAGIC = 25;

  /** The second byte of the stored state, as written here. */
  public static final int PROTOCOL_VERSION = 7;

  /** The record of protocol version 7. Versions 1 to 6 have its first fields only. */
  public static final Schema SCHEMA =
      new Schema.Parser()
          .parse(
              """
              {"name": "StoreVersionState", "type": "record",
               "namespace": "com.linkedin.venice.kafka.protocol.state", "fields": [
                {"name": "sorted", "type": "boolean"},
                {"name": "startOfBufferReplay", "type": ["null", {
                  "name": "StartOfBufferReplay", "type": "record",
                  "namespace": "com.linkedin.venice.kafka.protocol", "fields": [
                    {"name": "sourceOffsets", "type": {"type": "array", "items": "long"}},
                    {"name": "sourceKafkaCluster", "type": "string"},
                    {"name": "sourceTopicName", "type": "string"}]}]},
                {"name": "chunked", "type": "boolean", "default": false},
                {"name": "compressionStrategy", "type": "int", "default": 0},
                {"name": "topicSwitch", "type": ["null", {
                  "name": "TopicSwitch", "type": "record",
                  "namespace": "com.linkedin.venice.kafka.protocol", "fields": [
                    {"name": "sourceKafkaServers", "type": {"type": "array", "items": "string"}},
                    {"name": "sourceTopicName", "type": "string"},
                    {"name": "rewindStartTimestamp", "type": "long"}]}], "default": null},
                {"name": "compressionDictionary", "type": ["null", "bytes"], "default": null},
                {"name": "batchConflictResolutionPolicy", "type": "int", "default": 0},
                {"name": "startOfPushTimestamp", "type": "long", "default": 0},
                {"name": "endOfPushTimestamp", "type": "long", "default": 0}]}""");

  private StoreVersionStates() {}

  /**
   * Returns the state's bytes as they are stored.
   *
   * @param startOfPush milliseconds since the epoch
   * @param endOfPush milliseconds since the epoch; 0 while the push runs
   */
  static byte[] encode(StoreVersionConfig config, long startOfPush, long endOfPush) {
    GenericRecord state = new GenericData.Record(SCHEMA);
    state.put("sorted", config.sorted());
    state.put("startOfBufferReplay", null);
    state.put("chunked", config.chunked());
    state.put("compressionStrategy", config.compressor().strategy().id());
    state.put("topicSwitch", null);
    state.put(
        "compressionDictionary",
        config.dictionary() == null ? null : ByteBuffer.wrap(config.dictionary()));
    state.put("batchConflictResolutionPolicy", 0);
    state.put("startOfPushTimestamp", startOfPush);
    state.put("endOfPushTimestamp", endOfPush);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(MAGIC);
    out.write(PROTOCOL_VERSION);
    out.writeBytes(AvroBytes.encode(SCHEMA, state));
    return out.toByteArray();
  }
}
