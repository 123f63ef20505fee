package com.linkedin.venice.exceptions;

/** A store version that this server does not host. */
public class VeniceNoStoreException extends VeniceException {
  private static final long serialVersionUID = 1L;

  private final String storeName;

  /** Creates an exception; in the read path the name is that of the store version. */
  public VeniceNoStoreException(String storeName) {
    super("Store: " + storeName + " does not exist.");
    this.storeName = storeName;
  }

  /** Creates an exception about a store that a cluster does not have. */
  public VeniceNoStoreException(String storeName, String clusterName) {
    super("Store: " + storeName + " does not exist in cluster " + clusterName);
    this.storeName = storeName;
  }

  /** Returns the name it was created with. */
  public String getStoreName() {
    return storeName;
  }
}
