package com.linkedin.venice.rust.discovery;

/** Discovery could not do what was asked; the message says what to do. */
public final class DiscoveryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DiscoveryException(String message, Throwable cause) {
    super(message, cause);
  }
}
