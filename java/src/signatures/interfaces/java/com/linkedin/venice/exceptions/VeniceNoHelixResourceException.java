package com.linkedin.venice.exceptions;

/** Signature of Venice's exception of this name; compiled against only. */
public class VeniceNoHelixResourceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public VeniceNoHelixResourceException(String resource) {
    super(resource);
  }
}
