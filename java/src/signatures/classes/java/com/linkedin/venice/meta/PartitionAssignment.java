package com.linkedin.venice.meta;

import java.util.Collection;

/** Signature of Venice's class of this name; compiled against only. */
public class PartitionAssignment {
  public Collection<Partition> getAllPartitions() {
    throw new UnsupportedOperationException();
  }

  public String getTopic() {
    throw new UnsupportedOperationException();
  }
}
