package com.linkedin.venice.metadata.payload;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Signature of Venice's class of this name; compiled against only. */
public class StorePropertiesPayloadRecord {
  public int getStoreMetaValueSchemaVersion() {
    throw new UnsupportedOperationException();
  }

  public ByteBuffer getStoreMetaValueAvro() {
    throw new UnsupportedOperationException();
  }

  public Map<CharSequence, Integer> getHelixGroupInfo() {
    throw new UnsupportedOperationException();
  }

  public Map<CharSequence, List<CharSequence>> getRoutingInfo() {
    throw new UnsupportedOperationException();
  }
}
