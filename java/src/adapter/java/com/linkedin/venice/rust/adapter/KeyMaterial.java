package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.ReadServerConfig;

/** Where the Rust server's key, certificates and trusted roots come from. */
public interface KeyMaterial {
  /** Returns whether the server has TLS. */
  boolean hasTls();

  /**
   * Sets {@code tls.key.store} and the like.
   *
   * @throws RuntimeException if there is nothing that could be set; its message becomes the line
   *     that says why the read path did not start
   */
  void apply(ReadServerConfig.Builder config);
}
