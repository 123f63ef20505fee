package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.testing.AvroBytes;
import com.linkedin.venice.rust.testing.CompressionStrategy;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The stores that Venice's Fast Client tests read: string keys {@code key_<i>}, and records or
 * strings as values.
 */
final class TestStores {
  /** {@code AbstractClientEndToEndSetup}: so many records in a store. */
  static final int RECORDS = 100;

  /** {@code VeniceGrpcEndToEndTest}: so many strings in a store. */
  static final int STRINGS = 1000;

  /** A key that no store has. */
  static final String NON_EXISTING_KEY = "nonExistingKey";

  /** What {@code opt_int_field} is where a record was written without it. */
  static final int DEFAULT_OPTIONAL_INT = -1;

  private static final int PARTITIONS = 3;

  private static final Schema VALUE_V1 = TestValueRecord.SCHEMA$;

  private static final Schema VALUE_V2 =
      new Schema.Parser()
          .parse(
              """
              {"name": "TestValueRecord", "type": "record",
               "namespace": "com.linkedin.venice.rust.tests.permutations", "fields": [
                {"name": "int_field", "type": "int"},
                {"name": "opt_int_field", "type": "int", "default": -1}]}\
              """);

  private static final Schema STRING = Schema.create(Schema.Type.STRING);

  /** A value and the id of its schema. */
  record Value(int schemaId, Object datum) {}

  /**
   * A store version.
   *
   * @param config name, partitions and compression
   * @param valueSchemas by their ids
   * @param rows by their keys, in order
   */
  record Store(
      StoreVersionConfig config, Map<Integer, Schema> valueSchemas, Map<String, Value> rows) {

    /** Returns the values as they are stored, but for compression. */
    byte[] payload(Value value) {
      return AvroBytes.encode(valueSchemas.get(value.schemaId()), value.datum());
    }
  }

  private TestStores() {}

  /** Returns {@code key_<from>} to {@code key_<to - 1>}. */
  static Set<String> keys(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> "key_" + i)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Returns the records with {@code int_field} only, under schema id 1. */
  static Store records(String name, CompressionStrategy compression) {
    return store(
        name, 1, compression, Map.of(1, VALUE_V1), RECORDS, i -> new Value(1, recordV1(i)));
  }

  /**
   * Returns the next version of the store: every other record has the second schema, with {@code
   * opt_int_field}, and the others are as they were.
   */
  static Store recordsOfTwoSchemas(String name, CompressionStrategy compression) {
    return store(
        name,
        2,
        compression,
        Map.of(1, VALUE_V1, 2, VALUE_V2),
        RECORDS,
        i -> i % 2 == 0 ? new Value(2, recordV2(i)) : new Value(1, recordV1(i)));
  }

  /** Returns a store of strings. */
  static Store strings(String name, CompressionStrategy compression) {
    return store(name, 1, compression, Map.of(1, STRING), STRINGS, i -> new Value(1, "value_" + i));
  }

  private static Store store(
      String name,
      int version,
      CompressionStrategy compression,
      Map<Integer, Schema> schemas,
      int count,
      IntFunction<Value> value) {
    Map<String, Value> rows = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      rows.put("key_" + i, value.apply(i));
    }
    byte[] dictionary = null;
    if (compression == CompressionStrategy.ZSTD_WITH_DICT) {
      List<byte[]> samples = new ArrayList<>();
      rows.values()
          .forEach(
              row -> samples.add(AvroBytes.encode(schemas.get(row.schemaId()), row.datum())));
      dictionary = Compressor.trainDictionary(samples);
    }
    StoreVersionConfig config =
        new StoreVersionConfig(
                name + "_" + compression.name().toLowerCase(Locale.ROOT), version, PARTITIONS)
            .withCompression(compression, dictionary);
    return new Store(config, schemas, rows);
  }

  private static GenericRecord recordV1(int i) {
    GenericRecord record = new GenericData.Record(VALUE_V1);
    record.put("int_field", i);
    return record;
  }

  private static GenericRecord recordV2(int i) {
    GenericRecord record = new GenericData.Record(VALUE_V2);
    record.put("int_field", i);
    record.put("opt_int_field", 2 * i);
    return record;
  }

  /** Returns the name of a store, without its version. */
  static String name(Store store) {
    String resource = store.config().resource();
    return resource.substring(0, resource.lastIndexOf("_v"));
  }

  /** Returns the version, as servers are told of it. */
  static com.linkedin.venice.rust.reference.Store.Version version(Store store) {
    String resource = store.config().resource();
    return com.linkedin.venice.rust.reference.Store.Version.of(
        Integer.parseInt(resource.substring(resource.lastIndexOf("_v") + 2)),
        store.config().compressor().strategy().id(),
        store.config().partitionCount());
  }

  /** Returns what servers are told of a store, whose version is the current one. */
  static com.linkedin.venice.rust.reference.Store.Builder described(Store store) {
    Map<Integer, String> schemas = new TreeMap<>();
    store.valueSchemas().forEach((id, schema) -> schemas.put(id, schema.toString()));
    com.linkedin.venice.rust.reference.Store.Version version = version(store);
    return com.linkedin.venice.rust.reference.Store.builder(
            name(store), "\"string\"", schemas.get(1))
        .valueSchemas(schemas, com.linkedin.venice.rust.reference.Store.NO_SCHEMA)
        .versions(version.number(), version)
        .routing(Map.of(0, List.of("https://replica:1")));
  }

  /** Adds the rows of a store to its writer. */
  static void write(Store store, StoreVersionWriter writer) {
    store
        .rows()
        .forEach(
            (key, value) ->
                writer.add(SampleRows.avroString(key), value.schemaId(), store.payload(value)));
  }
}
