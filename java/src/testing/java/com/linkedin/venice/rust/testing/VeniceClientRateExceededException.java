package com.linkedin.venice.rust.testing;

/** The quota of the store is used up: error code 429. */
public final class VeniceClientRateExceededException extends VeniceClientException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with the server's message, which may be empty. */
  public VeniceClientRateExceededException(String message) {
    super(message);
  }
}
