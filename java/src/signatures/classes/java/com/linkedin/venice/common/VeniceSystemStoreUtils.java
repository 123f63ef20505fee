package com.linkedin.venice.common;

/** Signature of Venice's class of this name; compiled against only. */
public class VeniceSystemStoreUtils {
  public static boolean isSystemStore(String storeName) {
    throw new UnsupportedOperationException();
  }
}
