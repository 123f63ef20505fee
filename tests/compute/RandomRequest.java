package com.linkedin.venice.rust.tests.compute;

import com.linkedin.venice.rust.reference.compute.ComputeOperation;
import com.linkedin.venice.rust.reference.compute.ComputeOperation.Type;
import com.linkedin.venice.rust.reference.compute.ComputeRequest;
import com.linkedin.venice.rust.reference.compute.ComputeUtils;
import com.linkedin.venice.rust.tests.avro.JavaAvro;
import com.linkedin.venice.rust.tests.avro.RandomSchemas;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * A compute request, and the values that it is for, drawn by a seed: random schemas of writer,
 * reader and result, vectors for the most part, operations on fields of any type, parameters of the
 * right size and of others, and some requests that are refused.
 */
public final class RandomRequest {
  /** Types of fields: vectors for the most part, and what is none. */
  private static final String[] TYPES = {
    "{'type':'array','items':'float'}",
    "{'type':'array','items':'float'}",
    "['null',{'type':'array','items':'float'}]",
    "['null',{'type':'array','items':'float'}]",
    "{'type':'array','items':['null','float']}",
    "['null',{'type':'array','items':['float','null','int']}]",
    "{'type':'array','items':'int'}",
    "{'type':'array','items':'double'}",
    "{'type':'array','items':'string'}",
    "['null',{'type':'map','values':'long'}]",
    "{'type':'map','values':{'type':'array','items':'float'}}",
    "'string'",
    "['null','int']",
    "['null','float']",
    "'float'",
    "{'type':'array','items':{'type':'record','name':'Item','fields':[{'name':'a','type':'int'}]}}",
  };

  private static final String[] READER_TYPES = {
    "['null',{'type':'array','items':'float'}]", "{'type':'array','items':'float'}",
  };

  private static String field(String name, String type, String rest) {
    return "{'name':'" + name + "','type':" + type + rest + "}";
  }

  private static Schema record(String name, List<String> fields) {
    String text =
        "{'type':'record','name':'" + name + "','fields':[" + String.join(",", fields) + "]}";
    return new Schema.Parser().parse(text.replace('\'', '"'));
  }

  /** For what a test draws besides. */
  public final Random random;

  /** What values are written with. */
  public final Schema writer;

  /** What values are read as. */
  public final Schema reader;

  /** What comes out. */
  public final Schema result;

  /** What is computed. */
  public final List<ComputeOperation> operations = new ArrayList<>();

  /** Values as they are written. */
  public final List<byte[]> values = new ArrayList<>();

  /** Draws. */
  public RandomRequest(long seed) throws IOException {
    random = new Random(seed);
    // Most values of a store have vectors of one size.
    int size = random.nextInt(3) == 0 ? random.nextInt(70) : random.nextInt(12);
    List<String> written = new ArrayList<>();
    List<String> read = new ArrayList<>();
    int fields = 1 + random.nextInt(5);
    for (int i = 0; i < fields; i++) {
      String name = "f" + i;
      String type = TYPES[random.nextInt(TYPES.length)];
      boolean item = type.contains("Item");
      type = type.replace("Item", "Item" + i);
      written.add(field(name, type, ""));
      switch (item ? 9 : random.nextInt(10)) {
        case 0:
          // Integers and unions become vectors.
          if (type.contains("array")
              && !type.contains("string")
              && !type.contains("double")
              && !type.contains("map")) {
            read.add(field(name, READER_TYPES[random.nextInt(2)], ""));
            break;
          }
        // fall through
        case 1:
          read.add(field(name + "New", type, ",'aliases':['" + name + "']"));
          break;
        default:
          read.add(field(name, type, ""));
      }
    }
    if (random.nextInt(4) == 0) {
      read.add(
          random.nextInt(read.size() + 1), field("added", TYPES[0], ",'default':[1.5,-2,0.25]"));
    }
    writer = record("Value", written);
    reader = record("Value", read);
    result = draw(size);
    RandomSchemas schemas = new RandomSchemas(random);
    int count = random.nextInt(30);
    for (int i = 0; i < count; i++) {
      values.add(JavaAvro.write(writer, value(schemas, size), random.nextInt(4) == 0));
    }
  }

  private Object value(RandomSchemas schemas, int size) {
    GenericRecord value = (GenericRecord) schemas.value(writer, 6);
    for (Schema.Field field : writer.getFields()) {
      Schema schema = field.schema();
      if (schema.getType() == Schema.Type.UNION) {
        schema = schema.getTypes().get(schema.getTypes().size() - 1);
      }
      if (schema.getType() == Schema.Type.ARRAY && random.nextInt(8) != 0) {
        Schema items = schema.getElementType();
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < size; i++) {
          // A null among the floats, sometimes.
          boolean floats =
              items.getType() == Schema.Type.FLOAT
                  || (items.getType() == Schema.Type.UNION && random.nextInt(30) != 0);
          list.add(floats ? (Object) floating() : schemas.value(items, 3));
        }
        value.put(field.pos(), list);
      }
    }
    return value;
  }

  private float floating() {
    switch (random.nextInt(40)) {
      case 0:
        return 0.0f;
      case 1:
        return Float.MAX_VALUE * random.nextFloat();
      case 2:
        return Float.MIN_VALUE * random.nextInt(1000);
      default:
        return random.nextFloat() * 2 - 1;
    }
  }

  private Schema draw(int size) {
    List<String> results = new ArrayList<>();
    int count = random.nextInt(6) == 0 ? random.nextInt(20) : random.nextInt(5);
    for (int i = 0; i < count; i++) {
      Type kind = Type.values()[random.nextInt(4)];
      List<Schema.Field> fields = reader.getFields();
      String field = fields.get(random.nextInt(fields.size())).name();
      // Sometimes two operations have one result, or a result has the name of a field of the value.
      String result = random.nextInt(8) == 0 ? "r0" : random.nextInt(10) == 0 ? field : "r" + i;
      List<Float> parameter = new ArrayList<>();
      int length = random.nextInt(6) == 0 ? random.nextInt(9) : size;
      if (random.nextInt(15) == 0) {
        field = random.nextInt(2) == 0 ? field : "nowhere";
        length = random.nextInt(2) * 3;
      }
      for (int j = 0; j < length; j++) {
        parameter.add(floating());
      }
      operations.add(new ComputeOperation(kind, field, parameter, result));
      if (results.stream().noneMatch(other -> other.contains("'name':'" + result + "'"))) {
        results.add(field(result, resultType(kind), ""));
      }
    }
    for (Schema.Field field : reader.getFields()) {
      if (random.nextInt(3) == 0
          && results.stream().noneMatch(other -> other.contains("'name':'" + field.name() + "'"))) {
        results.add(
            random.nextInt(results.size() + 1),
            field(field.name(), field.schema().toString().replace('"', '\''), ""));
      }
    }
    if (random.nextInt(30) == 0) {
      results.add(field("foreign", "'int'", ""));
    }
    if (random.nextInt(10) != 0) {
      results.add(
          random.nextInt(results.size() + 1),
          field(ComputeUtils.ERRORS, "{'type':'map','values':'string'}", ""));
    }
    return record("Result", results);
  }

  private String resultType(Type kind) {
    if (random.nextInt(8) == 0) {
      return "['null','int','float',{'type':'array','items':'float'}]";
    }
    switch (kind) {
      case COUNT:
        return "['null','int']";
      case HADAMARD_PRODUCT:
        return "['null',{'type':'array','items':'float'}]";
      default:
        return "['null','float']";
    }
  }

  /** {@code ComputeRequestV3}, without keys. */
  public byte[] request() {
    return new ComputeRequest(operations, result.toString()).serialize();
  }

  /** The fields that operations and the result need, and no others: the rest is not looked at. */
  public Schema needed(Schema readAs) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : readAs.getFields()) {
      if (result.getField(field.name()) != null
          || operations.stream().anyMatch(operation -> operation.field().equals(field.name()))) {
        fields.add(new Schema.Field(field, field.schema()));
      }
    }
    return Schema.createRecord(readAs.getFullName(), null, null, false, fields);
  }

  /**
   * The same bytes with one NaN, whose bits are nobody's choice, and without the record that Java
   * prints behind a vector that is no list.
   */
  public static byte[] comparable(Schema schema, byte[] result) throws IOException {
    GenericRecord record = new JavaAvro.Reader(schema, schema).read(result);
    for (Schema.Field field : schema.getFields()) {
      Object value = record.get(field.pos());
      if (field.name().equals(ComputeUtils.ERRORS)) {
        @SuppressWarnings("unchecked")
        Map<Object, Object> errors = (Map<Object, Object>) value;
        errors.replaceAll(
            (name, text) ->
                text.toString().replaceFirst("(?s)(not of the type list. Value: ).*", "$1"));
        errors.replaceAll(
            (name, text) ->
                text.toString().replace("java.util.LinkedHashMap", "java.util.HashMap"));
      } else if (value instanceof Float) {
        record.put(field.pos(), Float.intBitsToFloat(Float.floatToIntBits((Float) value)));
      } else if (value instanceof List) {
        @SuppressWarnings("unchecked")
        List<Object> list = (List<Object>) value;
        list.replaceAll(
            element ->
                element instanceof Float
                    ? (Object) Float.intBitsToFloat(Float.floatToIntBits((Float) element))
                    : element);
      }
    }
    return JavaAvro.write(schema, record, false);
  }
}
