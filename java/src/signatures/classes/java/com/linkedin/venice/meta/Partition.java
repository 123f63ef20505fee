package com.linkedin.venice.meta;

import java.util.List;

/** Signature of Venice's class of this name; compiled against only. */
public class Partition {
  public List<Instance> getReadyToServeInstances() {
    throw new UnsupportedOperationException();
  }
}
