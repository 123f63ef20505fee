package com.linkedin.venice.rust.reference.compute;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * How often each value of a field occurs (VIP-5). In Venice this is a class of its thin client: no
 * server has it. What that leaves open is as docs/compute.md says: values are counted by their
 * texts, null is not counted, and of values that occur equally often the one is first whose text
 * comes first by its bytes.
 */
public final class FacetCountingUtils {
  private static final Set<Schema.Type> SCALARS =
      Set.of(
          Schema.Type.NULL,
          Schema.Type.BOOLEAN,
          Schema.Type.INT,
          Schema.Type.LONG,
          Schema.Type.FLOAT,
          Schema.Type.DOUBLE,
          Schema.Type.STRING,
          Schema.Type.ENUM);

  private final Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();

  /**
   * Begins to count fields.
   *
   * @throws IllegalArgumentException if there are none, or one cannot be counted
   */
  public FacetCountingUtils(List<String> fieldNames, Schema value) {
    if (fieldNames.isEmpty()) {
      throw new IllegalArgumentException("fieldNames cannot be null or empty");
    }
    for (String name : fieldNames) {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("Field name cannot be empty");
      }
      Schema.Field field = value.getField(name);
      if (field == null) {
        throw new IllegalArgumentException("Field not found in schema: " + name);
      }
      Schema schema = field.schema();
      List<Schema> branches =
          schema.getType() == Schema.Type.UNION ? schema.getTypes() : List.of(schema);
      for (Schema branch : branches) {
        if (!SCALARS.contains(branch.getType())) {
          throw new IllegalArgumentException(
              "Field "
                  + name
                  + " has the type "
                  + branch.getType().getName()
                  + "; strings, enums, booleans and numbers are counted, also in unions with null");
        }
      }
      counts.put(name, new HashMap<>());
    }
  }

  /** Counts the fields of a value. */
  public void add(GenericRecord value) {
    counts.forEach(
        (name, texts) -> {
          Object field = value.get(name);
          if (field != null) {
            texts.merge(field.toString(), 1, Integer::sum);
          }
        });
  }

  /**
   * Returns the texts of a field that occur most often, and how often, in their order.
   *
   * @param topK how many at most, at least 1
   */
  public Map<String, Integer> top(String fieldName, int topK) {
    Comparator<Map.Entry<String, Integer>> often =
        Map.Entry.<String, Integer>comparingByValue().reversed();
    Map<String, Integer> top = new LinkedHashMap<>();
    counts.get(fieldName).entrySet().stream()
        .sorted(often.thenComparing(entry -> bytes(entry.getKey())))
        .limit(topK)
        .forEach(entry -> top.put(entry.getKey(), entry.getValue()));
    return top;
  }

  /** As many characters as bytes, so that texts are in the order of these. */
  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
