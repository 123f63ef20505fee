package com.linkedin.venice.rust.testing;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * The bodies of a batch get: plain concatenations of Avro records, without count or frame.
 *
 * <p>The schemas are Venice's {@code MultiGetRouterRequestKeyV1.avsc} and {@code
 * MultiGetResponseRecordV1.avsc}; Avro's own reader and writer are used, so that this is a check of
 * the server's coding that shares nothing with it.
 */
public final class MultiGetRecords {
  /** The schema id of a record that reports a missing key, in answers to streaming requests. */
  public static final int NON_EXISTING_KEY_SCHEMA_ID = -1000;

  private static final Schema KEY =
      new Schema.Parser()
          .parse(
              """
              {"name": "MultiGetRouterRequestKeyV1", "type": "record",
               "namespace": "com.linkedin.venice.read.protocol.request.router", "fields": [
                {"name": "keyIndex", "type": "int"},
                {"name": "keyBytes", "type": "bytes"},
                {"name": "partitionId", "type": "int"}]}""");
  private static final Schema RECORD =
      new Schema.Parser()
          .parse(
              """
              {"name": "MultiGetResponseRecordV1", "type": "record",
               "namespace": "com.linkedin.venice.read.protocol.response", "fields": [
                {"name": "keyIndex", "type": "int"},
                {"name": "value", "type": "bytes"},
                {"name": "schemaId", "type": "int"}]}""");

  private MultiGetRecords() {}

  /**
   * One key of a request.
   *
   * @param keyIndex the number that the answer repeats
   * @param partitionId the key's partition, which the server trusts
   */
  public record Key(int keyIndex, byte[] keyBytes, int partitionId) {}

  /**
   * One record of an answer.
   *
   * @param keyIndex the request's number; negated for a missing key
   * @param value the payload as stored, still compressed; empty for a missing key
   * @param schemaId the writer schema's id, or {@link #NON_EXISTING_KEY_SCHEMA_ID}
   */
  public record Value(int keyIndex, byte[] value, int schemaId) {}

  /** Returns the body of a request. */
  public static ByteString encodeKeys(List<Key> keys) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    GenericDatumWriter<GenericRecord> writer = new GenericDatumWriter<>(KEY);
    GenericRecord row = new GenericData.Record(KEY);
    try {
      for (Key key : keys) {
        row.put("keyIndex", key.keyIndex());
        row.put("keyBytes", ByteBuffer.wrap(key.keyBytes()));
        row.put("partitionId", key.partitionId());
        writer.write(row, encoder);
      }
      encoder.flush();
    } catch (IOException e) {
      throw new AssertionError("writing to memory does not fail", e);
    }
    return ByteString.copyFrom(out.toByteArray());
  }

  /**
   * Returns the records of an answer, in its order.
   *
   * @throws VeniceClientException if the bytes do not end at the end of a record
   */
  public static List<Value> decodeValues(byte[] data) {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(data, null);
    GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(RECORD);
    List<Value> values = new ArrayList<>();
    try {
      while (!decoder.isEnd()) {
        GenericRecord row = reader.read(null, decoder);
        ByteBuffer value = (ByteBuffer) row.get("value");
        byte[] payload = new byte[value.remaining()];
        value.get(payload);
        values.add(
            new Value((Integer) row.get("keyIndex"), payload, (Integer) row.get("schemaId")));
      }
    } catch (IOException | RuntimeException e) {
      throw new VeniceClientException(
          "record " + values.size() + " of a batch get answer cannot be decoded", e);
    }
    return values;
  }
}
