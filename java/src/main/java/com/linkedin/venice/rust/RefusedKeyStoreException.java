package com.linkedin.venice.rust;

/** A key store cannot be used; the message, which is for people, says why and what to do. */
final class RefusedKeyStoreException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedKeyStoreException(String message) {
    super(message);
  }
}
