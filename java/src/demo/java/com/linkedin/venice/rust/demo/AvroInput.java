package com.linkedin.venice.rust.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.file.SeekableFileInput;
import org.apache.avro.file.SeekableInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** An Avro container file with the fields {@code key} and {@code value}, read into memory. */
final class AvroInput {
  /** The resource with the emoji; the system property {@link #DEFAULT_FILE_PROPERTY} goes first. */
  private static final String DEFAULT_RESOURCE = "emoji.avro";

  private static final String DEFAULT_FILE_PROPERTY = "demo.input";

  /** The longest text shown of a key or a field, in code points. */
  private static final int TEXT_LENGTH = 60;

  private final String storeName;
  private final Schema keySchema;
  private final Schema valueSchema;
  private final List<Row> rows;

  private AvroInput(String storeName, Schema keySchema, Schema valueSchema, List<Row> rows) {
    this.storeName = storeName;
    this.keySchema = keySchema;
    this.valueSchema = valueSchema;
    this.rows = rows;
  }

  /** Reads a file, or the emoji if none is given. */
  static AvroInput read(Optional<Path> file) throws DemoException {
    String property = System.getProperty(DEFAULT_FILE_PROPERTY);
    if (file.isEmpty() && property == null) {
      return readResource();
    }
    Path path = file.orElseGet(() -> Path.of(property));
    if (Files.notExists(path)) {
      throw new DemoException(path + " does not exist: give an Avro file");
    }
    if (Files.isDirectory(path)) {
      throw new DemoException(path + " is a directory: give an Avro file");
    }
    if (!Files.isReadable(path)) {
      throw new DemoException(path + " may not be read by this user");
    }
    try (SeekableInput input = new SeekableFileInput(path.toFile())) {
      return read(input, path.toString(), storeName(path.getFileName().toString()));
    } catch (IOException e) {
      throw new DemoException(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static AvroInput readResource() throws DemoException {
    try (InputStream resource =
        AvroInput.class.getClassLoader().getResourceAsStream(DEFAULT_RESOURCE)) {
      if (resource == null) {
        throw new DemoException(
            "the emoji that come with the demo are not on the class path: give a file by --input");
      }
      try (SeekableInput input = new SeekableByteArrayInput(resource.readAllBytes())) {
        return read(input, DEFAULT_RESOURCE, storeName(DEFAULT_RESOURCE));
      }
    } catch (IOException e) {
      throw new DemoException("the emoji cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns the name of the store, made from the file's. */
  String storeName() {
    return storeName;
  }

  List<Row> rows() {
    return rows;
  }

  Schema keySchema() {
    return keySchema;
  }

  Schema valueSchema() {
    return valueSchema;
  }

  /** Returns the first field of the values that is a list of floats; empty if there is none. */
  Optional<String> vectorField() {
    if (valueSchema.getType() != Schema.Type.RECORD) {
      return Optional.empty();
    }
    return valueSchema.getFields().stream()
        .filter(field -> isVector(field.schema()))
        .map(Schema.Field::name)
        .findFirst();
  }

  private static boolean isVector(Schema schema) {
    return switch (schema.getType()) {
      case ARRAY -> schema.getElementType().getType() == Schema.Type.FLOAT;
      case UNION -> schema.getTypes().stream().anyMatch(AvroInput::isVector);
      default -> false;
    };
  }

  /** Returns the floats of a value's field; none if it is null. */
  List<Float> vector(byte[] value, String field) {
    GenericRecord decoded = (GenericRecord) decode(valueSchema, value);
    @SuppressWarnings("unchecked")
    List<Float> vector = (List<Float>) decoded.get(field);
    return vector == null ? List.of() : vector;
  }

  /** Returns a key in words: the text of a string key, else Avro's JSON. */
  String keyText(Row row) {
    return text(decode(keySchema, row.key()));
  }

  /** Returns a value in words: the first string fields of a record, at most two. */
  String valueText(byte[] value) {
    Object decoded = decode(valueSchema, value);
    if (!(decoded instanceof GenericRecord fields)) {
      return text(decoded);
    }
    return fields.getSchema().getFields().stream()
        .map(field -> fields.get(field.pos()))
        .filter(CharSequence.class::isInstance)
        .limit(2)
        .map(AvroInput::text)
        .collect(Collectors.joining("  "));
  }

  private static String text(Object datum) {
    if (datum instanceof ByteBuffer bytes) {
      return String.format(Locale.ROOT, "%,d bytes", bytes.remaining());
    }
    String text = String.valueOf(datum).replaceAll("\\p{Cntrl}", " ");
    return text.codePointCount(0, text.length()) <= TEXT_LENGTH
        ? text
        : text.substring(0, text.offsetByCodePoints(0, TEXT_LENGTH)) + "...";
  }

  private static AvroInput read(SeekableInput file, String name, String storeName)
      throws DemoException {
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(file, new GenericDatumReader<>())) {
      Schema row = reader.getSchema();
      Schema key = fieldSchema(name, row, "key");
      Schema value = fieldSchema(name, row, "value");
      DatumWriter<Object> keys = new GenericDatumWriter<>(key);
      DatumWriter<Object> values = new GenericDatumWriter<>(value);
      List<Row> rows = new ArrayList<>();
      for (GenericRecord record : reader) {
        rows.add(new Row(encode(keys, record.get("key")), encode(values, record.get("value"))));
      }
      // Avro takes a block that is cut off for the end of the file.
      if (reader.previousSync() < file.length()) {
        throw new DemoException(name + " is cut off after row " + rows.size());
      }
      if (rows.isEmpty()) {
        throw new DemoException(name + " has no rows: give a file with at least one");
      }
      return new AvroInput(storeName, key, value, rows);
    } catch (IOException e) {
      throw new DemoException(name + " is not a readable Avro file: " + e.getMessage(), e);
    } catch (AvroRuntimeException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new DemoException(name + " is not a readable Avro file: " + reason.getMessage(), e);
    } catch (LinkageError e) {
      throw new DemoException(
          name
              + " is compressed with a codec that needs the class "
              + e.getMessage()
              + ": write it with the codec deflate",
          e);
    }
  }

  private static Schema fieldSchema(String name, Schema row, String field) throws DemoException {
    if (row.getType() != Schema.Type.RECORD) {
      throw new DemoException(
          name + " holds rows of the type " + row.getType().getName() + ": give one of records");
    }
    if (row.getField(field) == null) {
      throw new DemoException(
          name
              + " has no field \""
              + field
              + "\", its fields are "
              + row.getFields().stream().map(Schema.Field::name).collect(Collectors.joining(", ")));
    }
    return row.getField(field).schema();
  }

  private static byte[] encode(DatumWriter<Object> writer, Object datum) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    writer.write(datum, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static Object decode(Schema schema, byte[] bytes) {
    try {
      return new GenericDatumReader<>(schema)
          .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    } catch (IOException e) {
      throw new AssertionError("these bytes were written with this schema", e);
    }
  }

  /** Makes a store name of a file name: without its ending, and other characters replaced. */
  private static String storeName(String fileName) {
    int dot = fileName.lastIndexOf('.');
    String stem = dot > 0 ? fileName.substring(0, dot) : fileName;
    return stem.replaceAll("[^A-Za-z0-9_-]", "_");
  }
}
