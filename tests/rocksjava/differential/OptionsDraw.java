package com.linkedin.venice.rust.tests.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;
import org.rocksdb.PlainTableConfig;

/**
 * Options drawn at random: every setter that Venice's {@code RocksDBStoragePartition} calls.
 *
 * <p>What would make RocksDB work in the background at a time of its own is left out: memtables are
 * larger than what a sequence writes, and compaction begins at more files than it makes.
 */
final class OptionsDraw {
  /** The three formats in which Venice stores a partition. */
  enum Table {
    BLOCK_BASED,
    BLOB_FILES,
    PLAIN
  }

  private final List<Consumer<Options>> setters = new ArrayList<>();
  private final Table table;
  private final BlockBasedTableConfig blockBased = new BlockBasedTableConfig();
  private final PlainTableConfig plain = new PlainTableConfig();
  private final StringBuilder text = new StringBuilder();

  OptionsDraw(Draw draw, Table table, boolean createIfMissing, boolean createFamilies) {
    this.table = table;
    text.append(table);
    set("createIfMissing", createIfMissing, o -> o.setCreateIfMissing(createIfMissing));
    set("createFamilies", createFamilies, o -> o.setCreateMissingColumnFamilies(createFamilies));
    CompressionType compression =
        draw.chance(60) ? CompressionType.NO_COMPRESSION : draw.oneOf(compressions());
    set(null, compression, o -> o.setCompressionType(compression));
    CompactionStyle style = draw.oneOf(CompactionStyle.LEVEL, CompactionStyle.UNIVERSAL);
    set(null, style, o -> o.setCompactionStyle(style));
    // No atomic flush: it numbers the files of its families in the order of a hash map, and libc++
    // and libstdc++ hash
    // differently.
    int openFiles = draw.oneOf(-1, 20, 1000);
    set("maxOpenFiles", openFiles, o -> o.setMaxOpenFiles(openFiles));
    setSizes(draw);
    setTable(draw);
  }

  private static CompressionType[] compressions() {
    return new CompressionType[] {
      CompressionType.SNAPPY_COMPRESSION,
      CompressionType.ZLIB_COMPRESSION,
      CompressionType.BZLIB2_COMPRESSION,
      CompressionType.LZ4_COMPRESSION,
      CompressionType.LZ4HC_COMPRESSION,
      CompressionType.ZSTD_COMPRESSION
    };
  }

  private void setSizes(Draw draw) {
    long sync = draw.oneOf(0L, 1L << 20);
    long fileSize = draw.oneOf(1L << 20, 64L << 20);
    int openers = draw.oneOf(1, 16);
    long logFiles = draw.number(1, 5);
    long logSize = draw.oneOf(0L, 10L << 20);
    int trigger = draw.oneOf(40, 100);
    long buffer = draw.oneOf(8L << 20, 32L << 20);
    int buffers = draw.number(2, 5);
    long writeAhead = draw.oneOf(0L, 64L << 20);
    long levelBase = draw.oneOf(64L << 20, 2L << 30);
    setters.add(o -> o.setBytesPerSync(sync));
    setters.add(o -> o.setUseDirectReads(false));
    setters.add(o -> o.setTargetFileSizeBase(fileSize));
    setters.add(o -> o.setMaxFileOpeningThreads(openers));
    setters.add(o -> o.setMinWriteBufferNumberToMerge(1));
    setters.add(o -> o.setStatsDumpPeriodSec(0));
    setters.add(o -> o.setStatsPersistPeriodSec(0));
    setters.add(o -> o.setKeepLogFileNum(logFiles));
    setters.add(o -> o.setMaxLogFileSize(logSize));
    setters.add(o -> o.setLevel0FileNumCompactionTrigger(trigger));
    setters.add(o -> o.setLevel0SlowdownWritesTrigger(trigger + 20));
    setters.add(o -> o.setLevel0StopWritesTrigger(trigger + 40));
    setters.add(o -> o.setWriteBufferSize(buffer));
    setters.add(o -> o.setMaxWriteBufferNumber(buffers));
    setters.add(o -> o.setMaxTotalWalSize(writeAhead));
    setters.add(o -> o.setMaxBytesForLevelBase(levelBase));
    setters.add(o -> o.setMemtableHugePageSize(0));
  }

  private void setTable(Draw draw) {
    if (table == Table.PLAIN) {
      boolean index = draw.chance(70);
      int bits = draw.oneOf(0, 10);
      plain.setStoreIndexInFile(index).setHugePageTlbSize(0).setBloomBitsPerKey(bits);
      text.append(" index ").append(index).append(" bloom ").append(bits);
      setters.add(o -> o.setAllowMmapReads(true));
      setters.add(o -> o.useCappedPrefixExtractor(16));
      return;
    }
    long blockSize = draw.oneOf(512L, 4L << 10, 16L << 10);
    boolean cached = draw.chance(60);
    int version = draw.oneOf(2, 2, 5);
    blockBased
        .setBlockSize(blockSize)
        .setCacheIndexAndFilterBlocks(cached)
        .setFormatVersion(version);
    text.append(" block ").append(blockSize).append(" cached ").append(cached);
    text.append(" version ").append(version);
    if (table == Table.BLOB_FILES) {
      long least = draw.oneOf(50L, 4L << 10);
      double cutoff = draw.oneOf(0.25, 1.0);
      double force = draw.oneOf(0.8, 1.0);
      text.append(" blobs from ").append(least).append(" cutoff ").append(cutoff);
      setters.add(o -> o.setEnableBlobFiles(true));
      setters.add(o -> o.setEnableBlobGarbageCollection(true));
      setters.add(o -> o.setMinBlobSize(least));
      setters.add(o -> o.setBlobFileSize(256L << 20));
      setters.add(o -> o.setBlobGarbageCollectionAgeCutoff(cutoff));
      setters.add(o -> o.setBlobGarbageCollectionForceThreshold(force));
      setters.add(o -> o.setBlobFileStartingLevel(0));
    }
  }

  private void set(String name, Object value, Consumer<Options> setter) {
    text.append(' ').append(name == null ? value : name + "=" + value);
    setters.add(setter);
  }

  /** Makes the options; the caller closes them. */
  Options create(Resources resources) {
    Options options = new Options();
    options.setEnv(resources.env);
    options.setRateLimiter(resources.rateLimiter);
    options.setSstFileManager(resources.sstFileManager);
    options.setWriteBufferManager(resources.writeBufferManager);
    options.setStatistics(resources.statistics);
    setters.forEach(setter -> setter.accept(options));
    options.setTableFormatConfig(
        table == Table.PLAIN ? plain : blockBased.setBlockCache(resources.cache));
    return options;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
