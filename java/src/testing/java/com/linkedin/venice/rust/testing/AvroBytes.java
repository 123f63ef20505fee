package com.linkedin.venice.rust.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** What Avro makes of keys and values. */
public final class AvroBytes {
  private AvroBytes() {}

  /** Returns a generic datum of a schema in Avro's binary form, without schema or header. */
  public static byte[] encode(Schema schema, Object datum) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      new GenericDatumWriter<>(schema).write(datum, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new AssertionError("writing to memory does not fail", e);
    }
    return out.toByteArray();
  }
}
