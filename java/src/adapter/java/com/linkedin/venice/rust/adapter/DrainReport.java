package com.linkedin.venice.rust.adapter;

import java.time.Duration;

/** How a drain went. Immutable. */
public final class DrainReport {
  private final boolean markedDown;
  private final boolean answered;
  private final Duration time;

  DrainReport(boolean markedDown, boolean answered, Duration time) {
    this.markedDown = markedDown;
    this.answered = answered;
    this.time = time;
  }

  /** Returns whether discovery held that the server is down before anything else was done. */
  public boolean markedDown() {
    return markedDown;
  }

  /** Returns whether every call in flight was answered. */
  public boolean answered() {
    return answered;
  }

  /** Returns how long it took. */
  public Duration time() {
    return time;
  }

  @Override
  public String toString() {
    return (markedDown ? "marked down" : "not marked down, as discovery did not answer in time")
        + ", "
        + (answered ? "0 calls cut" : "calls were cut")
        + ", "
        + time.toMillis()
        + " ms";
  }
}
