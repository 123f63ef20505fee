package com.linkedin.venice.pushmonitor;

/** Signature of Venice's class of this name; compiled against only. */
public class ReadOnlyPartitionStatus {}
