package com.linkedin.venice.meta;

import com.linkedin.venice.compression.CompressionStrategy;

/** Signature of Venice's interface of this name; compiled against only. */
public interface Version {
  VersionStatus getStatus();

  int getPartitionCount();

  String kafkaTopicName();

  int getNumber();

  PartitionerConfig getPartitionerConfig();

  CompressionStrategy getCompressionStrategy();
}
