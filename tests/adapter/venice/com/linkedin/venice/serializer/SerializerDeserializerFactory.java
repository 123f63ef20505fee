package com.linkedin.venice.serializer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;

/** Stand-in for Venice's class of this name, on Avro as it is. */
public class SerializerDeserializerFactory {
  public static <K> RecordSerializer<K> getAvroGenericSerializer(Schema schema) {
    return object -> {
      try {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<K>(schema).write(object, encoder);
        encoder.flush();
        return bytes.toByteArray();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  public static <V> RecordDeserializer<V> getAvroSpecificDeserializer(Class<V> c) {
    SpecificDatumReader<V> reader = new SpecificDatumReader<>(c);
    return (ByteBuffer buffer) -> {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      try {
        return reader.read(null, DecoderFactory.get().binaryDecoder(bytes, null));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
