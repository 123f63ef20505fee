package com.linkedin.venice.meta;

/** Signature of Venice's class of this name; compiled against only. */
public class Instance {
  public String getNodeId() {
    throw new UnsupportedOperationException();
  }
}
