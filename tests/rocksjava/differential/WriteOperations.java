package com.linkedin.venice.rust.tests.differential;

import static com.linkedin.venice.rust.tests.differential.Draw.show;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.FlushOptions;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** Steps that write to an open database. */
final class WriteOperations {
  private WriteOperations() {}

  static Operation put(Draw draw) {
    byte[] key = draw.key();
    byte[] value = draw.value();
    boolean log = draw.chance(40);
    int keyOffset = draw.number(0, key.length + 1);
    int valueOffset = draw.number(0, value.length + 1);
    boolean whole = draw.chance(80);
    int beyond = draw.chance(4) ? 1 : 0;
    String text = "put " + show(key) + " " + show(value) + (log ? " with log" : "");
    return Operation.onDatabase(
        whole ? text : text + " from " + keyOffset + ", " + valueOffset + " and " + beyond,
        world -> {
          int k = whole ? 0 : keyOffset;
          int v = whole ? 0 : valueOffset;
          try (WriteOptions options = new WriteOptions().setDisableWAL(!log)) {
            world.database.put(
                options, key, k, key.length - k + beyond, value, v, value.length - v);
          }
          return "put";
        });
  }

  static Operation putInFamily(Draw draw) {
    byte[] key = draw.key();
    byte[] value = draw.value();
    int family = draw.number(0, 2);
    boolean log = draw.chance(40);
    return Operation.onDatabase(
        "put in family " + family + " " + show(key) + " " + show(value) + (log ? " with log" : ""),
        world -> {
          try (WriteOptions options = new WriteOptions().setDisableWAL(!log)) {
            world.database.put(world.family(family), options, key, value);
          }
          return "put";
        });
  }

  /** Deletes through the write-ahead log, as Venice does. */
  static Operation delete(Draw draw) {
    byte[] key = draw.key();
    return Operation.onDatabase(
        "delete " + show(key),
        world -> {
          world.database.delete(key);
          return "deleted";
        });
  }

  static Operation write(Draw draw) {
    record Row(int family, byte[] key, byte[] value) {}
    List<Row> rows = new ArrayList<>();
    for (int i = draw.number(0, 12); i > 0; i--) {
      rows.add(new Row(draw.number(0, 2), draw.key(), draw.chance(75) ? draw.value() : null));
    }
    boolean log = draw.chance(40);
    StringBuilder text = new StringBuilder("write" + (log ? " with log" : ""));
    rows.forEach(
        row -> text.append(' ').append(row.family).append(show(row.key)).append(show(row.value)));
    return Operation.onDatabase(
        text.toString(),
        world -> {
          try (WriteBatch batch = new WriteBatch();
              WriteOptions options = new WriteOptions().setDisableWAL(!log)) {
            for (Row row : rows) {
              if (row.value == null) {
                batch.delete(world.family(row.family), row.key);
              } else {
                batch.put(world.family(row.family), row.key, row.value);
              }
            }
            world.database.write(options, batch);
            return batch.count() + " rows, " + batch.getDataSize() + " bytes";
          }
        });
  }

  static Operation flush(Draw draw) {
    return Operation.onDatabase(
        "flush",
        world -> {
          if (world.readOnly) {
            // RocksDB would wait for ever for a flush of several families at once (atomic_flush).
            return "the database is read-only";
          }
          try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
            world.database.flush(options, world.families);
          }
          return "flushed";
        });
  }

  static Operation compact(Draw draw) {
    return Operation.onDatabase(
        "compactRange",
        world -> {
          world.database.compactRange();
          return "compacted";
        });
  }
}
