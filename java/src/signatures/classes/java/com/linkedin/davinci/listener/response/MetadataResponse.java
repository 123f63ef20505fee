package com.linkedin.davinci.listener.response;

import com.linkedin.venice.metadata.response.MetadataResponseRecord;

/** Signature of Venice's class of this name; compiled against only. */
public class MetadataResponse {
  public boolean isError() {
    throw new UnsupportedOperationException();
  }

  public String getMessage() {
    throw new UnsupportedOperationException();
  }

  public MetadataResponseRecord getResponseRecord() {
    throw new UnsupportedOperationException();
  }
}
