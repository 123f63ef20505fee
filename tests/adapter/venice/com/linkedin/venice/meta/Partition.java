package com.linkedin.venice.meta;

import java.util.List;

/** Stand-in for Venice's class of this name. */
public class Partition {
  private final List<Instance> readyToServe;

  public Partition(List<Instance> readyToServe) {
    this.readyToServe = readyToServe;
  }

  public List<Instance> getReadyToServeInstances() {
    return readyToServe;
  }
}
