package com.linkedin.venice.rust.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * Makes a linked library ready to ship: without symbols for debuggers, which stay in the library it
 * is made of; with nothing exported but what the JVM looks up; on macOS, signed.
 *
 * <pre>finish_library LINKED SHIPPED</pre>
 */
public final class FinishLibrary {
  /** What the JVM looks up. */
  static final Predicate<String> ENTRY_POINTS =
      name ->
          name.startsWith("Java_") || name.equals("JNI_OnLoad") || name.equals("JNI_OnUnload");

  private static final String IDENTIFIER = "com.linkedin.venice.rust.librocksdbjni";

  private FinishLibrary() {}

  /** Runs it; see the class. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      System.err.println("usage: finish_library LINKED SHIPPED");
      System.exit(2);
    }
    byte[] linked = Files.readAllBytes(Path.of(arguments[0]));
    Files.write(Path.of(arguments[1]), finish(linked));
  }

  static byte[] finish(byte[] linked) {
    if (Elf.is(linked)) {
      return Elf.read(linked).stripped();
    }
    return MachOFinisher.finish(MachO.read(linked), ENTRY_POINTS, IDENTIFIER);
  }
}
