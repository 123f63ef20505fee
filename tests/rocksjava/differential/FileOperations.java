package com.linkedin.venice.rust.tests.differential;

import static com.linkedin.venice.rust.tests.differential.Draw.show;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.SstFileWriter;
import org.rocksdb.TableProperties;

/** Steps with sorted files: write, ingest, read, delete. */
final class FileOperations {
  private static final int FILES = 4;

  private FileOperations() {}

  private static Path file(World world, int number) {
    return world.directory.resolve("sst_file_" + number);
  }

  /** Writes a sorted file; now and then with a mistake, which the writer must report. */
  static Operation write(Draw draw) {
    int number = draw.number(0, FILES);
    Map<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);
    for (int i = draw.oneOf(0, 1, 5, 40); i > 0; i--) {
      rows.put(draw.key(), draw.value());
    }
    boolean direct = draw.chance(50);
    boolean disorder = draw.chance(5);
    boolean unopened = draw.chance(3);
    List<Map.Entry<byte[], byte[]>> order = new ArrayList<>(rows.entrySet());
    if (disorder && order.size() > 1) {
      order.add(order.remove(0));
    }
    return Operation.onDatabase(
        "SstFileWriter "
            + number
            + ", "
            + rows.size()
            + " rows"
            + (direct ? " in buffers" : "")
            + (disorder ? " in disorder" : "")
            + (unopened ? " before open" : ""),
        world -> {
          Path file = file(world, number);
          Files.deleteIfExists(file);
          try (EnvOptions env = new EnvOptions().setUseDirectWrites(false);
              SstFileWriter writer = new SstFileWriter(env, world.options)) {
            if (!unopened) {
              writer.open(file.toString());
            }
            for (Map.Entry<byte[], byte[]> row : order) {
              if (direct) {
                writer.put(buffer(row.getKey()), buffer(row.getValue()));
              } else {
                writer.put(row.getKey(), row.getValue());
              }
            }
            writer.finish();
          }
          return Files.size(file) + " bytes";
        });
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /** Ingests one or two files, which may be missing or overlap. */
  static Operation ingest(Draw draw) {
    int first = draw.number(0, FILES);
    int second = draw.chance(25) ? draw.number(0, FILES) : first;
    boolean move = draw.chance(70);
    int family = draw.number(0, 2);
    return Operation.onDatabase(
        "ingest "
            + first
            + (second == first ? "" : " and " + second)
            + (move ? " moving" : "")
            + " in family "
            + family,
        world -> {
          List<String> files = new ArrayList<>(List.of(file(world, first).toString()));
          if (second != first) {
            files.add(file(world, second).toString());
          }
          try (IngestExternalFileOptions options =
              new IngestExternalFileOptions().setMoveFiles(move)) {
            world.database.ingestExternalFile(world.family(family), files, options);
          }
          return "ingested";
        });
  }

  /** Reads a written file, or one of the database's own. */
  static Operation read(Draw draw) {
    int number = draw.number(0, FILES);
    boolean own = draw.chance(40);
    return Operation.onDatabase(
        "SstFileReader " + (own ? "of live file " : "") + number,
        world -> {
          Path file = own ? liveFile(world, number) : file(world, number);
          try (SstFileReader reader = new SstFileReader(world.options)) {
            reader.open(file.toString());
            return shown(reader.getTableProperties()) + " " + rows(reader);
          }
        });
  }

  private static String rows(SstFileReader reader) throws RocksDBException {
    List<String> rows = new ArrayList<>();
    try (ReadOptions options = new ReadOptions().setVerifyChecksums(true);
        SstFileReaderIterator iterator = reader.newIterator(options)) {
      for (iterator.seekToFirst(); iterator.isValid() && rows.size() < 20; iterator.next()) {
        rows.add(show(iterator.key()) + "=" + show(iterator.value()));
      }
      iterator.status();
    }
    return rows.toString();
  }

  /** The properties that do not depend on who wrote the file, and when. */
  private static String shown(TableProperties properties) {
    return String.join(
        " ",
        List.of(
            "entries " + properties.getNumEntries(),
            "data " + properties.getDataSize(),
            "index " + properties.getIndexSize(),
            "filter " + properties.getFilterSize(),
            "keys " + properties.getRawKeySize(),
            "values " + properties.getRawValueSize(),
            "blocks " + properties.getNumDataBlocks(),
            "deletions " + properties.getNumDeletions(),
            "version " + properties.getFormatVersion(),
            "fixed " + properties.getFixedKeyLen(),
            "family " + properties.getColumnFamilyId(),
            show(properties.getColumnFamilyName()),
            "filter " + properties.getFilterPolicyName(),
            "order " + properties.getComparatorName(),
            "compression " + properties.getCompressionName(),
            "collectors " + properties.getPropertyCollectorsNames(),
            "collected " + new TreeMap<>(properties.getUserCollectedProperties()).keySet()));
  }

  /** Asks RocksDB to drop a file; it may refuse, and does not say so. */
  static Operation delete(Draw draw) {
    int number = draw.number(0, FILES);
    boolean missing = draw.chance(30);
    return Operation.onDatabase(
        "deprecated_deleteFile " + (missing ? "missing" : "live file " + number),
        world -> {
          List<LiveFileMetaData> live = world.database.getLiveFilesMetaData();
          String name =
              missing || live.isEmpty() ? "/999999.sst" : live.get(number % live.size()).fileName();
          world.database.deprecated_deleteFile(name);
          return name;
        });
  }

  private static Path liveFile(World world, int number) {
    List<LiveFileMetaData> live = world.database.getLiveFilesMetaData();
    if (live.isEmpty()) {
      return world.directory.resolve("nothing.sst");
    }
    return Path.of(
        live.get(number % live.size()).path() + live.get(number % live.size()).fileName());
  }
}
