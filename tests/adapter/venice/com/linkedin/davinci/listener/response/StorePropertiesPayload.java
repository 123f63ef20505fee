package com.linkedin.davinci.listener.response;

import com.linkedin.venice.metadata.payload.StorePropertiesPayloadRecord;

/** Stand-in for Venice's class of this name. */
public class StorePropertiesPayload {
  public final StorePropertiesPayloadRecord record = new StorePropertiesPayloadRecord();
  public String error;

  public boolean isError() {
    return error != null;
  }

  public String getMessage() {
    return error;
  }

  public StorePropertiesPayloadRecord getPayloadRecord() {
    return record;
  }
}
