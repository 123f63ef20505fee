package com.linkedin.venice.rust.tests.compute;

import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Records with few values of each kind, so that some occur often: for counts of them. */
public final class CountedRecords {
  /** Types that can be counted; of several enums each needs a name of its own. */
  private static final List<String> TYPES =
      List.of(
          "'string'",
          "['null','string']",
          "'int'",
          "['null','long']",
          "'boolean'",
          "['null','float']",
          "'double'",
          "{'type':'enum','name':'Symbols','symbols':['A','B','C']}");

  private CountedRecords() {}

  /** Returns one of the types, for the field of a number, in Avro's JSON with other quotes. */
  public static String type(Random random, int field) {
    return TYPES.get(random.nextInt(TYPES.size())).replace("Symbols", "Symbols" + field);
  }

  /** Returns the field of a number. */
  public static String field(int field, String type) {
    return "{'name':'f" + field + "','type':" + type + "}";
  }

  /** Returns the schema of a record with these fields. */
  public static Schema schema(List<String> fields) {
    String text = "{'type':'record','name':'Value','fields':[" + String.join(",", fields) + "]}";
    return new Schema.Parser().parse(text.replace('\'', '"'));
  }

  /** Returns a record. */
  public static GenericRecord record(Random random, Schema schema) {
    GenericRecord record = new GenericData.Record(schema);
    for (Schema.Field field : schema.getFields()) {
      record.put(field.pos(), few(random, field.schema()));
    }
    return record;
  }

  private static Object few(Random random, Schema schema) {
    int number = random.nextInt(1 + random.nextInt(9));
    switch (schema.getType()) {
      case STRING:
        return number == 0 ? "null" : "v\u00e4lue " + number;
      case INT:
        return number - 4;
      case LONG:
        return number * 1234567890123L;
      case FLOAT:
        return (float) Math.pow(10, number * 3 - 12) * 1.25f;
      case DOUBLE:
        return number == 0 ? Double.NaN : Math.pow(10, number * 3 - 12) / 3;
      case BOOLEAN:
        return number % 2 == 0;
      case ENUM:
        return new GenericData.EnumSymbol(schema, schema.getEnumSymbols().get(number % 3));
      case UNION:
        return random.nextInt(3) == 0 ? null : few(random, schema.getTypes().get(1));
      case ARRAY:
        // Which cannot be counted.
        return List.of(1.5f);
      default:
        throw new IllegalArgumentException(schema.toString());
    }
  }
}
