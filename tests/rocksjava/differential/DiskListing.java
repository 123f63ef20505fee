package com.linkedin.venice.rust.tests.differential;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The files below a folder: names, sizes, and the contents where those are determined. */
final class DiskListing {
  private DiskListing() {}

  /**
   * Lists the files. Left out are RocksDB's logs of what it did (LOG), whose names and texts have
   * times in them. Sizes only are compared of the files with a time, a host, or a session id inside
   * (sorted files, MANIFEST, IDENTITY).
   */
  static String of(Path directory) throws IOException {
    List<String> lines = new ArrayList<>();
    if (!Files.exists(directory)) {
      return "no folder";
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = file.getFileName().toString();
        if (!name.equals("LOG") && !name.startsWith("LOG.old.")) {
          lines.add(directory.relativize(file) + " " + Files.size(file) + contents(file, name));
        }
      }
    }
    return String.join("; ", lines);
  }

  private static String contents(Path file, String name) throws IOException {
    if (name.startsWith("OPTIONS-")) {
      // RocksDB writes a section, and the options inside an option, in the order of a hash table.
      String[] options = Files.readString(file).split("[\\s;{}]+");
      Arrays.sort(options);
      return Draw.show(String.join(";", options).getBytes(StandardCharsets.UTF_8));
    }
    return name.equals("CURRENT") || name.endsWith(".log") || name.endsWith(".blob")
        ? Draw.show(Files.readAllBytes(file))
        : "";
  }
}
