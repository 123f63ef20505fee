package com.linkedin.venice.rust.tests.differential;

import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * One step of a sequence. All that is random about it was drawn when it was made, so that leaving
 * other steps out does not change it.
 *
 * @param text the call with its arguments, for people
 * @param action the call
 */
record Operation(String text, Action action) {
  /** A call on the databases of a sequence. */
  @FunctionalInterface
  interface Action {
    /** Returns what the call returned, as text. */
    String run(World world) throws Exception;
  }

  /** A call that needs the database to be open. */
  static Operation onDatabase(String text, Action action) {
    return new Operation(
        text, world -> world.isOpen() ? action.run(world) : "there is no open database");
  }

  /** Runs it and returns one line: the result, or the exception with all that it says. */
  String run(World world) {
    String result;
    try {
      result = action.run(world);
    } catch (RocksDBException e) {
      Status status = e.getStatus();
      result =
          "RocksDBException "
              + (status == null
                  ? "without a status"
                  : status.getCode() + "/" + status.getSubCode() + "/" + status.getState())
              + ": "
              + e.getMessage();
    } catch (Exception | LinkageError | AssertionError e) {
      result = e.getClass().getName() + ": " + e.getMessage();
    }
    return world.withoutOwn(result).replace("\n", "\\n");
  }
}
