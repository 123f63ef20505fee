package com.linkedin.venice.serializer;

import org.apache.avro.Schema;

/** Signature of Venice's class of this name; compiled against only. */
public class SerializerDeserializerFactory {
  public static <K> RecordSerializer<K> getAvroGenericSerializer(Schema schema) {
    throw new UnsupportedOperationException();
  }

  public static <V> RecordDeserializer<V> getAvroSpecificDeserializer(Class<V> c) {
    throw new UnsupportedOperationException();
  }
}
