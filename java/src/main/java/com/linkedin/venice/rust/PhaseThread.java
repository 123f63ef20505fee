package com.linkedin.venice.rust;

/**
 * Tells a listener in which phase a server is, until it ends.
 *
 * <p>It waits in native code: as {@link AccessThread} it is a daemon of Java's, so that none of the
 * server's threads ever has to enter the JVM.
 */
final class PhaseThread extends Thread {
  private final RustReadServer server;
  private final PhaseListener listener;

  PhaseThread(RustReadServer server, PhaseListener listener) {
    super("venice-phases");
    this.server = server;
    this.listener = listener;
    setDaemon(true);
  }

  @Override
  public void run() {
    long step = 0;
    ReadServerPhase known = ReadServerPhase.SERVING;
    while (known != ReadServerPhase.ENDED) {
      step = server.awaitStep(step);
      ReadServerPhase phase = RustReadServer.phaseOf(step);
      try {
        tell(known, phase);
      } catch (RuntimeException | LinkageError e) {
        // The next phase is told all the same.
        getUncaughtExceptionHandler().uncaughtException(this, e);
      }
      known = phase;
    }
  }

  private void tell(ReadServerPhase known, ReadServerPhase phase) {
    switch (phase) {
      case LEAVING:
        boolean held = false;
        try {
          held = listener.leaving();
        } finally {
          server.markedDown(held);
        }
        break;
      case SERVING:
        if (known == ReadServerPhase.LEAVING) {
          listener.serving();
        }
        break;
      case ENDED:
        listener.ended();
        break;
      default:
        break;
    }
  }
}
