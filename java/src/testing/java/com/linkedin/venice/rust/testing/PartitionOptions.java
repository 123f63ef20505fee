package com.linkedin.venice.rust.testing;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;
import org.rocksdb.PlainTableConfig;

/** The RocksDB options of a partition, as {@code RocksDBStoragePartition#getStoreOptions}. */
final class PartitionOptions {
  /**
   * Threads that open the files of a database, which are made anew for each opening: 16 in Venice.
   * A test that opens databases a million times sets it to 1.
   */
  private static final int FILE_OPENING_THREADS =
      Integer.getInteger("testing.file.opening.threads", 16);

  /**
   * Bytes that each new manifest gets before it is written: 4 MiB in RocksDB. In memory, where
   * nobody keeps them, that is half of an open's time.
   */
  private static final long MANIFEST_PREALLOCATION =
      Long.getLong("testing.manifest.preallocation", 4L << 20);

  private PartitionOptions() {}

  /**
   * Returns new options, which the caller closes.
   *
   * @param pushing whether a push still writes to the version, which raises the level-0 triggers
   */
  static Options create(RocksResources resources, TableFormat format, boolean pushing) {
    Options options = new Options();
    options.setEnv(resources.env());
    options.setRateLimiter(resources.rateLimiter());
    options.setSstFileManager(resources.sstFileManager());
    options.setWriteBufferManager(resources.writeBufferManager());
    options.setCreateIfMissing(true);
    options.setCreateMissingColumnFamilies(true);
    options.setCompressionType(CompressionType.NO_COMPRESSION);
    options.setCompactionStyle(CompactionStyle.LEVEL);
    options.setBytesPerSync(1L << 20);
    options.setUseDirectReads(false);
    options.setMaxOpenFiles(-1);
    options.setTargetFileSizeBase(64L << 20);
    options.setMaxFileOpeningThreads(FILE_OPENING_THREADS);
    options.setManifestPreallocationSize(MANIFEST_PREALLOCATION);
    options.setMinWriteBufferNumberToMerge(1);
    options.setStatsDumpPeriodSec(0);
    options.setStatsPersistPeriodSec(0);
    options.setKeepLogFileNum(3);
    options.setMaxLogFileSize(10L << 20);
    options.setLevel0FileNumCompactionTrigger(pushing ? 100 : 40);
    options.setLevel0SlowdownWritesTrigger(pushing ? 120 : 60);
    options.setLevel0StopWritesTrigger(pushing ? 160 : 80);
    options.setWriteBufferSize(32L << 20);
    options.setMaxWriteBufferNumber(2);
    options.setMaxTotalWalSize(0);
    options.setMaxBytesForLevelBase(2L << 30);
    options.setMemtableHugePageSize(0);
    setTableFormat(options, resources, format);
    return options;
  }

  private static void setTableFormat(
      Options options, RocksResources resources, TableFormat format) {
    if (format == TableFormat.PLAIN) {
      options.setTableFormatConfig(
          new PlainTableConfig()
              .setStoreIndexInFile(true)
              .setHugePageTlbSize(0)
              .setBloomBitsPerKey(10));
      options.setAllowMmapReads(true);
      options.useCappedPrefixExtractor(16);
      return;
    }
    options.setTableFormatConfig(
        new BlockBasedTableConfig()
            .setBlockSize(16L << 10)
            .setBlockCache(resources.blockCache())
            .setCacheIndexAndFilterBlocks(true)
            .setFormatVersion(2));
    if (format == TableFormat.BLOCK_BASED_WITH_BLOB_FILES) {
      options.setEnableBlobFiles(true);
      options.setEnableBlobGarbageCollection(true);
      options.setMinBlobSize(4L << 10);
      options.setBlobFileSize(256L << 20);
      options.setBlobGarbageCollectionAgeCutoff(0.25);
      options.setBlobGarbageCollectionForceThreshold(0.8);
      options.setBlobFileStartingLevel(0);
    }
  }
}
