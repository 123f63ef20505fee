package com.linkedin.venice.rust.testing;

/**
 * The server refused the request: error code 400, or one of the gRPC statuses PERMISSION_DENIED,
 * UNAUTHENTICATED and INVALID_ARGUMENT.
 */
public final class VeniceClientHttpException extends VeniceClientException {
  private static final long serialVersionUID = 1L;

  private final int httpStatus;

  /** Creates an exception; {@code httpStatus} is 400 or the number of the gRPC status. */
  public VeniceClientHttpException(String message, int httpStatus) {
    super(message);
    this.httpStatus = httpStatus;
  }

  /** Returns 400 or the number of the gRPC status. */
  public int httpStatus() {
    return httpStatus;
  }
}
