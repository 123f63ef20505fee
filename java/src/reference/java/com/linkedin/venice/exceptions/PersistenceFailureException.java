package com.linkedin.venice.exceptions;

/** A partition that is not there. */
public class PersistenceFailureException extends VeniceException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a text. */
  public PersistenceFailureException(String message) {
    super(message);
  }
}
