package com.linkedin.venice.exceptions;

/** Bytes that are no message of a protocol of Venice's own. */
public class VeniceMessageException extends VeniceException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a text. */
  public VeniceMessageException(String message) {
    super(message);
  }

  /** Creates an exception with a text and a cause. */
  public VeniceMessageException(String message, Throwable cause) {
    super(message, cause);
  }
}
