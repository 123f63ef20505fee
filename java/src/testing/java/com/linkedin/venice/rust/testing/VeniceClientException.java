package com.linkedin.venice.rust.testing;

/**
 * A read failed. Stands for Venice's {@code com.linkedin.venice.client.exceptions
 * .VeniceClientException}, with the message texts of its {@code GrpcTransportClient}.
 */
public class VeniceClientException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a message. */
  public VeniceClientException(String message) {
    super(message);
  }

  /** Creates an exception with a message and its cause. */
  public VeniceClientException(String message, Throwable cause) {
    super(message, cause);
  }
}
