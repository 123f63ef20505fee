package com.linkedin.venice.rust;

import java.time.Duration;

/** How a drain of a {@link RustReadServer} went. Immutable. */
public final class ReadServerDrain {
  private final boolean announced;
  private final boolean markedDown;
  private final boolean idle;
  private final boolean answered;
  private final int callsCut;
  private final Duration time;

  /** Takes what {@code drain0} returns. */
  ReadServerDrain(long[] numbers) {
    this.announced = numbers[0] >= 0;
    this.markedDown = numbers[0] > 0;
    this.idle = numbers[1] > 0;
    this.answered = numbers[2] > 0;
    this.callsCut = (int) Math.min(Integer.MAX_VALUE, numbers[3]);
    this.time = Duration.ofMillis(numbers[4]);
  }

  /**
   * Returns whether somebody marks the server down in discovery when it leaves ({@link
   * RustReadServer#followPhases}).
   */
  public boolean announced() {
    return announced;
  }

  /** Returns whether discovery held that the server is down before clients were waited for. */
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
    String mark = markedDown ? "marked down, " : "not marked down, as discovery did not answer in time, ";
    return (announced ? mark : "")
        + (idle ? "idle, " : "clients read until the end, ")
        + callsCut
        + " calls cut"
        + (answered || callsCut > 0 ? "" : " (connections were broken off)")
        + ", "
        + time.toMillis()
        + " ms";
  }
}
