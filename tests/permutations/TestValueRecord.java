package com.linkedin.venice.rust.tests.permutations;

import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/** The value of the stores that Venice's Fast Client tests read, as Avro would generate it. */
public final class TestValueRecord extends SpecificRecordBase {
  private static final long serialVersionUID = 1L;

  /** The first schema of the value. */
  @SuppressWarnings("checkstyle:ConstantName") // Avro looks for this name.
  public static final Schema SCHEMA$ =
      new Schema.Parser()
          .parse(
              """
              {"name": "TestValueRecord", "type": "record",
               "namespace": "com.linkedin.venice.rust.tests.permutations", "fields": [
                {"name": "int_field", "type": "int"}]}""");

  private int intField;

  /** Creates a record with the value 0. */
  public TestValueRecord() {}

  /** Returns {@code int_field}. */
  public int intField() {
    return intField;
  }

  @Override
  public Schema getSchema() {
    return SCHEMA$;
  }

  @Override
  public Object get(int field) {
    if (field != 0) {
      throw new AvroRuntimeException("TestValueRecord has no field " + field);
    }
    return intField;
  }

  @Override
  public void put(int field, Object value) {
    if (field != 0) {
      throw new AvroRuntimeException("TestValueRecord has no field " + field);
    }
    intField = (Integer) value;
  }
}
