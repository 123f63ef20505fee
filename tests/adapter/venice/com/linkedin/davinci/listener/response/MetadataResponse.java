package com.linkedin.davinci.listener.response;

import com.linkedin.venice.metadata.response.MetadataResponseRecord;

/** Stand-in for Venice's class of this name. */
public class MetadataResponse {
  public final MetadataResponseRecord record = new MetadataResponseRecord();
  public String error;

  public boolean isError() {
    return error != null;
  }

  public String getMessage() {
    return error;
  }

  public MetadataResponseRecord getResponseRecord() {
    return record;
  }
}
