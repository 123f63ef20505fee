package com.linkedin.venice.metadata.response;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stand-in for Venice's class of this name. */
public class MetadataResponseRecord {
  public final VersionProperties version = new VersionProperties();
  public final Map<CharSequence, CharSequence> keySchema = new HashMap<>();
  public final Map<CharSequence, CharSequence> valueSchemas = new HashMap<>();
  public final Map<CharSequence, List<CharSequence>> routingInfo = new HashMap<>();
  public final Map<CharSequence, Integer> helixGroupInfo = new HashMap<>();

  public VersionProperties getVersionMetadata() {
    return version;
  }

  public Map<CharSequence, CharSequence> getKeySchema() {
    return keySchema;
  }

  public Map<CharSequence, CharSequence> getValueSchemas() {
    return valueSchemas;
  }

  public Map<CharSequence, List<CharSequence>> getRoutingInfo() {
    return routingInfo;
  }

  public Map<CharSequence, Integer> getHelixGroupInfo() {
    return helixGroupInfo;
  }

  public int getExternalStorageReadMode() {
    return 0;
  }
}
