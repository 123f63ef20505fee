package com.linkedin.venice.rust.tests.differential;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Steps that damage the files of a closed database. What RocksDB then says decides in Venice
 * whether a replica is deleted.
 */
final class DamageOperations {
  private enum Kind {
    FLIP,
    TRUNCATE,
    DELETE
  }

  private DamageOperations() {}

  /**
   * Changes a byte near the begin of a file, where its contents do not depend on time or host.
   * Plain tables have no checksums, so a changed byte there has no defined effect.
   */
  static Operation damage(Draw draw, OptionsDraw.Table table) {
    String suffix =
        table == OptionsDraw.Table.PLAIN
            ? draw.oneOf("CURRENT", "MANIFEST", ".log")
            : draw.oneOf("CURRENT", "MANIFEST", ".log", ".sst", ".sst", ".blob");
    Kind kind =
        table == OptionsDraw.Table.PLAIN && suffix.equals(".log")
            ? Kind.DELETE
            : draw.oneOf(Kind.values());
    int number = draw.number(0, 3);
    int position = draw.number(0, 20);
    return new Operation(
        "close, then " + kind + " file " + number + " of " + suffix + " at " + position,
        world -> {
          if (world.isOpen()) {
            world.closeDatabase(false);
          }
          List<Path> files = files(world.databasePath(), suffix);
          if (files.isEmpty()) {
            return "there is no such file";
          }
          world.damaged = true;
          Path file = files.get(number % files.size());
          change(file, kind, position);
          return file.getFileName() + " of " + files.size();
        });
  }

  private static List<Path> files(Path directory, String part) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().contains(part)).sorted().toList();
    }
  }

  private static void change(Path file, Kind kind, int position) throws IOException {
    if (kind == Kind.DELETE) {
      Files.delete(file);
      return;
    }
    // A file that has a second name, as a checkpoint gives it one, gets a copy of its own.
    byte[] contents = Files.readAllBytes(file);
    Files.delete(file);
    Files.write(file, contents);
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      if (kind == Kind.TRUNCATE) {
        access.setLength(contents.length / 2);
      } else if (position < contents.length) {
        access.seek(position);
        access.write(contents[position] ^ 0x55);
      }
    }
  }
}
