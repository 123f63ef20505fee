package com.linkedin.venice.rust.tests.compute;

import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import com.linkedin.venice.rust.tests.avro.JavaAvro;
import com.linkedin.venice.rust.tests.avro.RandomSchemas;
import com.linkedin.venice.rust.tests.avro.RustProgram;
import com.linkedin.venice.rust.tests.compute.ReferenceCompute.Kind;
import com.linkedin.venice.rust.tests.compute.ReferenceCompute.Operation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.Test;

/**
 * Results of rust/compute against those of Venice's operators, byte by byte: random values, schemas that have changed,
 * operations on fields of any type, vectors of any size, parameters of the wrong one, and requests that are refused. Two
 * things are put into one form first: NaN, whose bits are nobody's choice, and the text about a vector that is no list, which in
 * Java has the whole record in it.
 */
public class ComputeTest {
  private static final int CASES = Integer.getInteger("cases", 200);
  private static final long SEED = Long.getLong("seed", 1);

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
    String text = "{'type':'record','name':'" + name + "','fields':[" + String.join(",", fields) + "]}";
    return new Schema.Parser().parse(text.replace('\'', '"'));
  }

  /** One request, and the values that it is for. */
  private static final class Drawn {
    final Random random;
    Schema writer;
    Schema reader;
    Schema result;
    final List<Operation> operations = new ArrayList<>();
    final List<byte[]> values = new ArrayList<>();

    Drawn(long seed) throws IOException {
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
            if (type.contains("array") && !type.contains("string") && !type.contains("double") && !type.contains("map")) {
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
            random.nextInt(read.size() + 1),
            field("added", TYPES[0], ",'default':[1.5,-2,0.25]"));
      }
      writer = record("Value", written);
      reader = record("Value", read);
      draw(size);
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

    private void draw(int size) {
      List<String> results = new ArrayList<>();
      int count = random.nextInt(6) == 0 ? random.nextInt(20) : random.nextInt(5);
      for (int i = 0; i < count; i++) {
        Kind kind = Kind.values()[random.nextInt(4)];
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
        operations.add(new Operation(kind, field, parameter, result));
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
            field(ReferenceCompute.ERRORS, "{'type':'map','values':'string'}", ""));
      }
      result = record("Result", results);
    }

    private String resultType(Kind kind) {
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

    /** {@code ComputeRequestV3}, field by field; before each operation stands the branch of the union around it. */
    byte[] request() throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
      encoder.writeArrayStart();
      encoder.setItemCount(operations.size());
      for (Operation operation : operations) {
        encoder.startItem();
        encoder.writeIndex(0);
        encoder.writeInt(operation.kind.ordinal());
        encoder.writeIndex(operation.kind.ordinal());
        encoder.writeString(operation.field);
        if (operation.kind != Kind.COUNT) {
          encoder.writeArrayStart();
          encoder.setItemCount(operation.parameter.size());
          for (float element : operation.parameter) {
            encoder.startItem();
            encoder.writeFloat(element);
          }
          encoder.writeArrayEnd();
        }
        encoder.writeString(operation.result);
      }
      encoder.writeArrayEnd();
      encoder.writeString(result.toString());
      encoder.flush();
      return out.toByteArray();
    }
  }

  /** What Java answers: a record for each value, or a text. */
  private static List<byte[]> expected(Drawn drawn, Schema readAs) throws IOException {
    ReferenceCompute.check(drawn.operations, drawn.reader, drawn.result);
    JavaAvro.Reader reader = new JavaAvro.Reader(drawn.writer, readAs);
    List<byte[]> results = new ArrayList<>();
    for (byte[] value : drawn.values) {
      GenericRecord result =
          ReferenceCompute.compute(drawn.operations, reader.read(value), drawn.result);
      results.add(JavaAvro.write(drawn.result, result, false));
    }
    return results;
  }

  /** The fields that operations and the result need, and no others: the rest is not looked at. */
  private static Schema needed(Drawn drawn) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : drawn.reader.getFields()) {
      if (drawn.result.getField(field.name()) != null
          || drawn.operations.stream().anyMatch(operation -> operation.field.equals(field.name()))) {
        fields.add(new Schema.Field(field, field.schema()));
      }
    }
    return Schema.createRecord(drawn.reader.getFullName(), null, null, false, fields);
  }

  /** The same bytes with one NaN, and without the record that Java prints behind a vector that is no list. */
  private static byte[] comparable(Schema schema, byte[] result) throws IOException {
    GenericRecord record = new JavaAvro.Reader(schema, schema).read(result);
    for (Schema.Field field : schema.getFields()) {
      Object value = record.get(field.pos());
      if (field.name().equals(ReferenceCompute.ERRORS)) {
        @SuppressWarnings("unchecked")
        java.util.Map<Object, Object> errors = (java.util.Map<Object, Object>) value;
        errors.replaceAll((name, text) -> text.toString().replaceFirst("(?s)(not of the type list. Value: ).*", "$1"));
        errors.replaceAll((name, text) -> text.toString().replace("java.util.LinkedHashMap", "java.util.HashMap"));
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

  @Test
  public void resultsAreVenices() throws IOException {
    int computed = 0;
    int failed = 0;
    int refused = 0;
    int withErrors = 0;
    int otherTypes = 0;
    int unneeded = 0;
    try (RustProgram rust = new RustProgram(System.getProperty("program"))) {
      for (long seed = SEED; seed < SEED + CASES; seed++) {
        Drawn drawn = new Drawn(seed);
        rust.send(
            new RustProgram.Case()
                .text(drawn.writer.toString())
                .text(drawn.reader.toString())
                .bytes(drawn.request())
                .all(drawn.values));
        String where =
            "seed " + seed + "\nwriter " + drawn.writer + "\nreader " + drawn.reader + "\nresult " + drawn.result;
        List<byte[]> expected = null;
        RuntimeException exception = null;
        try {
          expected = expected(drawn, drawn.reader);
        } catch (RuntimeException e) {
          exception = e;
        }
        boolean answered = rust.isAnswer();
        if (answered && exception instanceof AvroTypeException) {
          // Java cannot read a field that is not needed.
          unneeded++;
          expected = expected(drawn, needed(drawn));
          exception = null;
        }
        if (!answered) {
          String text = rust.text();
          if (exception == null && text.contains("the value's field of this name")) {
            // Java writes a list of integers as one of floats, for example.
            otherTypes++;
            continue;
          }
          if (exception == null) {
            fail(where + "\nJava answers, and Rust says " + text);
          }
          if (exception instanceof ReferenceCompute.Refused) {
            refused++;
            if (!text.equals(exception.getMessage())) {
              fail(where + "\nJava " + exception.getMessage() + "\nRust " + text);
            }
          } else {
            failed++;
          }
          continue;
        }
        List<byte[]> results = new ArrayList<>();
        for (int i = 0; i < drawn.values.size(); i++) {
          results.add(rust.bytes());
        }
        if (exception != null) {
          fail(where + "\nRust answers, and Java says " + exception);
        }
        for (int i = 0; i < results.size(); i++) {
          byte[] java = comparable(drawn.result, expected.get(i));
          byte[] ours = comparable(drawn.result, results.get(i));
          if (!Arrays.equals(java, ours)) {
            fail(
                where
                    + "\nvalue "
                    + i
                    + "\nJava "
                    + new JavaAvro.Reader(drawn.result, drawn.result).read(java)
                    + "\nRust "
                    + new JavaAvro.Reader(drawn.result, drawn.result).read(ours));
          }
          computed++;
          withErrors += new String(java, StandardCharsets.ISO_8859_1).contains("Failed") ? 1 : 0;
        }
      }
    }
    System.out.println(
        CASES + " requests: " + computed + " values computed, " + withErrors + " with errors; " + refused
            + " requests refused, " + failed + " failed, "
            + otherTypes + " would take a field of another type, "
            + unneeded + " have fields that Java cannot read and nobody needs");
    assertTrue("most requests are answered", computed > 3 * CASES);
    assertTrue("few take fields of another type", otherTypes <= CASES / 20);
    assertTrue("some have errors", withErrors > CASES / 4);
    assertTrue("some are refused", refused > CASES / 100);
  }
}
