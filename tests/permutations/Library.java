package com.linkedin.venice.rust.tests.permutations;

import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;

/** The native library under {@code org.rocksdb}; a JVM has one of them. */
public enum Library {
  /** That of rocksdbjni, as published. */
  STOCK("stock"),
  /** Ours. */
  OURS("our");

  /** The system property that says which library this JVM was given. */
  static final String PROPERTY = "permutations.library";

  private final String text;

  Library(String text) {
    this.text = text;
  }

  /**
   * Returns the library of this JVM.
   *
   * @throws IllegalStateException if another one was loaded than the system property says
   */
  static Library current() {
    String wanted = System.getProperty(PROPERTY);
    Library loaded = loaded();
    if (!loaded.text.equals(wanted)) {
      throw new IllegalStateException(
          PROPERTY + " is " + wanted + ", and the " + loaded + " library was loaded");
    }
    return loaded;
  }

  /** A Rust server is in our library only, and says so where it is not. */
  private static Library loaded() {
    try {
      RustReadServer.version();
      return OURS;
    } catch (ReadServerException e) {
      if (!e.getMessage().contains("without the Rust read server")) {
        throw e;
      }
      return STOCK;
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
