package com.linkedin.venice.metadata.response;

import java.util.List;
import java.util.Map;

/** Signature of Venice's class of this name; compiled against only. */
public class MetadataResponseRecord {
  public VersionProperties getVersionMetadata() {
    throw new UnsupportedOperationException();
  }

  public Map<CharSequence, CharSequence> getKeySchema() {
    throw new UnsupportedOperationException();
  }

  public Map<CharSequence, CharSequence> getValueSchemas() {
    throw new UnsupportedOperationException();
  }

  public Map<CharSequence, List<CharSequence>> getRoutingInfo() {
    throw new UnsupportedOperationException();
  }

  public Map<CharSequence, Integer> getHelixGroupInfo() {
    throw new UnsupportedOperationException();
  }

  public int getExternalStorageReadMode() {
    throw new UnsupportedOperationException();
  }
}
