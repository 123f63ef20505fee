package com.linkedin.venice.meta;

import java.util.Map;

/** Signature of Venice's interface of this name; compiled against only. */
public interface PartitionerConfig {
  String getPartitionerClass();

  Map<String, String> getPartitionerParams();

  int getAmplificationFactor();
}
