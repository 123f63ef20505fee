package com.linkedin.venice.rust.release;

/** A file is not what its name says, or is of a kind that this code does not know. */
public final class FormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong, with the value found and the value expected. */
  public FormatException(String message) {
    super(message);
  }
}
