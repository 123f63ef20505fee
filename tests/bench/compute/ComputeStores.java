package com.linkedin.venice.rust.bench.compute;

import com.linkedin.venice.rust.testing.AvroBytes;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Stores of vectors: {@value #KEYS} records of a name and so many floats. */
final class ComputeStores {
  /** As many as a request has. */
  static final int KEYS = 1000;

  /** Partitions of a store. */
  static final int PARTITIONS = 4;

  /** Floats of a vector, a store for each. */
  static final int[] DIMENSIONS = {128, 768};

  /** What the values are written with. */
  static final Schema VALUE =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "Embedded", "fields": [
                {"name": "name", "type": "string"},
                {"name": "embedding", "type": {"type": "array", "items": "float"}}]}\
              """);

  private ComputeStores() {}

  static String name(int dimensions) {
    return "vectors" + dimensions;
  }

  static StoreVersionConfig config(int dimensions) {
    return new StoreVersionConfig(name(dimensions), 1, PARTITIONS);
  }

  static byte[] key(int number) {
    return SampleRows.avroString("key_" + number);
  }

  /** Returns the vector of a key; that of -1 is the client's. */
  static List<Float> vector(int number, int dimensions) {
    Random random = new Random(number);
    List<Float> vector = new ArrayList<>(dimensions);
    for (int i = 0; i < dimensions; i++) {
      vector.add(random.nextFloat() * 2 - 1);
    }
    return vector;
  }

  static void write(StoreVersionWriter writer, int dimensions) {
    GenericRecord value = new GenericData.Record(VALUE);
    for (int number = 0; number < KEYS; number++) {
      value.put("name", "record " + number);
      value.put("embedding", vector(number, dimensions));
      writer.add(key(number), 1, AvroBytes.encode(VALUE, value));
    }
  }
}
