package com.linkedin.venice.rust.testing;

/** A batch get asks for more keys than the store allows; clients enforce this, servers do not. */
public final class VeniceKeyCountLimitException extends VeniceClientException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception for a batch of {@code keys} keys. */
  public VeniceKeyCountLimitException(int keys, int limit) {
    super("batch get of " + keys + " keys: the store's limit is " + limit + " keys");
  }
}
