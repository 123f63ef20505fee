package com.linkedin.venice.rust.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Names a build by what it is made of: the first 16 digits of a SHA-256 over all source files, so
 * that the libraries of all platforms, built anywhere, carry the same name exactly when they come
 * from the same sources.
 *
 * <pre>build_id OUTPUT FILE...</pre>
 */
public final class BuildId {
  private BuildId() {}

  /** Runs it; see the class. */
  public static void main(String[] arguments) throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    String[] files = Arrays.copyOfRange(arguments, 1, arguments.length);
    Arrays.sort(files);
    for (String file : files) {
      byte[] content = Files.readAllBytes(Path.of(file));
      digest.update((file + "\0" + content.length + "\0").getBytes(StandardCharsets.UTF_8));
      digest.update(content);
    }
    String id = HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    Files.writeString(Path.of(arguments[0]), "VENICE_BUILD_ID=" + id + "\n");
  }
}
