package com.linkedin.venice.cleaner;

/** Signature of Venice's interface of this name; compiled against only. */
public interface ResourceReadUsageTracker {
  void recordReadUsage(String resourceName);
}
