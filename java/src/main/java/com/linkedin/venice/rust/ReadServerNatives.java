package com.linkedin.venice.rust;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.rocksdb.RocksDB;

/**
 * What {@link RustReadServer} calls of the native library, and whether that library is there. A
 * server is named by the identifier that {@link #start0} returned.
 */
final class ReadServerNatives {
  private static final LibraryLoad LOAD = new LibraryLoad(ReadServerNatives::link);

  private ReadServerNatives() {}

  /**
   * Returns if the natives can be used.
   *
   * @throws ReadServerException if the library that {@code org.rocksdb} loaded is not the one with
   *     the read server, or is not loaded for so long
   */
  static void requireLinked(Duration wait) {
    ReadServerException failure = LOAD.failure(wait);
    if (failure != null) {
      // A new exception for each caller, because a stack trace belongs to one failure.
      throw new ReadServerException(failure.getMessage(), failure);
    }
  }

  /**
   * Loads the library through {@code org.rocksdb}, which is the only loader of it: loaded a second
   * time under another name it would be a second copy that knows none of the open databases.
   * Returns why the natives cannot be used; null when they can.
   */
  private static ReadServerException link() {
    try {
      RocksDB.loadLibrary();
    } catch (RuntimeException | LinkageError e) {
      return new ReadServerException(
          "org.rocksdb could not load its native library: " + e.getMessage(), e);
    }
    try {
      version0();
      return null;
    } catch (UnsatisfiedLinkError e) {
      return new ReadServerException(
          "org.rocksdb loaded a RocksDB library without the Rust read server: put the jar with our"
              + " librocksdbjni before rocksdbjni.jar on the class path (or its folder on"
              + " java.library.path), and load org.rocksdb and RustReadServer by one class loader",
          e);
    }
  }

  /** Takes name, value, name, value...; returns an identifier, not a pointer. */
  static native long start0(String[] settings, boolean accessControl, KeyStoreReader keyStores);

  /** Throws {@link ReadServerException} for an identifier that is not running. */
  static native int port0(long handle);

  /** Returns null if there is none. Throws as {@link #port0}. */
  static native String prometheus0(long handle);

  /** Returns -1, or how many calls were cut. Throws as {@link #port0}. */
  static native int stop0(long handle, long drainMillis);

  /** Throws as {@link #port0}. */
  static native int callsInFlight0(long handle);

  /**
   * Returns whether it was marked down (-1: nobody announces it), was idle, and answered all, how
   * many calls were cut, and milliseconds. Throws as {@link #port0}, and if it is not drained.
   */
  static native long[] drain0(long handle, long quietMillis, long boundMillis);

  /** Throws as {@link #port0}, and if there is nothing to take back. */
  static native void undrain0(long handle);

  /** Returns the step that the server is at; of one that was stopped, one that has ended. */
  static native long awaitStep0(long handle, long known, long boundMillis);

  /** Throws as {@link #port0}. */
  static native void announced0(long handle);

  /** Throws as {@link #port0}. */
  static native void markedDown0(long handle, boolean held);

  /** Throws as {@link #port0}, and if the setting is not changed. */
  static native void change0(long handle, String setting, String value);

  /** Throws as {@link #port0}, and for a name of no setting. */
  static native String setting0(long handle, String setting);

  /** Returns null if there is none. Throws as {@link #port0}. */
  static native String adminSocket0(long handle);

  // These throw ReadServerException for a bad value and for an identifier that is not running.

  static native void setStoreQuota0(
      long handle, String storeVersion, long rcuPerSecond, double share);

  static native void disableStoreQuota0(long handle, String storeVersion);

  static native void removeStoreQuota0(long handle, String storeVersion);

  static native void setNodeQuota0(long handle, long rcuPerSecond);

  static native void removeNodeQuota0(long handle);

  /** Takes JSON in UTF-8: docs/metadata.md. */
  static native void describeStore0(long handle, byte[] json);

  static native boolean forgetStore0(long handle, String store);

  static native String[] describedStores0(long handle);

  static native String[] metrics0(long handle);

  static native int snapshot0(long handle, ByteBuffer direct);

  static native byte[] labels0(long handle);

  static native void startHotKeys0(long handle, long millis, boolean showKeys);

  static native void stopHotKeys0(long handle);

  static native String hotKeys0(long handle);

  static native String slowReads0(long handle, long after);

  static native String versionReads0(long handle);

  static native void setServing0(long handle, boolean serving);

  static native void reloadTls0(long handle, KeyStoreReader keyStores);

  static native String version0();
}
