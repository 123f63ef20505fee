package com.linkedin.venice.rust.tests.compute;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * What Venice's server makes of a value: the rules of its operators, on Java Avro. Floats are added as it adds them, texts and
 * the order of the error map are its own.
 */
final class ReferenceCompute {
  static final String ERRORS = "__veniceComputationError__";

  enum Kind {
    DOT_PRODUCT,
    COSINE_SIMILARITY,
    HADAMARD_PRODUCT,
    COUNT
  }

  static final class Operation {
    final Kind kind;
    final String field;
    final List<Float> parameter;
    final String result;

    Operation(Kind kind, String field, List<Float> parameter, String result) {
      this.kind = kind;
      this.field = field;
      this.parameter = parameter;
      this.result = result;
    }
  }

  /** A request that does not suit the schemas. */
  static final class Refused extends RuntimeException {
    Refused(String message) {
      super(message);
    }
  }

  private ReferenceCompute() {}

  static void check(List<Operation> operations, Schema value, Schema result) {
    if (value.getType() != Schema.Type.RECORD || result.getType() != Schema.Type.RECORD) {
      throw new Refused("Compute result schema and value schema must be RECORD type");
    }
    for (Operation operation : operations) {
      if (value.getField(operation.field) == null) {
        throw new Refused("The field " + operation.field + " being operated on is not in value schema");
      }
    }
    for (Schema.Field field : result.getFields()) {
      Schema.Field same = value.getField(field.name());
      boolean operated =
          field.schema().getType() == Schema.Type.UNION
              && operations.stream().anyMatch(operation -> operation.result.equals(field.name()));
      if (!(same != null && same.schema().equals(field.schema()))
          && !field.name().equals(ERRORS)
          && !operated) {
        throw new Refused(
            "The result field "
                + field.name()
                + " is not a field in value schema or an operation result schema.");
      }
    }
  }

  static GenericRecord compute(List<Operation> operations, GenericRecord value, Schema schema) {
    GenericRecord result = new GenericData.Record(schema);
    Map<String, String> errors = new HashMap<>();
    for (Operation operation : operations) {
      if (operation.kind == Kind.COUNT && value.get(operation.field) == null) {
        result.put(operation.result, 0);
        errors.put(
            operation.result,
            "Failed to execute compute request as the field "
                + operation.field
                + " is not allowed to be null for read-compute count operator in value record.");
        continue;
      }
      Object failed =
          operation.kind == Kind.COUNT
              ? (Object) (-1)
              : operation.kind == Kind.HADAMARD_PRODUCT ? null : (Object) 0.0f;
      try {
        String error = operate(operation, value, result);
        if (error != null) {
          result.put(operation.result, failed);
          errors.put(operation.result, error);
        }
      } catch (RuntimeException e) {
        result.put(operation.result, failed);
        String otherwise = "Failed to execute " + NAMES.get(operation.kind) + " operator.";
        errors.put(
            operation.result,
            e.getClass().getSimpleName() + " : " + (e.getMessage() == null ? otherwise : e.getMessage()));
      }
    }
    Schema.Field errorField = schema.getField(ERRORS);
    if (errorField != null && result.get(errorField.pos()) == null) {
      result.put(errorField.pos(), errors);
    }
    for (Schema.Field field : schema.getFields()) {
      if (result.get(field.pos()) == null && value.getSchema().getField(field.name()) != null) {
        result.put(field.pos(), value.get(field.name()));
      }
    }
    return result;
  }

  private static final Map<Kind, String> NAMES = new HashMap<>();

  static {
    NAMES.put(Kind.DOT_PRODUCT, "dot-product");
    NAMES.put(Kind.COSINE_SIMILARITY, "cosine similarity");
    NAMES.put(Kind.HADAMARD_PRODUCT, "hadamard product");
    NAMES.put(Kind.COUNT, "count");
  }

  /** Thrown by Venice; its simple name is in texts. */
  static final class VeniceException extends RuntimeException {
    VeniceException(String message) {
      super(message);
    }
  }

  /** Puts a result; or returns why there is none. */
  private static String operate(Operation operation, GenericRecord value, GenericRecord result) {
    Object field = value.get(operation.field);
    if (operation.kind == Kind.COUNT) {
      if (field instanceof Map) {
        result.put(operation.result, ((Map<?, ?>) field).size());
      } else if (field instanceof Collection) {
        result.put(operation.result, ((Collection<?>) field).size());
      } else {
        throw new VeniceException(
            "Record field "
                + operation.result
                + " is not valid for count operation, only Map/Array are supported.");
      }
      return null;
    }
    if (field != null && !(field instanceof List)) {
      throw new IllegalArgumentException(
          String.format(
              "Field %s in the record is not of the type list. Value: %s", operation.field, value));
    }
    @SuppressWarnings("unchecked")
    List<Float> vector = field == null ? Collections.emptyList() : (List<Float>) field;
    List<Float> parameter = operation.parameter;
    if (vector.isEmpty() || parameter.isEmpty()) {
      result.put(operation.result, null);
      return null;
    }
    if (vector.size() != parameter.size()) {
      String product = operation.kind == Kind.HADAMARD_PRODUCT ? "hadamard product" : "dot product";
      return "Failed to compute because size of "
          + product
          + " parameter is: "
          + parameter.size()
          + " while the size of value vector("
          + operation.field
          + ") is: "
          + vector.size();
    }
    switch (operation.kind) {
      case DOT_PRODUCT:
        result.put(operation.result, dot(parameter::get, vector::get, vector.size()));
        break;
      case COSINE_SIMILARITY:
        float dot = dot(parameter::get, vector::get, vector.size());
        float squares = dot(vector::get, vector::get, vector.size());
        float parameterSquares = dot(parameter::get, parameter::get, vector.size());
        result.put(operation.result, (float) (dot / Math.sqrt(squares * parameterSquares)));
        break;
      default:
        Float[] products = new Float[vector.size()];
        Floats a = parameter::get;
        Floats b = vector::get;
        for (int i = 0; i < products.length; i++) {
          products[i] = a.get(i) * b.get(i);
        }
        result.put(operation.result, java.util.Arrays.asList(products));
    }
    return null;
  }

  /** Venice has references to {@code List.get} here, too: through them any number becomes a float. */
  private interface Floats {
    float get(int index);
  }

  /** Four products are added from left to right, and their sum to the total; what is left, one by one. */
  private static float dot(Floats a, Floats b, int size) {
    float total = 0.0f;
    int i = 0;
    for (int limit = size / 4 * 4; i < limit; i += 4) {
      float p0 = a.get(i) * b.get(i);
      float p1 = a.get(i + 1) * b.get(i + 1);
      float p2 = a.get(i + 2) * b.get(i + 2);
      float p3 = a.get(i + 3) * b.get(i + 3);
      total += p0 + p1 + p2 + p3;
    }
    for (; i < size; i++) {
      total += a.get(i) * b.get(i);
    }
    return total;
  }
}
