package com.linkedin.venice.rust.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.rules.TemporaryFolder;

/** A folder for a test's databases and files, and bytes to put into them. */
final class RocksFolder extends TemporaryFolder {
  /** A new, empty folder for a database. */
  String newPath() throws IOException {
    return newFolder().getPath();
  }

  /** A path at which there is nothing. */
  String missing(String name) {
    return getRoot().toPath().resolve(name).toString();
  }

  static byte[] b(String text) {
    return text.getBytes(UTF_8);
  }

  static ByteBuffer direct(String text) {
    byte[] bytes = b(text);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }
}
