package com.linkedin.venice.rust.tests.avro;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** What Java Avro reads and writes. Maps keep their order, so that bytes can be compared. */
public final class JavaAvro extends GenericData {
  private static final JavaAvro DATA = new JavaAvro();

  @Override
  public Object newMap(Object old, int size) {
    return new LinkedHashMap<Object, Object>();
  }

  /** Value of a writer's schema, as bytes; in blocks of about 64 bytes, with their sizes, or in one. */
  public static byte[] write(Schema schema, Object value, boolean blocks) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EncoderFactory factory = new EncoderFactory().configureBlockSize(64);
    BinaryEncoder encoder =
        blocks ? factory.blockingBinaryEncoder(out, null) : factory.binaryEncoder(out, null);
    new GenericDatumWriter<Object>(schema, DATA).write(value, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  /** Reads records of one schema as another has them. */
  public static final class Reader {
    private final GenericDatumReader<GenericRecord> reader;

    public Reader(Schema writer, Schema reader) {
      this.reader = new GenericDatumReader<>(writer, reader, DATA);
    }

    public GenericRecord read(byte[] bytes) throws IOException {
      return reader.read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    }
  }

}
