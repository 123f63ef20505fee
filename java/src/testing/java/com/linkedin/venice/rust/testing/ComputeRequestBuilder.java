package com.linkedin.venice.rust.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

/**
 * A request to compute, as Venice's client of this name makes it: operations on fields of the
 * value, fields that come along, and the result schema made of both. Avro's own writer encodes it
 * by Venice's {@code ComputeRequestV3.avsc}. Not thread-safe; results are read when the request is
 * complete.
 */
public final class ComputeRequestBuilder {
  /** The result's field with what went wrong, by the names of results. */
  public static final String ERRORS = "__veniceComputationError__";

  private static final Schema REQUEST =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "ComputeRequestV3",
               "namespace": "com.linkedin.venice.compute.protocol.request", "fields": [
                {"name": "operations", "type": {"type": "array", "items": [
                  {"name": "ComputeOperation", "type": "record", "fields": [
                    {"name": "operationType", "type": "int"},
                    {"name": "operation", "type": [
                      {"name": "DotProduct", "type": "record", "fields": [
                        {"name": "field", "type": "string"},
                        {"name": "dotProductParam",
                         "type": {"type": "array", "items": "float"}},
                        {"name": "resultFieldName", "type": "string"}]},
                      {"name": "CosineSimilarity", "type": "record", "fields": [
                        {"name": "field", "type": "string"},
                        {"name": "cosSimilarityParam",
                         "type": {"type": "array", "items": "float"}},
                        {"name": "resultFieldName", "type": "string"}]},
                      {"name": "HadamardProduct", "type": "record", "fields": [
                        {"name": "field", "type": "string"},
                        {"name": "hadamardProductParam",
                         "type": {"type": "array", "items": "float"}},
                        {"name": "resultFieldName", "type": "string"}]},
                      {"name": "Count", "type": "record", "fields": [
                        {"name": "field", "type": "string"},
                        {"name": "resultFieldName", "type": "string"}]}]}]}]}},
                {"name": "resultSchemaStr", "type": "string"}]}\
              """);

  private static final int DOT_PRODUCT = 0;
  private static final int COSINE_SIMILARITY = 1;
  private static final int HADAMARD_PRODUCT = 2;
  private static final int COUNT = 3;

  private final Schema value;
  private final List<GenericRecord> operations = new ArrayList<>();
  private final Map<String, Schema> results = new LinkedHashMap<>();
  private GenericDatumReader<GenericRecord> reader;

  /** Creates a request without operations on values of a record schema. */
  public ComputeRequestBuilder(Schema value) {
    this.value = value;
  }

  /** Copies fields of the value. */
  public ComputeRequestBuilder project(String... fields) {
    for (String field : fields) {
      if (value.getField(field) == null) {
        throw new VeniceClientException("Value schema does not have the field " + field);
      }
      results.put(field, value.getField(field).schema());
    }
    return this;
  }

  /** Multiplies a vector with one of the client's. */
  public ComputeRequestBuilder dotProduct(String field, List<Float> vector, String result) {
    add(DOT_PRODUCT, field, "dotProductParam", vector, result);
    results.put(result, nullable(Schema.create(Schema.Type.FLOAT)));
    return this;
  }

  /** Asks for the cosine of the angle between a vector and one of the client's. */
  public ComputeRequestBuilder cosineSimilarity(String field, List<Float> vector, String result) {
    add(COSINE_SIMILARITY, field, "cosSimilarityParam", vector, result);
    results.put(result, nullable(Schema.create(Schema.Type.FLOAT)));
    return this;
  }

  /** Multiplies a vector with one of the client's, element by element. */
  public ComputeRequestBuilder hadamardProduct(String field, List<Float> vector, String result) {
    add(HADAMARD_PRODUCT, field, "hadamardProductParam", vector, result);
    results.put(result, nullable(Schema.createArray(Schema.create(Schema.Type.FLOAT))));
    return this;
  }

  /** Counts the items of an array or a map. */
  public ComputeRequestBuilder count(String field, String result) {
    add(COUNT, field, null, null, result);
    results.put(result, nullable(Schema.create(Schema.Type.INT)));
    return this;
  }

  private void add(int type, String field, String parameter, List<Float> vector, String result) {
    Schema item = REQUEST.getField("operations").schema().getElementType().getTypes().get(0);
    GenericRecord operation =
        new GenericData.Record(item.getField("operation").schema().getTypes().get(type));
    operation.put("field", field);
    operation.put("resultFieldName", result);
    if (parameter != null) {
      operation.put(parameter, vector);
    }
    GenericRecord typed = new GenericData.Record(item);
    typed.put("operationType", type);
    typed.put("operation", operation);
    operations.add(typed);
  }

  private static Schema nullable(Schema schema) {
    return Schema.createUnion(Schema.create(Schema.Type.NULL), schema);
  }

  /** Returns the schema of what comes back for each key. */
  public Schema resultSchema() {
    SchemaBuilder.FieldAssembler<Schema> fields =
        SchemaBuilder.record(value.getName() + "VeniceComputeResult").fields();
    results.forEach((name, schema) -> fields.name(name).type(schema).noDefault());
    return fields.name(ERRORS).type().map().values().stringType().noDefault().endRecord();
  }

  /** Returns the body of a request: this, and the keys behind it. */
  public byte[] body(List<MultiGetRecords.Key> keys) {
    GenericRecord request = new GenericData.Record(REQUEST);
    request.put("operations", operations);
    request.put("resultSchemaStr", resultSchema().toString());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(AvroBytes.encode(REQUEST, request));
    out.writeBytes(MultiGetRecords.encodeKeys(keys).toByteArray());
    return out.toByteArray();
  }

  /**
   * Returns what came back for a key.
   *
   * @throws VeniceClientException if it is no record of the result schema
   */
  public GenericRecord result(ComputeRecords.Result result) {
    try {
      if (reader == null) {
        reader = new GenericDatumReader<>(resultSchema());
      }
      return reader.read(null, DecoderFactory.get().binaryDecoder(result.value(), null));
    } catch (IOException | RuntimeException e) {
      throw new VeniceClientException("the result of key " + result.keyIndex() + " is none", e);
    }
  }
}
