package com.linkedin.venice.rust.tests.avro;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.util.Utf8;

/**
 * Schemas as JSON, what becomes of them when somebody changes them, and values, all drawn from a
 * seed.
 */
public final class RandomSchemas {
  private static final String[] PRIMITIVES = {
    "null", "boolean", "int", "long", "float", "double", "bytes", "string"
  };

  private final Random random;
  private int names;

  public RandomSchemas(Random random) {
    this.random = random;
  }

  /** A type, before it is JSON. */
  static final class Type {
    final String kind;
    String name;
    String alias;
    String symbolDefault;
    List<String> symbols = new ArrayList<>();
    int size;
    List<Type> parts = new ArrayList<>();
    List<Field> fields = new ArrayList<>();

    Type(String kind) {
      this.kind = kind;
    }
  }

  static final class Field {
    String name;
    String alias;
    Type type;
    String defaultJson;

    Field(String name, Type type) {
      this.name = name;
      this.type = type;
    }
  }

  private boolean oneOf(int most) {
    return random.nextInt(most) == 0;
  }

  /** Returns a random record schema. */
  public Schema schema(int depth) {
    return new Schema.Parser().parse(json(record(depth)));
  }

  Type record(int depth) {
    Type record = new Type("record");
    record.name = "R" + names++;
    int fields = 1 + random.nextInt(5);
    for (int i = 0; i < fields; i++) {
      record.fields.add(new Field("f" + i, type(depth, true)));
    }
    if (oneOf(6)) {
      Type union = new Type("union");
      union.parts.add(new Type("null"));
      Type self = new Type("reference");
      self.name = record.name;
      union.parts.add(self);
      record.fields.add(new Field("next", union));
    }
    return record;
  }

  private Type type(int depth, boolean union) {
    if (depth > 0) {
      switch (random.nextInt(12)) {
        case 0:
          return record(depth - 1);
        case 1:
        case 2:
          return list("array", depth);
        case 3:
          return list("map", depth);
        case 4:
        case 5:
          if (union) {
            return union(depth);
          }
          break;
        case 6:
          return symbols();
        case 7:
          return fixed();
        case 8:
          Type floats = new Type("array");
          floats.parts.add(new Type("float"));
          return floats;
        default:
      }
    }
    return new Type(PRIMITIVES[random.nextInt(PRIMITIVES.length)]);
  }

  private Type list(String kind, int depth) {
    Type list = new Type(kind);
    list.parts.add(type(depth - 1, true));
    return list;
  }

  private Type symbols() {
    Type type = new Type("enum");
    type.name = "E" + names++;
    for (int i = 0; i <= random.nextInt(5); i++) {
      type.symbols.add("S" + i);
    }
    return type;
  }

  private Type fixed() {
    Type type = new Type("fixed");
    type.name = "F" + names++;
    type.size = random.nextInt(6);
    return type;
  }

  private Type union(int depth) {
    Type union = new Type("union");
    for (int i = 0; i <= random.nextInt(4); i++) {
      add(union, type(depth - 1, false));
    }
    return union;
  }

  /** A union has one type without a name of each kind. */
  private static void add(Type union, Type branch) {
    for (Type other : union.parts) {
      if (other.name == null && other.kind.equals(branch.kind)) {
        return;
      }
    }
    union.parts.add(branch);
  }

  /** What a reader might have made of a writer's type: mostly the same. */
  Type changed(Type type) {
    if (oneOf(7)) {
      Type promoted = promoted(type);
      if (promoted != null) {
        return promoted;
      }
    }
    if (oneOf(10) && !type.kind.equals("union")) {
      Type union = new Type("union");
      if (oneOf(2)) {
        add(union, new Type("null"));
      }
      if (oneOf(3)) {
        add(union, new Type("double"));
      }
      add(union, changed(type));
      // The change may have made a union of it.
      if (union.parts.stream().noneMatch(part -> part.kind.equals("union"))) {
        return union;
      }
    }
    if (oneOf(60)) {
      return type(1, true);
    }
    Type copy = new Type(type.kind);
    copy.name = type.name;
    copy.size = type.size;
    copy.symbols = new ArrayList<>(type.symbols);
    if (copy.name != null && !type.kind.equals("reference") && oneOf(12)) {
      // Without the alias, types of other names meet.
      copy.alias = oneOf(3) ? null : copy.name;
      copy.name = copy.name + "x";
      renamed.put(type.name, copy.name);
    }
    switch (type.kind) {
      case "reference":
        copy.name = renamed.getOrDefault(type.name, type.name);
        break;
      case "enum":
        if (oneOf(4)) {
          copy.symbols.add(0, "T" + names++);
        }
        if (oneOf(4) && copy.symbols.size() > 1) {
          copy.symbols.remove(random.nextInt(copy.symbols.size()));
        }
        if (oneOf(2)) {
          copy.symbolDefault = copy.symbols.get(random.nextInt(copy.symbols.size()));
        }
        break;
      case "union":
        for (Type part : type.parts) {
          Type changed = changed(part);
          if (!changed.kind.equals("union") && !oneOf(12)) {
            add(copy, changed);
          }
        }
        if (oneOf(6)) {
          add(copy, new Type(PRIMITIVES[random.nextInt(PRIMITIVES.length)]));
        }
        if (oneOf(4) && copy.parts.size() > 1) {
          copy.parts.add(0, copy.parts.remove(copy.parts.size() - 1));
        }
        if (copy.parts.isEmpty()) {
          copy.parts.add(new Type("null"));
        }
        break;
      default:
        for (Type part : type.parts) {
          copy.parts.add(changed(part));
        }
    }
    for (Field field : type.fields) {
      if (oneOf(8)) {
        continue;
      }
      Field read = new Field(field.name, changed(field.type));
      if (oneOf(10)) {
        read.alias = read.name;
        read.name = read.name + "y";
      }
      copy.fields.add(oneOf(5) ? random.nextInt(copy.fields.size() + 1) : copy.fields.size(), read);
    }
    if (type.kind.equals("record") && oneOf(3)) {
      Field added = new Field("added" + names++, null);
      String[][] defaults = {
        {"int", "-7"},
        {"string", "\"text\""},
        {"double", "1.5"},
        {"boolean", "true"},
        {"long", "123456789012"},
        {"null", "null"},
      };
      String[] chosen = defaults[random.nextInt(defaults.length)];
      added.type = new Type(chosen[0]);
      added.defaultJson = chosen[1];
      if (oneOf(3)) {
        Type union = new Type("union");
        union.parts.add(added.type);
        add(union, new Type("float"));
        added.type = union;
      } else if (oneOf(3)) {
        Type array = new Type("array");
        array.parts.add(added.type);
        added.type = array;
        added.defaultJson = "[" + chosen[1] + "," + chosen[1] + "]";
      }
      if (oneOf(25)) {
        added.defaultJson = null;
      }
      copy.fields.add(random.nextInt(copy.fields.size() + 1), added);
    }
    return copy;
  }

  private final Map<String, String> renamed = new LinkedHashMap<>();

  private Type promoted(Type type) {
    String[] to;
    switch (type.kind) {
      case "int":
        to = new String[] {"long", "float", "double"};
        break;
      case "long":
        to = new String[] {"float", "double"};
        break;
      case "float":
        to = new String[] {"double"};
        break;
      case "string":
        to = new String[] {"bytes"};
        break;
      case "bytes":
        to = new String[] {"string"};
        break;
      default:
        return null;
    }
    return new Type(to[random.nextInt(to.length)]);
  }

  /** A schema's text. A name is written out where it comes first. */
  static String json(Type type) {
    StringBuilder out = new StringBuilder();
    write(out, type, new ArrayList<>());
    return out.toString();
  }

  private static void write(StringBuilder out, Type type, List<String> written) {
    if (type.kind.equals("reference") || (type.name != null && written.contains(type.name))) {
      out.append('"').append(type.name).append('"');
      return;
    }
    if (type.name == null && type.parts.isEmpty() && !type.kind.equals("union")) {
      out.append('"').append(type.kind).append('"');
      return;
    }
    if (type.kind.equals("union")) {
      out.append('[');
      for (int i = 0; i < type.parts.size(); i++) {
        out.append(i == 0 ? "" : ",");
        write(out, type.parts.get(i), written);
      }
      out.append(']');
      return;
    }
    out.append("{\"type\":\"").append(type.kind).append('"');
    if (type.name != null) {
      written.add(type.name);
      out.append(",\"name\":\"").append(type.name).append('"');
    }
    if (type.alias != null) {
      out.append(",\"aliases\":[\"").append(type.alias).append("\"]");
    }
    switch (type.kind) {
      case "array":
        out.append(",\"items\":");
        write(out, type.parts.get(0), written);
        break;
      case "map":
        out.append(",\"values\":");
        write(out, type.parts.get(0), written);
        break;
      case "fixed":
        out.append(",\"size\":").append(type.size);
        break;
      case "enum":
        out.append(",\"symbols\":[\"").append(String.join("\",\"", type.symbols)).append("\"]");
        if (type.symbolDefault != null) {
          out.append(",\"default\":\"").append(type.symbolDefault).append('"');
        }
        break;
      default:
        out.append(",\"fields\":[");
        for (int i = 0; i < type.fields.size(); i++) {
          Field field = type.fields.get(i);
          out.append(i == 0 ? "" : ",").append("{\"name\":\"").append(field.name).append("\",");
          if (field.alias != null) {
            out.append("\"aliases\":[\"").append(field.alias).append("\"],");
          }
          out.append("\"type\":");
          write(out, field.type, written);
          if (field.defaultJson != null) {
            out.append(",\"default\":").append(field.defaultJson);
          }
          out.append('}');
        }
        out.append(']');
    }
    out.append('}');
  }

  /** A value of a schema. */
  public Object value(Schema schema, int depth) {
    switch (schema.getType()) {
      case NULL:
        return null;
      case BOOLEAN:
        return random.nextBoolean();
      case INT:
        return oneOf(2) ? random.nextInt(100) : random.nextInt();
      case LONG:
        return oneOf(2) ? random.nextInt(100) : random.nextLong();
      case FLOAT:
        return oneOf(20) ? Float.NaN : random.nextFloat() * 200 - 100;
      case DOUBLE:
        return oneOf(20) ? Double.NEGATIVE_INFINITY : random.nextDouble();
      case BYTES:
        return ByteBuffer.wrap(bytes(random.nextInt(8)));
      case STRING:
        return new Utf8(Integer.toString(random.nextInt(1 << random.nextInt(30)), 36));
      case FIXED:
        return new GenericData.Fixed(schema, bytes(schema.getFixedSize()));
      case ENUM:
        List<String> symbols = schema.getEnumSymbols();
        return new GenericData.EnumSymbol(schema, symbols.get(random.nextInt(symbols.size())));
      case UNION:
        // Deep values take null, or they would have no end.
        int branch = random.nextInt(schema.getTypes().size());
        if (depth <= 0 && schema.getTypes().get(0).getType() == Schema.Type.NULL) {
          branch = 0;
        }
        return value(schema.getTypes().get(branch), depth - 1);
      case ARRAY:
        List<Object> items = new ArrayList<>();
        for (int i = depth <= 0 ? 0 : random.nextInt(1 << random.nextInt(7)); i > 0; i--) {
          items.add(value(schema.getElementType(), depth - 2));
        }
        return items;
      case MAP:
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int i = depth <= 0 ? 0 : random.nextInt(6); i > 0; i--) {
          map.put(new Utf8("k" + random.nextInt(50)), value(schema.getValueType(), depth - 2));
        }
        return map;
      default:
        GenericData.Record record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
          record.put(field.pos(), value(field.schema(), depth - 1));
        }
        return record;
    }
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
