package com.linkedin.venice.rust;

import java.lang.reflect.Method;

/**
 * A daemon thread that puts slow requests into recordings of the JDK's Flight Recorder while there
 * are any, until the server stops.
 */
final class SlowReadThread extends Thread {
  /** How often it looks, in milliseconds. */
  private static final long INTERVAL_MILLIS = 1000;

  private final long server;
  private final Method recorder;
  private SlowReadEvents events;

  /** When there was no recording last, in milliseconds since 1970. */
  private long unrecorded = System.currentTimeMillis();

  /** The number of the last request that was looked at. */
  private long last;

  private SlowReadThread(long server, Method recorder) {
    super("venice-slow-reads");
    this.server = server;
    this.recorder = recorder;
    setDaemon(true);
  }

  /** Returns one, which has to be started; null if this JDK has no Flight Recorder. */
  static SlowReadThread of(long server) {
    Method recorder = SlowReadEvents.recorder();
    return recorder == null ? null : new SlowReadThread(server, recorder);
  }

  @Override
  public void run() {
    try {
      while (true) {
        look();
        Thread.sleep(INTERVAL_MILLIS);
      }
    } catch (InterruptedException | ReadServerException stopped) {
      // The server is gone.
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      // Reads go on without; who records sees no event, and why.
      getUncaughtExceptionHandler().uncaughtException(this, e);
    }
    try {
      if (events != null) {
        events.unregister();
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      getUncaughtExceptionHandler().uncaughtException(this, e);
    }
  }

  private void look() throws ReflectiveOperationException {
    if (events == null && SlowReadEvents.isRunning(recorder)) {
      events = SlowReadEvents.register(recorder);
    }
    if (events == null || !events.isRecorded()) {
      unrecorded = System.currentTimeMillis();
      return;
    }
    for (SlowRead read : RustReadServer.slowReads(server, last)) {
      last = read.sequence();
      long ended = read.start().toEpochMilli() + read.totalMicros() / 1000;
      if (ended >= unrecorded) {
        events.commit(read);
      }
    }
  }
}
