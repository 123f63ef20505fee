package com.linkedin.venice.rust.tests.differential;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.rocksdb.ColumnFamilyMetaData;
import org.rocksdb.MemoryUsageType;
import org.rocksdb.MemoryUtil;
import org.rocksdb.TickerType;

/** Steps that ask about a database: properties, files, memory, tickers. */
final class InspectOperations {
  /**
   * What Venice's {@code RocksDBMemoryStats} and {@code RocksDBStoragePartition} ask for, but for
   * the numbers of running flushes and compactions and of live versions: those fall a moment after
   * the call that waited has returned; and for sizes in memory, see {@link #memory}.
   */
  private static final String[] PROPERTIES = {
    "rocksdb.actual-delayed-write-rate",
    "rocksdb.background-errors",
    "rocksdb.block-cache-capacity",
    "rocksdb.compaction-pending",
    "rocksdb.estimate-live-data-size",
    "rocksdb.estimate-num-keys",
    "rocksdb.estimate-pending-compaction-bytes",
    "rocksdb.live-blob-file-garbage-size",
    "rocksdb.live-blob-file-size",
    "rocksdb.live-sst-files-size",
    "rocksdb.mem-table-flush-pending",
    "rocksdb.min-log-number-to-keep",
    "rocksdb.num-blob-files",
    "rocksdb.num-deletes-active-mem-table",
    "rocksdb.num-deletes-imm-mem-tables",
    "rocksdb.num-entries-active-mem-table",
    "rocksdb.num-entries-imm-mem-tables",
    "rocksdb.num-immutable-mem-table",
    "rocksdb.num-snapshots",
    "rocksdb.total-blob-file-size",
    "rocksdb.total-sst-files-size",
    "rocksdb.there-is-no-such-property",
    "rocksdb.stats",
    "",
  };

  private static final TickerType[] TICKERS = {
    TickerType.BLOCK_CACHE_MISS,
    TickerType.BLOCK_CACHE_HIT,
    TickerType.BLOCK_CACHE_ADD,
    TickerType.BLOCK_CACHE_ADD_FAILURES,
    TickerType.BLOCK_CACHE_INDEX_MISS,
    TickerType.BLOCK_CACHE_FILTER_HIT,
    TickerType.BLOCK_CACHE_DATA_HIT,
    TickerType.BLOCK_CACHE_DATA_MISS,
    TickerType.BLOCK_CACHE_COMPRESSION_DICT_ADD,
    TickerType.BLOOM_FILTER_USEFUL,
    TickerType.MEMTABLE_HIT,
    TickerType.MEMTABLE_MISS,
    TickerType.GET_HIT_L0,
    TickerType.GET_HIT_L1,
    TickerType.GET_HIT_L2_AND_UP,
    TickerType.COMPACTION_CANCELLED,
    TickerType.READ_AMP_ESTIMATE_USEFUL_BYTES,
    TickerType.READ_AMP_TOTAL_READ_BYTES,
    TickerType.NUMBER_KEYS_WRITTEN,
    TickerType.BYTES_READ,
  };

  private InspectOperations() {}

  static Operation property(Draw draw) {
    String property = draw.oneOf(PROPERTIES);
    return Operation.onDatabase(
        "getLongProperty " + property, world -> "" + world.database.getLongProperty(property));
  }

  static Operation ticker(Draw draw) {
    TickerType ticker = draw.oneOf(TICKERS);
    return new Operation(
        "getTickerCount " + ticker,
        world -> "" + world.resources.statistics.getTickerCount(ticker));
  }

  static Operation liveFiles(Draw draw) {
    return Operation.onDatabase(
        "getLiveFilesMetaData",
        world ->
            world.database.getLiveFilesMetaData().stream()
                .map(
                    file ->
                        new String(file.columnFamilyName(), StandardCharsets.UTF_8)
                            + file.level()
                            + file.path()
                            + file.fileName()
                            + " "
                            + file.size()
                            + " "
                            + file.smallestSeqno()
                            + "-"
                            + file.largestSeqno()
                            + " "
                            + Draw.show(file.smallestKey())
                            + "-"
                            + Draw.show(file.largestKey())
                            + " "
                            + file.numEntries()
                            + "-"
                            + file.numDeletions()
                            + file.beingCompacted()
                            + Draw.show(file.fileChecksum()))
                .collect(Collectors.joining("; ")));
  }

  static Operation familyMetaData(Draw draw) {
    int family = draw.number(0, 2);
    return Operation.onDatabase(
        "getColumnFamilyMetaData " + family,
        world -> {
          ColumnFamilyMetaData data = world.database.getColumnFamilyMetaData(world.family(family));
          return new String(data.name(), StandardCharsets.UTF_8)
              + " "
              + data.size()
              + " bytes in "
              + data.fileCount()
              + " files "
              + data.levels().stream()
                  .map(
                      level ->
                          level.level()
                              + ":"
                              + level.size()
                              + level.files().stream()
                                  .map(file -> file.fileName() + Draw.show(file.largestKey()))
                                  .toList())
                  .collect(Collectors.joining(" "));
        });
  }

  /**
   * Which types of memory there are. Their sizes are not compared: RocksDB counts its own objects,
   * and those hold strings and lists of the C++ library, which stock takes from another one.
   */
  static Operation memory(Draw draw) {
    return Operation.onDatabase(
        "getApproximateMemoryUsageByType",
        world -> {
          Map<MemoryUsageType, Long> usage =
              MemoryUtil.getApproximateMemoryUsageByType(
                  List.of(world.database), Set.of(world.resources.cache));
          return new TreeMap<>(usage).keySet()
              + (world.resources.cache.getUsage() > 0 ? " cached" : " nothing cached")
              + (world.resources.cache.getPinnedUsage() > 0 ? " pinned" : " nothing pinned");
        });
  }
}
