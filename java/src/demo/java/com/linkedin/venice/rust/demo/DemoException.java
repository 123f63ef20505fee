package com.linkedin.venice.rust.demo;

/** The demo cannot go on. The message is one line that says what to change. */
final class DemoException extends Exception {
  private static final long serialVersionUID = 1L;

  DemoException(String message) {
    super(message);
  }

  DemoException(String message, Throwable cause) {
    super(message, cause);
  }
}
