package com.linkedin.venice.rust;

/**
 * Told when a {@link RustReadServer} leaves, comes back, or ends, whoever has it do so: a call in
 * this JVM, or an operator at the admin socket. Called on a thread of its own, one call after the
 * other; what a call throws ends nothing.
 */
public interface PhaseListener {
  /**
   * The server leaves: mark it down in discovery. A drain waits for the return of this call, for
   * half of its time at most, before it waits for clients to go.
   *
   * @return whether discovery holds that it is down
   */
  boolean leaving();

  /** A drain was taken back: the server serves. */
  void serving();

  /**
   * The server has ended, by a drain, or by {@link RustReadServer#stop}. The last call. After a
   * drain its metrics can still be fetched, until it is stopped.
   */
  void ended();
}
