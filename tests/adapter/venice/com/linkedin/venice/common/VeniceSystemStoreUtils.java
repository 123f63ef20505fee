package com.linkedin.venice.common;

/** Stand-in for Venice's class of this name. */
public class VeniceSystemStoreUtils {
  public static boolean isSystemStore(String storeName) {
    return storeName.startsWith("venice_system_store_");
  }
}
