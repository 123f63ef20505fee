package com.linkedin.venice.rust.reference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** The records of a batch answer; {@code MultiGetResponseWrapper} in Venice. */
final class MultiGetResponseRecords {
  /** {@code StreamingConstants.NON_EXISTING_KEY_SCHEMA_ID}. */
  private static final int NON_EXISTING_KEY_SCHEMA_ID = -1000;

  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private record MultiGetResponseRecordV1(int keyIndex, ByteBuffer value, int schemaId) {}

  private final List<MultiGetResponseRecordV1> records = new ArrayList<>();

  void add(int keyIndex, ByteBuffer value, int schemaId) {
    records.add(new MultiGetResponseRecordV1(keyIndex, value, schemaId));
  }

  /** Adds the record of a missing key, for streaming requests. */
  void addMissing(int keyIndex) {
    add(Math.negateExact(keyIndex), EMPTY, NON_EXISTING_KEY_SCHEMA_ID);
  }

  /** Returns the records one after the other. */
  byte[] serialize() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      for (MultiGetResponseRecordV1 row : records) {
        encoder.writeInt(row.keyIndex());
        encoder.writeBytes(row.value());
        encoder.writeInt(row.schemaId());
      }
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
