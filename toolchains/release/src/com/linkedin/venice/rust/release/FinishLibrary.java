package com.linkedin.venice.rust.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Predicate;

/**
 * Makes a linked library ready to ship: without symbols for debuggers, which stay in the library it
 * is made of; with nothing exported but what the JVM looks up; on macOS, signed.
 *
 * <pre>finish_library LINKED SHIPPED DEBUG</pre>
 *
 * <p>DEBUG is LINKED under SHIPPED's build id. The linker's own id is a sum over the debug
 * information too, which names folders of the machine that built it; so the id is made anew, of
 * what is shipped.
 */
public final class FinishLibrary {
  /** What the JVM looks up. */
  static final Predicate<String> ENTRY_POINTS =
      name -> name.startsWith("Java_") || name.equals("JNI_OnLoad") || name.equals("JNI_OnUnload");

  /** As {@code --build-id=sha1} makes it. */
  private static final int BUILD_ID_BYTES = 20;

  private static final String IDENTIFIER = "com.linkedin.venice.rust.librocksdbjni";

  private FinishLibrary() {}

  /** Runs it; see the class. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 3) {
      System.err.println("usage: finish_library LINKED SHIPPED DEBUG");
      System.exit(2);
    }
    byte[] linked = Files.readAllBytes(Path.of(arguments[0]));
    Path shipped = Path.of(arguments[1]);
    Path debug = Path.of(arguments[2]);
    if (Elf.is(linked)) {
      byte[] stripped = Elf.read(Elf.read(linked).withBuildId(new byte[BUILD_ID_BYTES])).stripped();
      byte[] id = sha1(stripped);
      Files.write(shipped, Elf.read(stripped).withBuildId(id));
      Files.write(debug, Elf.read(linked).withBuildId(id));
    } else {
      Files.write(shipped, MachOFinisher.finish(MachO.read(linked), ENTRY_POINTS, IDENTIFIER));
      Files.write(debug, linked);
    }
  }

  private static byte[] sha1(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }
}
