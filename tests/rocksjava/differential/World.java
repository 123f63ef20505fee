package com.linkedin.venice.rust.tests.differential;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** What the steps of a sequence work on: a folder, a database that may be open, its iterators. */
final class World implements AutoCloseable {
  private static final byte[] SECOND_FAMILY = "timestamp_metadata".getBytes(StandardCharsets.UTF_8);

  final Path directory;
  final Resources resources;
  final Map<Integer, RocksIterator> iterators = new TreeMap<>();
  final List<ColumnFamilyHandle> families = new ArrayList<>();
  RocksDB database;
  Options options;
  boolean readOnly;

  /**
   * Whether a step damaged files. From then on checksums are verified: unverified garbage has no
   * defined effect.
   */
  boolean damaged;

  private static final Duration LONGEST_WORK = Duration.ofSeconds(2);

  private static final List<String> BACKGROUND_WORK =
      List.of(
          "rocksdb.mem-table-flush-pending",
          "rocksdb.num-running-flushes",
          "rocksdb.compaction-pending",
          "rocksdb.num-running-compactions");

  /** Whether background work did not end in time since the database was opened. */
  private boolean unsettled;

  World(Path directory, Resources resources) {
    this.directory = directory;
    this.resources = resources;
  }

  boolean isOpen() {
    return database != null;
  }

  Path databasePath() {
    return directory.resolve("db");
  }

  /** Returns the family of a number, or the last there is. */
  ColumnFamilyHandle family(int number) {
    return families.get(Math.min(number, families.size() - 1));
  }

  /**
   * Opens the database as Venice's {@code RocksDBThrottler} does: with options taken apart, and
   * every family named.
   */
  void open(OptionsDraw draw, boolean readOnly, boolean both) throws RocksDBException {
    Options drawn = draw.create(resources);
    if (damaged) {
      // With a bound on open files RocksDB looks at some files only when it opens, the first ones
      // of
      // a hash map, and libc++ hashes otherwise than libstdc++: one library would meet the damaged
      // file, and the other not.
      drawn.setMaxOpenFiles(-1);
    }
    List<ColumnFamilyHandle> opened = new ArrayList<>();
    try {
      DBOptions databaseOptions = new DBOptions(drawn);
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      descriptors.add(
          new ColumnFamilyDescriptor(
              RocksDB.DEFAULT_COLUMN_FAMILY, new ColumnFamilyOptions(drawn)));
      if (both) {
        descriptors.add(new ColumnFamilyDescriptor(SECOND_FAMILY, new ColumnFamilyOptions(drawn)));
      }
      String path = databasePath().toString();
      database =
          readOnly
              ? RocksDB.openReadOnly(databaseOptions, path, descriptors, opened)
              : RocksDB.open(databaseOptions, path, descriptors, opened);
      databaseOptions.close();
      descriptors.forEach(descriptor -> descriptor.getOptions().close());
    } catch (RocksDBException | RuntimeException e) {
      drawn.close();
      throw e;
    }
    this.readOnly = readOnly;
    families.addAll(opened);
    options = drawn;
    unsettled = false;
  }

  /**
   * Waits for RocksDB's own threads: what they read in the background is in the cache and in the
   * tickers afterwards. Work that stays undone for long, for example because they met an error, is
   * waited for once.
   */
  void settle() throws RocksDBException {
    if (!isOpen() || readOnly || unsettled) {
      return;
    }
    long end = System.nanoTime() + LONGEST_WORK.toNanos();
    for (ColumnFamilyHandle family : families) {
      for (String property : BACKGROUND_WORK) {
        while (!unsettled && database.getLongProperty(family, property) != 0) {
          unsettled = System.nanoTime() > end;
          Thread.yield();
        }
      }
    }
  }

  /** Closes the database, after its iterators: RocksDB asks for this order. */
  void closeDatabase(boolean reportErrors) throws RocksDBException {
    iterators.values().forEach(RocksIterator::close);
    iterators.clear();
    families.clear();
    RocksDB closing = database;
    database = null;
    try {
      if (reportErrors) {
        closing.closeE();
      } else {
        closing.close();
      }
      closing.close();
    } finally {
      options.close();
    }
  }

  /**
   * Takes out of a text what the two programs have one each of: the folder, the owner of a lock,
   * and which of several bad files was met first, since files stand in hash maps and libc++ hashes
   * otherwise than libstdc++.
   */
  String withoutOwn(String text) {
    return String.valueOf(text)
        .replace(directory.toString(), "DIR")
        .replaceAll(
            "(Bad table magic number: expected \\d+, found \\d+ in DIR/db/)\\d+", "$1NNNNNN")
        .replaceAll("acquire time \\d+ acquiring thread \\d+", "acquire time T acquiring thread N");
  }

  @Override
  public void close() throws RocksDBException, IOException {
    if (isOpen()) {
      closeDatabase(false);
    }
    resources.close();
    delete(directory);
  }

  static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
