//! Natives of what calls are told to do: options for reads, writes, flushes, compactions, ingestion and
//! files.

use crate::leased::macros::leased;

leased! {
    // CompactRangeOptions
    fn Java_org_rocksdb_CompactRangeOptions_allowWriteStall(
        handle: [CompactRangeOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_CompactRangeOptions_bottommostLevelCompaction(
        handle: [CompactRangeOptions]
    ) -> jint;
    fn Java_org_rocksdb_CompactRangeOptions_canceled(handle: [CompactRangeOptions]) -> jboolean;
    fn Java_org_rocksdb_CompactRangeOptions_changeLevel(handle: [CompactRangeOptions]) -> jboolean;
    fn Java_org_rocksdb_CompactRangeOptions_exclusiveManualCompaction(
        handle: [CompactRangeOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_CompactRangeOptions_fullHistoryTSLow(
        handle: [CompactRangeOptions]
    ) -> object;
    fn Java_org_rocksdb_CompactRangeOptions_maxSubcompactions(
        handle: [CompactRangeOptions]
    ) -> jint;
    fn Java_org_rocksdb_CompactRangeOptions_newCompactRangeOptions() -> [new CompactRangeOptions];
    fn Java_org_rocksdb_CompactRangeOptions_setAllowWriteStall(
        handle: [CompactRangeOptions], allow_write_stall: jboolean
    );
    fn Java_org_rocksdb_CompactRangeOptions_setBottommostLevelCompaction(
        handle: [CompactRangeOptions], bottommost_level_compaction: jint
    );
    fn Java_org_rocksdb_CompactRangeOptions_setCanceled(
        handle: [CompactRangeOptions], canceled: jboolean
    );
    fn Java_org_rocksdb_CompactRangeOptions_setChangeLevel(
        handle: [CompactRangeOptions], change_level: jboolean
    );
    fn Java_org_rocksdb_CompactRangeOptions_setExclusiveManualCompaction(
        handle: [CompactRangeOptions], exclusive_manual_compaction: jboolean
    );
    fn Java_org_rocksdb_CompactRangeOptions_setFullHistoryTSLow(
        handle: [CompactRangeOptions], timestamp_start: jlong, timestamp_range: jlong
    );
    fn Java_org_rocksdb_CompactRangeOptions_setMaxSubcompactions(
        handle: [CompactRangeOptions], max_subcompactions: jint
    );
    fn Java_org_rocksdb_CompactRangeOptions_setTargetLevel(
        handle: [CompactRangeOptions], target_level: jint
    );
    fn Java_org_rocksdb_CompactRangeOptions_setTargetPathId(
        handle: [CompactRangeOptions], target_path_id: jint
    );
    fn Java_org_rocksdb_CompactRangeOptions_targetLevel(handle: [CompactRangeOptions]) -> jint;
    fn Java_org_rocksdb_CompactRangeOptions_targetPathId(handle: [CompactRangeOptions]) -> jint;

    // EnvOptions
    fn Java_org_rocksdb_EnvOptions_allowFallocate(handle: [EnvOptions]) -> jboolean;
    fn Java_org_rocksdb_EnvOptions_bytesPerSync(handle: [EnvOptions]) -> jlong;
    fn Java_org_rocksdb_EnvOptions_compactionReadaheadSize(handle: [EnvOptions]) -> jlong;
    fn Java_org_rocksdb_EnvOptions_fallocateWithKeepSize(handle: [EnvOptions]) -> jboolean;
    fn Java_org_rocksdb_EnvOptions_newEnvOptions__J(dboptions_handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_EnvOptions_setAllowFallocate(
        handle: [EnvOptions], allow_fallocate: jboolean
    );
    fn Java_org_rocksdb_EnvOptions_setBytesPerSync(handle: [EnvOptions], bytes_per_sync: jlong);
    fn Java_org_rocksdb_EnvOptions_setCompactionReadaheadSize(
        handle: [EnvOptions], compaction_readahead_size: jlong
    );
    fn Java_org_rocksdb_EnvOptions_setFallocateWithKeepSize(
        handle: [EnvOptions], fallocate_with_keep_size: jboolean
    );
    fn Java_org_rocksdb_EnvOptions_setFdCloexec(handle: [EnvOptions]) -> jboolean;
    fn Java_org_rocksdb_EnvOptions_setRateLimiter(
        handle: [EnvOptions], rate_limiter_handle: [RateLimiter or 0]
    );
    fn Java_org_rocksdb_EnvOptions_setSetFdCloexec(handle: [EnvOptions], set_fd_cloexec: jboolean);
    fn Java_org_rocksdb_EnvOptions_setUseDirectReads(
        handle: [EnvOptions], use_direct_reads: jboolean
    );
    fn Java_org_rocksdb_EnvOptions_setUseMmapReads(handle: [EnvOptions], use_mmap_reads: jboolean);
    fn Java_org_rocksdb_EnvOptions_setUseMmapWrites(
        handle: [EnvOptions], use_mmap_writes: jboolean
    );
    fn Java_org_rocksdb_EnvOptions_setWritableFileMaxBufferSize(
        handle: [EnvOptions], writable_file_max_buffer_size: jlong
    );
    fn Java_org_rocksdb_EnvOptions_useDirectReads(handle: [EnvOptions]) -> jboolean;
    fn Java_org_rocksdb_EnvOptions_useDirectWrites(handle: [EnvOptions]) -> jboolean;
    fn Java_org_rocksdb_EnvOptions_useMmapReads(handle: [EnvOptions]) -> jboolean;
    fn Java_org_rocksdb_EnvOptions_useMmapWrites(handle: [EnvOptions]) -> jboolean;
    fn Java_org_rocksdb_EnvOptions_writableFileMaxBufferSize(handle: [EnvOptions]) -> jlong;

    // FlushOptions
    fn Java_org_rocksdb_FlushOptions_allowWriteStall(handle: [FlushOptions]) -> jboolean;
    fn Java_org_rocksdb_FlushOptions_setAllowWriteStall(
        handle: [FlushOptions], allow_write_stall: jboolean
    );
    fn Java_org_rocksdb_FlushOptions_waitForFlush(handle: [FlushOptions]) -> jboolean;

    // IngestExternalFileOptions
    fn Java_org_rocksdb_IngestExternalFileOptions_allowBlockingFlush(
        handle: [IngestExternalFileOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_IngestExternalFileOptions_allowGlobalSeqNo(
        handle: [IngestExternalFileOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_IngestExternalFileOptions_ingestBehind(
        handle: [IngestExternalFileOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_IngestExternalFileOptions_moveFiles(
        handle: [IngestExternalFileOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_IngestExternalFileOptions_setAllowBlockingFlush(
        handle: [IngestExternalFileOptions], allow_blocking_flush: jboolean
    );
    fn Java_org_rocksdb_IngestExternalFileOptions_setAllowGlobalSeqNo(
        handle: [IngestExternalFileOptions], allow_gloabl_seq_no: jboolean
    );
    fn Java_org_rocksdb_IngestExternalFileOptions_setIngestBehind(
        handle: [IngestExternalFileOptions], ingest_behind: jboolean
    );
    fn Java_org_rocksdb_IngestExternalFileOptions_setSnapshotConsistency(
        handle: [IngestExternalFileOptions], snapshot_consistency: jboolean
    );
    fn Java_org_rocksdb_IngestExternalFileOptions_setWriteGlobalSeqno(
        handle: [IngestExternalFileOptions], write_global_seq_no: jboolean
    );
    fn Java_org_rocksdb_IngestExternalFileOptions_snapshotConsistency(
        handle: [IngestExternalFileOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_IngestExternalFileOptions_writeGlobalSeqno(
        handle: [IngestExternalFileOptions]
    ) -> jboolean;

    // ReadOptions
    fn Java_org_rocksdb_ReadOptions_asyncIo(handle: [ReadOptions]) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_autoPrefixMode(handle: [ReadOptions]) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_backgroundPurgeOnIteratorCleanup(
        handle: [ReadOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_deadline(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_fillCache(handle: [ReadOptions]) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_ignoreRangeDeletions(handle: [ReadOptions]) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_ioTimeout(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_iterStartTs(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_iterateLowerBound(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_iterateUpperBound(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_managed(handle: [ReadOptions]) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_maxSkippableInternalKeys(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_pinData(handle: [ReadOptions]) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_prefixSameAsStart(handle: [ReadOptions]) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_readTier(handle: [ReadOptions]) -> jbyte;
    fn Java_org_rocksdb_ReadOptions_readaheadSize(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_setAsyncIo(handle: [ReadOptions], async_io: jboolean);
    fn Java_org_rocksdb_ReadOptions_setAutoPrefixMode(
        handle: [ReadOptions], auto_prefix_mode: jboolean
    );
    fn Java_org_rocksdb_ReadOptions_setDeadline(handle: [ReadOptions], deadline_time: jlong);
    fn Java_org_rocksdb_ReadOptions_setIgnoreRangeDeletions(
        handle: [ReadOptions], ignore_range_deletions: jboolean
    );
    fn Java_org_rocksdb_ReadOptions_setIoTimeout(handle: [ReadOptions], io_timeout: jlong);
    fn Java_org_rocksdb_ReadOptions_setIterStartTs(
        handle: [ReadOptions], iter_start_ts_handle: [Slice or 0]
    );
    fn Java_org_rocksdb_ReadOptions_setIterateLowerBound(
        handle: [ReadOptions], lower_bound_slice_handle: [Slice or 0]
    );
    fn Java_org_rocksdb_ReadOptions_setManaged(handle: [ReadOptions], managed: jboolean);
    fn Java_org_rocksdb_ReadOptions_setMaxSkippableInternalKeys(
        handle: [ReadOptions], max_skippable_internal_keys: jlong
    );
    fn Java_org_rocksdb_ReadOptions_setPrefixSameAsStart(
        handle: [ReadOptions], prefix_same_as_start: jboolean
    );
    fn Java_org_rocksdb_ReadOptions_setReadTier(handle: [ReadOptions], read_tier_value: jbyte);
    fn Java_org_rocksdb_ReadOptions_setSnapshot(
        handle: [ReadOptions], snapshot_handle: [Snapshot under RocksDb]
    );
    fn Java_org_rocksdb_ReadOptions_setTableFilter(
        handle: [ReadOptions], table_filter_handle: jlong
    );
    fn Java_org_rocksdb_ReadOptions_setTailing(handle: [ReadOptions], tailing: jboolean);
    fn Java_org_rocksdb_ReadOptions_setTimestamp(
        handle: [ReadOptions], timestamp_slice_handle: [Slice or 0]
    );
    fn Java_org_rocksdb_ReadOptions_setTotalOrderSeek(
        handle: [ReadOptions], total_order_seek: jboolean
    );
    fn Java_org_rocksdb_ReadOptions_setValueSizeSoftLimit(handle: [ReadOptions], soft_limit: jlong);
    fn Java_org_rocksdb_ReadOptions_snapshot(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_tailing(handle: [ReadOptions]) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_timestamp(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_totalOrderSeek(handle: [ReadOptions]) -> jboolean;
    fn Java_org_rocksdb_ReadOptions_valueSizeSoftLimit(handle: [ReadOptions]) -> jlong;
    fn Java_org_rocksdb_ReadOptions_verifyChecksums(handle: [ReadOptions]) -> jboolean;

    // WriteOptions
    fn Java_org_rocksdb_WriteOptions_disableWAL(handle: [WriteOptions]) -> jboolean;
    fn Java_org_rocksdb_WriteOptions_ignoreMissingColumnFamilies(
        handle: [WriteOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_WriteOptions_lowPri(handle: [WriteOptions]) -> jboolean;
    fn Java_org_rocksdb_WriteOptions_memtableInsertHintPerBatch(handle: [WriteOptions]) -> jboolean;
    fn Java_org_rocksdb_WriteOptions_noSlowdown(handle: [WriteOptions]) -> jboolean;
    fn Java_org_rocksdb_WriteOptions_setIgnoreMissingColumnFamilies(
        handle: [WriteOptions], ignore_missing_column_families: jboolean
    );
    fn Java_org_rocksdb_WriteOptions_setLowPri(handle: [WriteOptions], low_pri: jboolean);
    fn Java_org_rocksdb_WriteOptions_setMemtableInsertHintPerBatch(
        handle: [WriteOptions], memtable_insert_hint_per_batch: jboolean
    );
    fn Java_org_rocksdb_WriteOptions_setNoSlowdown(handle: [WriteOptions], no_slowdown: jboolean);
    fn Java_org_rocksdb_WriteOptions_setSync(handle: [WriteOptions], flag: jboolean);
    fn Java_org_rocksdb_WriteOptions_sync(handle: [WriteOptions]) -> jboolean;
}
