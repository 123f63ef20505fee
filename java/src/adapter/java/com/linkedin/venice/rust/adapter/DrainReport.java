package com.linkedin.venice.rust.adapter;

import java.time.Duration;

/** How a drain went. Immutable. */
public final class DrainReport {
  private final boolean markedDown;
  private final boolean idle;
  private final boolean answered;
  private final int callsCut;
  private final Duration time;

  DrainReport(
      boolean markedDown, boolean idle, boolean answered, int callsCut, Duration time) {
    this.markedDown = markedDown;
    this.idle = idle;
    this.answered = answered;
    this.callsCut = callsCut;
    this.time = time;
  }

  /** Returns whether discovery held that the server is down before anything else was done. */
  public boolean markedDown() {
    return markedDown;
  }

  /** Returns whether clients had gone elsewhere before they were told to go away. */
  public boolean idle() {
    return idle;
  }

  /** Returns whether every call was answered, and no connection had to be broken off. */
  public boolean answered() {
    return answered;
  }

  /** Returns how many calls were cut because the time was up. */
  public int callsCut() {
    return callsCut;
  }

  /** Returns how long it took. */
  public Duration time() {
    return time;
  }

  @Override
  public String toString() {
    return (markedDown ? "marked down" : "not marked down, as discovery did not answer in time")
        + (idle ? ", idle" : ", clients read until the end")
        + ", "
        + callsCut
        + " calls cut"
        + (answered || callsCut > 0 ? "" : " (connections were broken off)")
        + ", "
        + time.toMillis()
        + " ms";
  }
}
