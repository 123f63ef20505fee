package com.linkedin.venice.rust;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The native library while it is loaded. {@code org.rocksdb} unpacks it into a folder, whose disk
 * may not answer; who waits for that is told so after a while. The load itself cannot be given up:
 * its thread, a daemon, goes on, and who asks again later finds what came of it.
 */
final class LibraryLoad {
  private final FutureTask<ReadServerException> load;
  private boolean hasBegun;

  /** Returns of {@code load} why the library cannot be used, or null. */
  LibraryLoad(Callable<ReadServerException> load) {
    this.load = new FutureTask<>(load);
  }

  /** Loads the library, if nobody did; returns why it cannot be used, or null. */
  ReadServerException failure(Duration wait) {
    begin();
    long end = System.nanoTime() + wait.toNanos();
    boolean wasInterrupted = false;
    try {
      while (true) {
        try {
          return load.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          wasInterrupted = true;
        }
      }
    } catch (TimeoutException e) {
      return new ReadServerException(late(wait), e);
    } catch (ExecutionException e) {
      return new ReadServerException(
          "org.rocksdb could not load its native library: " + e.getCause(), e.getCause());
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void begin() {
    if (hasBegun) {
      return;
    }
    hasBegun = true;
    Thread thread = new Thread(load, "venice-library");
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      // There is no thread for it; a disk that answers is waited for all the same.
      load.run();
    }
  }

  private static String late(Duration wait) {
    return "the native library is not loaded after "
        + wait.toMillis()
        + " ms (setting files.timeout.ms): org.rocksdb looks for it in java.library.path ("
        + System.getProperty("java.library.path")
        + "), and unpacks it into the folder that ROCKSDB_SHAREDLIB_DIR of the environment names,"
        + " or java.io.tmpdir ("
        + System.getProperty("java.io.tmpdir")
        + "); a disk of these does not answer. Have it answer, name another folder by that variable"
        + " or by -Djava.io.tmpdir, or raise the setting";
  }
}
