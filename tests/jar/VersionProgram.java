package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import java.util.List;
import org.rocksdb.RocksDB;

/** Prints the version of the native library, or why there is none, in one line. */
public final class VersionProgram {
  private VersionProgram() {}

  /**
   * Runs it.
   *
   * @param arguments optionally a folder with a RocksDB library that is loaded before ours can be
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0 && !arguments[0].isEmpty()) {
      RocksDB.loadLibrary(List.of(arguments[0]));
    }
    try {
      System.out.println(RustReadServer.version());
    } catch (ReadServerException e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
  }
}
