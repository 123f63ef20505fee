package com.linkedin.davinci.listener.response;

import com.linkedin.venice.metadata.payload.StorePropertiesPayloadRecord;

/** Signature of Venice's class of this name; compiled against only. */
public class StorePropertiesPayload {
  public boolean isError() {
    throw new UnsupportedOperationException();
  }

  public String getMessage() {
    throw new UnsupportedOperationException();
  }

  public StorePropertiesPayloadRecord getPayloadRecord() {
    throw new UnsupportedOperationException();
  }
}
