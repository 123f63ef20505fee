package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerException;
import com.linkedin.venice.rust.RustReadServer;
import java.util.Map;

/** Starts a server, twice, in a JVM whose native library is on a disk that does not answer. */
final class HungLibraryProgram {
  private HungLibraryProgram() {}

  public static void main(String[] arguments) {
    ReadServerConfig config =
        ReadServerConfig.fromSettings(
            Map.of("bind.address", "127.0.0.1", "files.timeout.ms", "200"));
    for (int i = 0; i < 2; i++) {
      try (RustReadServer server = RustReadServer.start(config)) {
        System.out.println("started at " + server.port());
      } catch (ReadServerException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }
}
