package com.linkedin.venice.meta;

import com.linkedin.venice.schema.SchemaEntry;

/** Signature of Venice's interface of this name; compiled against only. */
public interface ReadOnlySchemaRepository {
  SchemaEntry getValueSchema(String storeName, int id);

  SchemaEntry getSupersetOrLatestValueSchema(String storeName);
}
