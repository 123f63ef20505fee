package com.linkedin.venice.rust.tests.differential;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** The steps that a seed stands for. */
final class Sequence {
  private final Draw draw;
  private final long seed;
  private final List<Operation> operations = new ArrayList<>();
  private final OptionsDraw.Table table;
  private final boolean bothFamilies;

  Sequence(long seed) {
    this.seed = seed;
    // The resources draw from a generator of their own, when the sequence runs.
    this.draw = new Draw(new SplittableRandom(seed));
    table = draw.oneOf(OptionsDraw.Table.values());
    bothFamilies = draw.chance(60);
    open(false);
    for (int i = draw.number(20, 80); i > 0; i--) {
      addNext();
    }
  }

  private void open(boolean damaged) {
    operations.add(OpenOperations.open(draw, table, bothFamilies, damaged));
  }

  /** Adds a step; one that closes the database is soon followed by one that opens it. */
  private void addNext() {
    switch (draw.number(0, 80)) {
      case 0, 1 -> {
        operations.add(OpenOperations.close(draw));
        closed();
        open(false);
      }
      case 2 -> {
        operations.add(OpenOperations.close(draw));
        operations.add(OpenOperations.destroy(draw));
        closed();
        open(false);
      }
      case 3, 4 -> {
        operations.add(WriteOperations.flush(draw));
        operations.add(DamageOperations.damage(draw, table));
        closed();
        open(true);
        for (int i = 0; i < 4; i++) {
          operations.add(next());
        }
        operations.add(OpenOperations.close(draw));
        operations.add(OpenOperations.destroy(draw));
        open(false);
      }
      case 5, 6, 7 -> open(false);
      default -> operations.add(next());
    }
  }

  /** What can be asked of a closed database. */
  private void closed() {
    if (draw.chance(50)) {
      operations.add(OpenOperations.listFamilies(draw));
    }
  }

  private Operation next() {
    int choice = draw.number(0, 100);
    if (choice < 26) {
      return switch (draw.number(0, 10)) {
        case 0, 1, 2, 3 -> WriteOperations.put(draw);
        case 4, 5 -> WriteOperations.putInFamily(draw);
        case 6, 7 -> WriteOperations.delete(draw);
        default -> WriteOperations.write(draw);
      };
    }
    if (choice < 56) {
      return switch (draw.number(0, 7)) {
        case 0 -> ReadOperations.get(draw);
        case 1 -> ReadOperations.getPart(draw);
        case 2 -> ReadOperations.getInto(draw);
        case 3 -> ReadOperations.getOfFamily(draw);
        case 4 -> ReadOperations.keyExists(draw);
        case 5 -> ReadOperations.multiGetAsList(draw);
        default -> ReadOperations.multiGetBuffers(draw);
      };
    }
    if (choice < 68) {
      return switch (draw.number(0, 5)) {
        case 0, 1 -> IteratorOperations.open(draw, table);
        case 2 -> IteratorOperations.close(draw);
        default -> IteratorOperations.walk(draw, table);
      };
    }
    if (choice < 76) {
      return switch (draw.number(0, 6)) {
        case 0, 1 -> InspectOperations.property(draw);
        case 2 -> InspectOperations.ticker(draw);
        case 3 -> InspectOperations.liveFiles(draw);
        case 4 -> InspectOperations.familyMetaData(draw);
        default -> InspectOperations.memory(draw);
      };
    }
    if (choice < 86) {
      return switch (draw.number(0, 10)) {
        case 0, 1, 2, 3 -> FileOperations.write(draw);
        case 4, 5, 6 -> FileOperations.ingest(draw);
        case 7, 8 -> FileOperations.read(draw);
        default -> FileOperations.delete(draw);
      };
    }
    return switch (draw.number(0, 11)) {
      case 0, 1, 2, 3, 4 -> WriteOperations.flush(draw);
      case 5 -> WriteOperations.compact(draw);
      case 6 -> OpenOperations.openTwice(draw);
      case 7 -> OpenOperations.listFamilies(draw);
      case 8 -> OpenOperations.familyNames(draw);
      case 9 -> OpenOperations.destroy(draw);
      default -> OpenOperations.checkpoint(draw);
    };
  }

  int length() {
    return operations.size();
  }

  /** What a step of the sequence does, for people. */
  String text(int step) {
    return operations.get(step).text();
  }

  /**
   * Runs the steps in a new folder and returns a line for each, and a last one with the files that
   * are left when the database is closed.
   *
   * @param left the steps to leave out
   */
  List<String> run(Path directory, Set<Integer> left) throws Exception {
    Files.createDirectories(directory);
    List<String> lines = new ArrayList<>();
    Resources resources = new Resources(new Draw(new SplittableRandom(~seed)));
    lines.add(resources.toString());
    try (World world = new World(directory, resources)) {
      for (int i = 0; i < operations.size(); i++) {
        lines.add(left.contains(i) ? "left out" : operations.get(i).run(world));
        world.settle();
      }
      if (world.isOpen()) {
        world.closeDatabase(false);
      }
      lines.add(DiskListing.of(directory));
    }
    return lines;
  }
}
