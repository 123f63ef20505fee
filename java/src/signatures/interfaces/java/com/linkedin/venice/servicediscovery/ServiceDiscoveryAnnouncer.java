package com.linkedin.venice.servicediscovery;

/** Signature of Venice's interface of this name (module venice-common); compiled against only. */
public interface ServiceDiscoveryAnnouncer {
  /** Announces the server; Venice calls it after all services started. */
  void register();

  /** Takes the announcement back; Venice calls it first when it shuts down. */
  void unregister();
}
