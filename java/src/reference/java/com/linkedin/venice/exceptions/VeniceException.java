package com.linkedin.venice.exceptions;

/**
 * A failure inside the server. These classes have the names of Venice's, because the name of the
 * class is a part of the answer that a client sees.
 */
public class VeniceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a text. */
  public VeniceException(String message) {
    super(message);
  }

  /** Creates an exception with a text and a cause. */
  public VeniceException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Creates an exception with the text of its cause. */
  public VeniceException(Throwable cause) {
    super(cause);
  }
}
