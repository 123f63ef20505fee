package com.linkedin.venice.rust.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says on standard error how far a step is: a bar on a terminal, else one line when it begins and
 * one when it ends. Advancing is thread-safe.
 */
final class Progress {
  private static final int BAR_WIDTH = 30;
  private static final long REDRAW_NANOS = 50_000_000;

  private final PrintStream out;
  private final boolean terminal;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong nextDraw = new AtomicLong();
  private volatile String step = "";
  private volatile long total;
  private volatile boolean cancelled;
  private long stepStart;

  Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Returns whether standard error is a terminal that can redraw a line. */
  static boolean standardErrorIsTerminal() {
    String term = System.getenv("TERM");
    if (term == null || term.equals("dumb")) {
      return false;
    }
    try {
      // The shell is asked because Java knows only of standard input and output together.
      return new ProcessBuilder("sh", "-c", "test -t 2")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Begins a step of so many parts. */
  void begin(String name, long parts) {
    step = name;
    total = parts;
    done.set(0);
    nextDraw.set(0);
    stepStart = System.nanoTime();
    if (terminal) {
      draw(0);
    } else {
      out.printf(Locale.ROOT, "%s: %,d%n", name, parts);
    }
  }

  /**
   * Counts one part more.
   *
   * @throws Cancelled if the user pressed Ctrl-C
   */
  void advance() {
    if (cancelled) {
      throw new Cancelled();
    }
    long parts = done.incrementAndGet();
    if (!terminal) {
      return;
    }
    long now = System.nanoTime();
    long due = nextDraw.get();
    if ((due == 0 || now - due >= 0) && nextDraw.compareAndSet(due, now + REDRAW_NANOS)) {
      draw(parts);
    }
  }

  /** Ends the step. */
  void end() {
    double seconds = (System.nanoTime() - stepStart) / 1e9;
    if (terminal) {
      draw(done.get());
      out.printf(Locale.ROOT, "  %.2f s%n", seconds);
    } else {
      out.printf(Locale.ROOT, "%s: done in %.2f s%n", step, seconds);
    }
  }

  /** Makes the next {@link #advance} throw. */
  void cancel() {
    cancelled = true;
  }

  /** The user pressed Ctrl-C. */
  static final class Cancelled extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Cancelled() {
      super("stopped by Ctrl-C");
    }
  }

  private synchronized void draw(long parts) {
    int filled = total == 0 ? BAR_WIDTH : (int) (Math.min(parts, total) * BAR_WIDTH / total);
    out.printf(
        Locale.ROOT,
        "\r%-22s [%s%s] %,d/%,d",
        step,
        "#".repeat(filled),
        ".".repeat(BAR_WIDTH - filled),
        parts,
        total);
    out.flush();
  }
}
