package com.linkedin.venice.metadata.payload;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stand-in for Venice's class of this name. */
public class StorePropertiesPayloadRecord {
  public final Map<CharSequence, List<CharSequence>> routingInfo = new HashMap<>();
  public final Map<CharSequence, Integer> helixGroupInfo = new HashMap<>();
  public ByteBuffer storeMetaValueAvro;

  public int getStoreMetaValueSchemaVersion() {
    return 47;
  }

  public ByteBuffer getStoreMetaValueAvro() {
    return storeMetaValueAvro;
  }

  public Map<CharSequence, List<CharSequence>> getRoutingInfo() {
    return routingInfo;
  }

  public Map<CharSequence, Integer> getHelixGroupInfo() {
    return helixGroupInfo;
  }
}
