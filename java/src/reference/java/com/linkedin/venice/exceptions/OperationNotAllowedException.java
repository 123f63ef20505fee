package com.linkedin.venice.exceptions;

/** What a store's settings forbid. */
public class OperationNotAllowedException extends VeniceException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a text. */
  public OperationNotAllowedException(String message) {
    super(message);
  }
}
