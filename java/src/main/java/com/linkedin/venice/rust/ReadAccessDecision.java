package com.linkedin.venice.rust;

/**
 * What a {@link ReadAccessController} answers; the constants, and the texts that clients see, are
 * those of Venice's {@code com.linkedin.venice.acl.handler.AccessResult}.
 */
public enum ReadAccessDecision {
  /** The client may read. */
  GRANTED,
  /** The client is not in the store's access-control list. gRPC status PERMISSION_DENIED. */
  FORBIDDEN,
  /** The store has no access-control list. gRPC status PERMISSION_DENIED. */
  UNAUTHORIZED,
  /**
   * Nobody knows, and then nobody may read. gRPC status PERMISSION_DENIED. Like an exception it
   * does not replace an earlier answer that still holds, and it is asked again a second later, or
   * after {@link ReadServerConfig#accessRefresh()} if that is less.
   */
  ERROR_FORBIDDEN
}
