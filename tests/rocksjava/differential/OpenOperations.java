package com.linkedin.venice.rust.tests.differential;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.rocksdb.Checkpoint;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/** Steps in the life of a database: open, close, checkpoint, destroy, list its families. */
final class OpenOperations {
  private OpenOperations() {}

  /**
   * Opens the database; an open one is closed first.
   *
   * @param damaged whether a file was damaged: then no other is to be refused for its format, or
   *     which of them is met first decides, as {@link World#withoutOwn} says
   */
  static Operation open(Draw draw, OptionsDraw.Table table, boolean bothFamilies, boolean damaged) {
    OptionsDraw.Table drawn = draw.chance(90) ? table : draw.oneOf(OptionsDraw.Table.values());
    OptionsDraw.Table opened = damaged ? table : drawn;
    OptionsDraw options = new OptionsDraw(draw, opened, draw.chance(95), draw.chance(90));
    boolean readOnly = draw.chance(12);
    boolean both = draw.chance(95) ? bothFamilies : !bothFamilies;
    return new Operation(
        (readOnly ? "openReadOnly " : "open ") + (both ? "2" : "1") + " families, " + options,
        world -> {
          if (world.isOpen()) {
            world.closeDatabase(true);
          }
          world.open(options, readOnly, both);
          return world.families.size() + " families";
        });
  }

  /** Opens the same path once more, which the lock file forbids, or reads it beside the owner. */
  static Operation openTwice(Draw draw) {
    OptionsDraw options = new OptionsDraw(draw, OptionsDraw.Table.BLOCK_BASED, true, true);
    boolean readOnly = draw.chance(50);
    return Operation.onDatabase(
        readOnly ? "open it read-only as well" : "open it twice",
        world -> {
          World second = new World(world.directory, world.resources);
          second.open(options, readOnly, world.families.size() > 1);
          second.closeDatabase(true);
          return "opened";
        });
  }

  static Operation close(Draw draw) {
    boolean reportErrors = draw.chance(50);
    return Operation.onDatabase(
        reportErrors ? "closeE" : "close",
        world -> {
          world.closeDatabase(reportErrors);
          return DiskListing.of(world.databasePath());
        });
  }

  static Operation listFamilies(Draw draw) {
    boolean missing = draw.chance(20);
    return new Operation(
        missing ? "listColumnFamilies of nothing" : "listColumnFamilies",
        world -> {
          Path path = missing ? world.directory.resolve("nothing") : world.databasePath();
          try (Options options = new Options()) {
            List<byte[]> names = RocksDB.listColumnFamilies(options, path.toString());
            return names.stream()
                .map(name -> new String(name, StandardCharsets.UTF_8))
                .collect(Collectors.joining(","));
          }
        });
  }

  static Operation familyNames(Draw draw) {
    return Operation.onDatabase(
        "names of the families",
        world -> {
          List<String> names = new ArrayList<>();
          for (var family : world.families) {
            names.add(family.getID() + "=" + new String(family.getName(), StandardCharsets.UTF_8));
          }
          return String.join(",", names);
        });
  }

  /** Makes a checkpoint; the same name a second time is an error. */
  static Operation checkpoint(Draw draw) {
    String name = "checkpoint" + draw.number(0, 3);
    return Operation.onDatabase(
        "createCheckpoint " + name,
        world -> {
          Path path = world.directory.resolve(name);
          try (Checkpoint checkpoint = Checkpoint.create(world.database)) {
            checkpoint.createCheckpoint(path.toString());
          }
          return DiskListing.of(path);
        });
  }

  /** Deletes the files; of an open database it cannot. */
  static Operation destroy(Draw draw) {
    return new Operation(
        "destroyDB",
        world -> {
          try (Options options = new Options()) {
            RocksDB.destroyDB(world.databasePath().toString(), options);
          }
          return DiskListing.of(world.databasePath());
        });
  }
}
