package com.linkedin.venice.rust.testing;

import java.util.Arrays;

/**
 * A value as it came back: the id of its writer schema, and its decompressed payload.
 *
 * @param schemaId the writer schema's id in the store, above 0
 * @param payload the Avro binary record, neither header nor compression around it
 */
public record StoredValue(int schemaId, byte[] payload) {
  @Override
  public boolean equals(Object other) {
    return other instanceof StoredValue that
        && schemaId == that.schemaId
        && Arrays.equals(payload, that.payload);
  }

  @Override
  public int hashCode() {
    return 31 * schemaId + Arrays.hashCode(payload);
  }

  @Override
  public String toString() {
    return "StoredValue[schema " + schemaId + ", " + payload.length + " bytes]";
  }
}
