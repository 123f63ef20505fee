package com.linkedin.venice.meta;

import java.util.Collection;
import java.util.List;

/** Stand-in for Venice's class of this name. */
public class PartitionAssignment {
  private final String topic;
  private final List<Partition> partitions;

  public PartitionAssignment(String topic, List<Partition> partitions) {
    this.topic = topic;
    this.partitions = partitions;
  }

  public Collection<Partition> getAllPartitions() {
    return partitions;
  }

  public String getTopic() {
    return topic;
  }
}
