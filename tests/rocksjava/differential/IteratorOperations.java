package com.linkedin.venice.rust.tests.differential;

import static com.linkedin.venice.rust.tests.differential.Draw.show;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** Steps that walk: an iterator stays open over other steps, with its view of the past. */
final class IteratorOperations {
  private static final int SLOTS = 3;

  private IteratorOperations() {}

  static Operation open(Draw draw, OptionsDraw.Table table) {
    int slot = draw.number(0, SLOTS);
    byte[] bound = draw.chance(30) ? draw.key() : null;
    boolean pin = draw.chance(30);
    boolean fill = draw.chance(50);
    long readahead = draw.oneOf(0L, 64L << 10);
    boolean verify = draw.chance(80);
    boolean purge = draw.chance(50);
    return Operation.onDatabase(
        "newIterator " + slot + " below " + show(bound) + (pin ? " pinned" : ""),
        world -> {
          close(world, slot);
          ReadOptions options =
              new ReadOptions()
                  .setReadaheadSize(readahead)
                  .setPinData(pin)
                  .setFillCache(fill)
                  .setVerifyChecksums(verify || world.damaged)
                  .setBackgroundPurgeOnIteratorCleanup(purge);
          if (bound != null) {
            options.setIterateUpperBound(new Slice(bound));
          }
          RocksIterator iterator = world.database.newIterator(options);
          world.iterators.put(slot, iterator);
          // Plain tables are walked from a key on.
          return table == OptionsDraw.Table.PLAIN ? "made" : first(iterator);
        });
  }

  /** Moves the iterator a few times and shows where it is each time. */
  static Operation walk(Draw draw, OptionsDraw.Table table) {
    int slot = draw.number(0, SLOTS);
    byte[] from = draw.key();
    boolean forward = table == OptionsDraw.Table.PLAIN || draw.chance(70);
    int start = table == OptionsDraw.Table.PLAIN ? 2 : draw.number(0, 3);
    int steps = draw.number(0, 30);
    return Operation.onDatabase(
        "iterator "
            + slot
            + (start == 0
                ? " from the first"
                : start == 1 ? " from the last" : " from " + show(from))
            + (forward ? " on " : " back ")
            + steps,
        world -> {
          RocksIterator iterator = world.iterators.get(slot);
          if (iterator == null) {
            return "there is no such iterator";
          }
          switch (start) {
            case 0 -> iterator.seekToFirst();
            case 1 -> iterator.seekToLast();
            default -> iterator.seek(from);
          }
          List<String> rows = new ArrayList<>();
          for (int i = 0; i < steps && iterator.isValid(); i++) {
            rows.add(show(iterator.key()) + "=" + show(iterator.value()));
            if (forward) {
              iterator.next();
            } else {
              iterator.prev();
            }
          }
          iterator.status();
          return rows + (iterator.isValid() ? " and on" : " and the end");
        });
  }

  static Operation close(Draw draw) {
    int slot = draw.number(0, SLOTS);
    return Operation.onDatabase(
        "close iterator " + slot,
        world -> {
          close(world, slot);
          return "closed";
        });
  }

  private static String first(RocksIterator iterator) throws RocksDBException {
    iterator.seekToFirst();
    iterator.status();
    return iterator.isValid() ? show(iterator.key()) : "empty";
  }

  private static void close(World world, int slot) {
    RocksIterator iterator = world.iterators.remove(slot);
    if (iterator != null) {
      iterator.close();
    }
  }
}
