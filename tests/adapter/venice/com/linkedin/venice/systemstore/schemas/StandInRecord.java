package com.linkedin.venice.systemstore.schemas;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/** What Avro generates of a record, for all of them: fields by their places. */
public abstract class StandInRecord extends SpecificRecordBase {
  /** Version 47's fields, with three of the properties, and null for what the adapter leaves alone. */
  static final Schema STORE_META_VALUE =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "StoreMetaValue",
               "namespace": "com.linkedin.venice.systemstore.schemas", "fields": [
                {"name": "timestamp", "type": "long"},
                {"name": "storeProperties", "type": ["null",
                  {"type": "record", "name": "StoreProperties", "fields": [
                    {"name": "name", "type": "string"},
                    {"name": "owner", "type": "string"},
                    {"name": "currentVersion", "type": "int"}]}]},
                {"name": "storeKeySchemas", "type": ["null",
                  {"type": "record", "name": "StoreKeySchemas", "fields": [
                    {"name": "keySchemaMap", "type": {"type": "map", "values": "string"}}]}]},
                {"name": "storeValueSchemas", "type": ["null",
                  {"type": "record", "name": "StoreValueSchemas", "fields": [
                    {"name": "valueSchemaMap", "type": {"type": "map", "values": "string"}}]}]},
                {"name": "storeValueSchema", "type": "null"},
                {"name": "storeReplicaStatuses", "type": "null"},
                {"name": "storeValueSchemaIdsWrittenPerStoreVersion",
                 "type": ["null", {"type": "array", "items": "int"}]},
                {"name": "storeClusterConfig", "type": "null"}]}
              """);

  private final Schema schema;
  private final Object[] fields;

  StandInRecord(Schema schema) {
    this.schema = schema;
    fields = new Object[schema.getFields().size()];
  }

  /** The record in a field that may be null. */
  static Schema inside(String field) {
    return STORE_META_VALUE.getField(field).schema().getTypes().get(1);
  }

  @Override
  public Schema getSchema() {
    return schema;
  }

  @Override
  public Object get(int field) {
    return fields[field];
  }

  @Override
  public void put(int field, Object value) {
    fields[field] = value;
  }
}
