package com.linkedin.venice.rust.reference.compute;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericArray;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * Reads values that were written with one schema as another has them. Not thread-safe.
 *
 * <p>Venice generates a class for each pair of schemas, which makes no objects for floats. Without
 * such a class this is as close as it gets: of one schema, values are read straight from the
 * decoder, floats into an array that is used again. Values of two schemas go through Avro's own
 * reader. Maps keep their order here, so that results can be compared byte by byte.
 */
public final class ValueReader {
  private static final int FLOAT_BYTES = 4;

  private static final GenericData ORDERED =
      new GenericData() {
        @Override
        public Object newMap(Object old, int size) {
          return new LinkedHashMap<Object, Object>();
        }
      };

  private final Schema schema;
  private final GenericDatumReader<GenericRecord> resolving;
  private BinaryDecoder decoder;
  private GenericRecord record;
  private byte[] floats = new byte[0];

  /** Creates a reader of values that {@code writer} wrote. */
  public ValueReader(Schema writer, Schema reader) {
    schema = reader;
    resolving = writer.equals(reader) ? null : new GenericDatumReader<>(writer, reader, ORDERED);
  }

  /**
   * Reads a value.
   *
   * @return a record that the next call overwrites
   * @throws IOException or a RuntimeException, if these bytes are no such value
   */
  public GenericRecord read(byte[] bytes, int offset, int length) throws IOException {
    decoder = DecoderFactory.get().binaryDecoder(bytes, offset, length, decoder);
    record =
        resolving == null ? (GenericRecord) read(record, schema) : resolving.read(record, decoder);
    return record;
  }

  private Object read(Object old, Schema type) throws IOException {
    switch (type.getType()) {
      case RECORD:
        return readRecord(old, type);
      case ARRAY:
        return type.getElementType().getType() == Schema.Type.FLOAT
            ? readFloats(old)
            : readArray(type);
      case MAP:
        Map<Object, Object> map = new LinkedHashMap<>();
        for (long n = decoder.readMapStart(); n > 0; n = decoder.mapNext()) {
          for (long i = 0; i < n; i++) {
            map.put(decoder.readString(null), read(null, type.getValueType()));
          }
        }
        return map;
      case UNION:
        return read(old, type.getTypes().get(decoder.readIndex()));
      case FIXED:
        byte[] fixed = new byte[type.getFixedSize()];
        decoder.readFixed(fixed);
        return new GenericData.Fixed(type, fixed);
      case ENUM:
        return new GenericData.EnumSymbol(type, type.getEnumSymbols().get(decoder.readEnum()));
      case STRING:
        return decoder.readString(null);
      case BYTES:
        return decoder.readBytes(null);
      case INT:
        return decoder.readInt();
      case LONG:
        return decoder.readLong();
      case FLOAT:
        return decoder.readFloat();
      case DOUBLE:
        return decoder.readDouble();
      case BOOLEAN:
        return decoder.readBoolean();
      default:
        decoder.readNull();
        return null;
    }
  }

  private GenericRecord readRecord(Object old, Schema type) throws IOException {
    GenericRecord read =
        old instanceof GenericRecord known && known.getSchema() == type
            ? known
            : new GenericData.Record(type);
    List<Schema.Field> fields = type.getFields();
    for (int i = 0; i < fields.size(); i++) {
      read.put(i, read(read.get(i), fields.get(i).schema()));
    }
    return read;
  }

  private GenericArray<Object> readArray(Schema type) throws IOException {
    GenericArray<Object> array = new GenericData.Array<>(0, type);
    for (long n = decoder.readArrayStart(); n > 0; n = decoder.arrayNext()) {
      for (long i = 0; i < n; i++) {
        array.add(read(null, type.getElementType()));
      }
    }
    return array;
  }

  private PrimitiveFloatList readFloats(Object old) throws IOException {
    PrimitiveFloatList list =
        old instanceof PrimitiveFloatList known ? known : new PrimitiveFloatList(0);
    list.empty();
    for (long n = decoder.readArrayStart(); n > 0; n = decoder.arrayNext()) {
      if (n > decoder.inputStream().available() / FLOAT_BYTES) {
        throw new EOFException();
      }
      int count = (int) n;
      if (floats.length < count * FLOAT_BYTES) {
        floats = new byte[count * FLOAT_BYTES];
      }
      decoder.readFixed(floats, 0, count * FLOAT_BYTES);
      int from = list.size();
      ByteBuffer.wrap(floats, 0, count * FLOAT_BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(list.extend(count), from, count);
    }
    return list;
  }
}
