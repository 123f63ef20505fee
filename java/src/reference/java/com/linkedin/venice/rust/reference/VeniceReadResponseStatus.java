package com.linkedin.venice.rust.reference;

/** The error codes of an answer, from Venice's enum of this name. */
final class VeniceReadResponseStatus {
  static final int OK = 200;
  static final int KEY_NOT_FOUND = -420;
  static final int BAD_REQUEST = 400;
  static final int METHOD_NOT_ALLOWED = 405;
  static final int TOO_MANY_REQUESTS = 429;
  static final int INTERNAL_ERROR = 500;
  static final int SERVICE_UNAVAILABLE = 503;

  private VeniceReadResponseStatus() {}
}
