package com.linkedin.venice.rust;

/** How far a {@link RustReadServer} is. */
public enum ReadServerPhase {
  /** It serves. */
  SERVING,
  /**
   * It serves, and says that clients should go elsewhere: the health service says NOT_SERVING. The
   * way back is open.
   */
  LEAVING,
  /** It takes no new connections, and told its clients to go away: it answers what is in flight. */
  DRAINING,
  /** It has ended. */
  ENDED
}
