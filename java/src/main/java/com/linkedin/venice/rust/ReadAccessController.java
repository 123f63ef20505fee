package com.linkedin.venice.rust;

import java.security.cert.X509Certificate;

/**
 * Says who may read. The read server asks it once for each certificate, store and method, keeps the
 * answer, and asks again every {@link ReadServerConfig#accessRefresh()}; so it is not in the way of
 * requests, and may be as slow as it has to be.
 *
 * <p>Called by several threads at the same time, {@link ReadServerConfig#accessThreads()} at most.
 * They are daemon threads of this JVM and do nothing else.
 *
 * <p>{@code docs/access.md} shows the adapter of Venice's {@code DynamicAccessController}.
 */
@FunctionalInterface
public interface ReadAccessController {
  /**
   * Decides whether a client may read.
   *
   * <p>What this throws is told to the client as gRPC status INTERNAL with the message of the
   * exception, unless an earlier answer still holds. It is asked again a second later, or after
   * {@link ReadServerConfig#accessRefresh()} if that is less.
   *
   * @param certificate the client's own certificate, as TLS verified it
   * @param store the name of the store, without a version
   * @param method what the request says: {@code GET} for a get, {@code POST} for a batch get, from
   *     a Fast Client; never empty
   */
  ReadAccessDecision check(X509Certificate certificate, String store, String method)
      throws Exception;
}
