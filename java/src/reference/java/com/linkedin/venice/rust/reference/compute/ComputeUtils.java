package com.linkedin.venice.rust.reference.compute;

import com.linkedin.venice.exceptions.VeniceException;
import com.linkedin.venice.rust.reference.compute.ComputeOperation.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * What Venice's server makes of a value: the rules of its operators. Floats are added as it adds
 * them; texts, and the order of the error map, are its own.
 */
public final class ComputeUtils {
  /** The result's field for errors: texts by the names of results. */
  public static final String ERRORS = "__veniceComputationError__";

  private ComputeUtils() {}

  /**
   * Checks a request against the schemas. Venice does that once for each text of a result schema;
   * it is done for each request here, as an answer should not depend on who asked before.
   *
   * @throws VeniceException if an operation's field is not the value's, or the result has a field
   *     that nothing fills
   */
  public static void checkResultSchema(
      Schema result, Schema value, List<ComputeOperation> operations) {
    if (value.getType() != Schema.Type.RECORD || result.getType() != Schema.Type.RECORD) {
      throw new VeniceException("Compute result schema and value schema must be RECORD type");
    }
    for (ComputeOperation operation : operations) {
      operation.type();
      if (value.getField(operation.field()) == null) {
        throw new VeniceException(
            "The field " + operation.field() + " being operated on is not in value schema");
      }
    }
    for (Schema.Field field : result.getFields()) {
      Schema.Field same = value.getField(field.name());
      boolean operated =
          field.schema().getType() == Schema.Type.UNION
              && operations.stream().anyMatch(o -> o.resultFieldName().equals(field.name()));
      if (!(same != null && same.schema().equals(field.schema()))
          && !field.name().equals(ERRORS)
          && !operated) {
        throw new VeniceException(
            "The result field "
                + field.name()
                + " is not a field in value schema or an operation result schema.");
      }
    }
  }

  /**
   * Fills a result from a value.
   *
   * @param result a record of the result schema whose fields are null
   * @throws NullPointerException if the result of an operation has no field
   */
  public static void computeResult(
      List<ComputeOperation> operations, GenericRecord value, GenericRecord result) {
    Map<String, String> errors = new HashMap<>();
    for (ComputeOperation operation : operations) {
      compute(operation, value, result, errors);
    }
    Schema.Field errorField = result.getSchema().getField(ERRORS);
    if (errorField != null && result.get(errorField.pos()) == null) {
      result.put(errorField.pos(), errors);
    }
    for (Schema.Field field : result.getSchema().getFields()) {
      if (result.get(field.pos()) == null && value.getSchema().getField(field.name()) != null) {
        result.put(field.pos(), value.get(field.name()));
      }
    }
  }

  private static void compute(
      ComputeOperation operation,
      GenericRecord value,
      GenericRecord result,
      Map<String, String> errors) {
    Type type = operation.type();
    int place = result.getSchema().getField(operation.resultFieldName()).pos();
    if (type == Type.COUNT && value.get(operation.field()) == null) {
      result.put(place, 0);
      errors.put(
          operation.resultFieldName(),
          "Failed to execute compute request as the field "
              + operation.field()
              + " is not allowed to be null for read-compute count operator in value record.");
      return;
    }
    Object failed =
        type == Type.COUNT ? (Object) (-1) : type == Type.HADAMARD_PRODUCT ? null : (Object) 0.0f;
    try {
      String error = operate(operation, value, result, place);
      if (error != null) {
        result.put(place, failed);
        errors.put(operation.resultFieldName(), error);
      }
    } catch (RuntimeException e) {
      result.put(place, failed);
      String text = e.getMessage();
      errors.put(
          operation.resultFieldName(),
          e.getClass().getSimpleName()
              + " : "
              + (text == null ? "Failed to execute " + type.text() + " operator." : text));
    }
  }

  /** Puts a result; or returns why there is none. */
  private static String operate(
      ComputeOperation operation, GenericRecord value, GenericRecord result, int place) {
    Object field = value.get(operation.field());
    if (operation.type() == Type.COUNT) {
      result.put(place, count(operation, field));
      return null;
    }
    if (field != null && !(field instanceof List)) {
      throw new IllegalArgumentException(
          String.format(
              "Field %s in the record is not of the type list. Value: %s",
              operation.field(), value));
    }
    @SuppressWarnings("unchecked")
    List<Float> vector = field == null ? Collections.emptyList() : (List<Float>) field;
    List<Float> parameter = operation.parameter();
    if (vector.isEmpty() || parameter.isEmpty()) {
      result.put(place, null);
      return null;
    }
    if (vector.size() != parameter.size()) {
      String product =
          operation.type() == Type.HADAMARD_PRODUCT ? "hadamard product" : "dot product";
      return "Failed to compute because size of "
          + product
          + " parameter is: "
          + parameter.size()
          + " while the size of value vector("
          + operation.field()
          + ") is: "
          + vector.size();
    }
    switch (operation.type()) {
      case DOT_PRODUCT -> result.put(place, dotProduct(parameter, vector));
      case COSINE_SIMILARITY -> {
        float dot = dotProduct(parameter, vector);
        float squares = dotProduct(vector, vector) * operation.squaredNorm();
        result.put(place, (float) (dot / Math.sqrt(squares)));
      }
      default -> result.put(place, hadamardProduct(parameter, vector));
    }
    return null;
  }

  private static int count(ComputeOperation operation, Object field) {
    if (field instanceof Map<?, ?> map) {
      return map.size();
    }
    if (field instanceof Collection<?> collection) {
      return collection.size();
    }
    throw new VeniceException(
        "Record field "
            + operation.resultFieldName()
            + " is not valid for count operation, only Map/Array are supported.");
  }

  private static List<Float> hadamardProduct(List<Float> parameter, List<Float> vector) {
    Floats a = parameter::get;
    Floats b = vector::get;
    Float[] products = new Float[vector.size()];
    for (int i = 0; i < products.length; i++) {
      products[i] = a.get(i) * b.get(i);
    }
    return Arrays.asList(products);
  }

  static float dotProduct(List<Float> a, List<Float> b) {
    if (a instanceof PrimitiveFloatList x && b instanceof PrimitiveFloatList y) {
      return dotProduct(x.elements(), y.elements(), a.size());
    }
    return dotProduct((Floats) a::get, (Floats) b::get, a.size());
  }

  /**
   * Venice has references to {@code List.get} here, too: through them any number becomes a float.
   */
  private interface Floats {
    float get(int index);
  }

  /**
   * Four products are added from left to right, and their sum to the total; what is left, one by
   * one.
   */
  private static float dotProduct(Floats a, Floats b, int size) {
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

  /** The same, of arrays. */
  private static float dotProduct(float[] a, float[] b, int size) {
    float total = 0.0f;
    int i = 0;
    for (int limit = size / 4 * 4; i < limit; i += 4) {
      float p0 = a[i] * b[i];
      float p1 = a[i + 1] * b[i + 1];
      float p2 = a[i + 2] * b[i + 2];
      float p3 = a[i + 3] * b[i + 3];
      total += p0 + p1 + p2 + p3;
    }
    for (; i < size; i++) {
      total += a[i] * b[i];
    }
    return total;
  }
}
