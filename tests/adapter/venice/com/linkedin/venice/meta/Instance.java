package com.linkedin.venice.meta;

/** Stand-in for Venice's class of this name. */
public class Instance {
  private final String nodeId;

  public Instance(String nodeId) {
    this.nodeId = nodeId;
  }

  public String getNodeId() {
    return nodeId;
  }
}
