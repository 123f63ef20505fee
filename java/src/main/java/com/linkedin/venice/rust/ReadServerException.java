package com.linkedin.venice.rust;

/**
 * The read server could not be started, or was used after it had been stopped.
 *
 * <p>The message is complete: it names the value that was refused, the limit and the remedy. Native
 * code creates this exception by its {@link #ReadServerException(String)} constructor.
 */
public class ReadServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a complete message. */
  public ReadServerException(String message) {
    super(message);
  }

  /** Creates an exception with a complete message and the failure behind it. */
  public ReadServerException(String message, Throwable cause) {
    super(message, cause);
  }
}
