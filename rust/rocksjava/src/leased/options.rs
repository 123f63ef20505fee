//! Natives of `org.rocksdb.Options`.

use crate::leased::macros::leased;

leased! {
    fn Java_org_rocksdb_Options_adviseRandomOnOpen(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_allow2pc(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_allowConcurrentMemtableWrite(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_allowFAllocate(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_allowIngestBehind(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_allowMmapReads(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_allowMmapWrites(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_arenaBlockSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_atomicFlush(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_avoidFlushDuringRecovery(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_avoidFlushDuringShutdown(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_avoidUnnecessaryBlockingIO(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_bestEffortsRecovery(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_bgerrorResumeRetryInterval(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_blobCompactionReadaheadSize(native_handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_blobCompressionType(native_handle: [Options]) -> jbyte;
    fn Java_org_rocksdb_Options_blobFileSize(native_handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_blobFileStartingLevel(native_handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_blobGarbageCollectionAgeCutoff(native_handle: [Options]) -> jdouble;
    fn Java_org_rocksdb_Options_blobGarbageCollectionForceThreshold(
        native_handle: [Options]
    ) -> jdouble;
    fn Java_org_rocksdb_Options_bloomLocality(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_bottommostCompressionType(handle: [Options]) -> jbyte;
    fn Java_org_rocksdb_Options_bytesPerSync(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_cfPaths(handle: [Options], paths: object, target_sizes: object);
    fn Java_org_rocksdb_Options_cfPathsLen(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_compactionPriority(handle: [Options]) -> jbyte;
    fn Java_org_rocksdb_Options_compactionReadaheadSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_compactionStyle(handle: [Options]) -> jbyte;
    fn Java_org_rocksdb_Options_compressionPerLevel(handle: [Options]) -> object;
    fn Java_org_rocksdb_Options_compressionType(handle: [Options]) -> jbyte;
    fn Java_org_rocksdb_Options_copyOptions(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_createIfMissing(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_createMissingColumnFamilies(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_dailyOffpeakTimeUTC(handle: [Options]) -> object;
    fn Java_org_rocksdb_Options_dbLogDir(handle: [Options]) -> object;
    fn Java_org_rocksdb_Options_dbPaths(handle: [Options], paths: object, target_sizes: object);
    fn Java_org_rocksdb_Options_dbPathsLen(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_dbWriteBufferSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_delayedWriteRate(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_deleteObsoleteFilesPeriodMicros(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_disableAutoCompactions(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_dumpMallocStats(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_enableBlobFiles(native_handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_enableBlobGarbageCollection(native_handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_enablePipelinedWrite(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_enableThreadTracking(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_enableWriteThreadAdaptiveYield(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_errorIfExists(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_eventListeners(handle: [Options]) -> object;
    fn Java_org_rocksdb_Options_experimentalMempurgeThreshold(handle: [Options]) -> jdouble;
    fn Java_org_rocksdb_Options_failIfOptionsFileError(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_forceConsistencyChecks(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_hardPendingCompactionBytesLimit(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_infoLogLevel(handle: [Options]) -> jbyte;
    fn Java_org_rocksdb_Options_inplaceUpdateNumLocks(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_inplaceUpdateSupport(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_isFdCloseOnExec(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_keepLogFileNum(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_level0FileNumCompactionTrigger(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_level0SlowdownWritesTrigger(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_level0StopWritesTrigger(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_levelCompactionDynamicLevelBytes(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_levelZeroFileNumCompactionTrigger(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_levelZeroSlowdownWritesTrigger(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_levelZeroStopWritesTrigger(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_logFileTimeToRoll(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_logReadaheadSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_manifestPreallocationSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_manualWalFlush(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_maxBackgroundCompactions(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_maxBackgroundFlushes(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_maxBackgroundJobs(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_maxBgerrorResumeCount(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_maxBytesForLevelBase(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_maxBytesForLevelMultiplier(handle: [Options]) -> jdouble;
    fn Java_org_rocksdb_Options_maxBytesForLevelMultiplierAdditional(handle: [Options]) -> object;
    fn Java_org_rocksdb_Options_maxCompactionBytes(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_maxFileOpeningThreads(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_maxLogFileSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_maxManifestFileSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_maxOpenFiles(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_maxSequentialSkipInIterations(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_maxSubcompactions(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_maxSuccessiveMerges(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_maxTableFilesSizeFIFO(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_maxTotalWalSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_maxWriteBatchGroupSizeBytes(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_maxWriteBufferNumber(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_maxWriteBufferNumberToMaintain(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_memTableFactoryName(handle: [Options]) -> object;
    fn Java_org_rocksdb_Options_memtableHugePageSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_memtableMaxRangeDeletions(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_memtablePrefixBloomSizeRatio(handle: [Options]) -> jdouble;
    fn Java_org_rocksdb_Options_memtableWholeKeyFiltering(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_minBlobSize(native_handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_minWriteBufferNumberToMerge(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_newOptions__JJ(
        db_opt_handle: [DbOptions], cf_opt_handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_Options_numLevels(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_oldDefaults(
        handle: [Options], major_version: jint, minor_version: jint
    );
    fn Java_org_rocksdb_Options_optimizeFiltersForHits(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_optimizeForPointLookup(
        handle: [Options], block_cache_size_mb: jlong
    );
    fn Java_org_rocksdb_Options_optimizeForSmallDb__J(handle: [Options]);
    fn Java_org_rocksdb_Options_optimizeForSmallDb__JJ(
        handle: [Options], cache_handle: [Cache or 0]
    );
    fn Java_org_rocksdb_Options_optimizeLevelStyleCompaction(
        handle: [Options], memtable_memory_budget: jlong
    );
    fn Java_org_rocksdb_Options_optimizeUniversalStyleCompaction(
        handle: [Options], memtable_memory_budget: jlong
    );
    fn Java_org_rocksdb_Options_paranoidChecks(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_paranoidFileChecks(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_periodicCompactionSeconds(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_persistStatsToDisk(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_prepareForBulkLoad(handle: [Options]);
    fn Java_org_rocksdb_Options_prepopulateBlobCache(native_handle: [Options]) -> jbyte;
    fn Java_org_rocksdb_Options_recycleLogFileNum(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_reportBgIoStats(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_setAdviseRandomOnOpen(
        handle: [Options], advise_random_on_open: jboolean
    );
    fn Java_org_rocksdb_Options_setAllow2pc(handle: [Options], allow2pc: jboolean);
    fn Java_org_rocksdb_Options_setAllowConcurrentMemtableWrite(
        handle: [Options], allow_concurrent_memtable_write: jboolean
    );
    fn Java_org_rocksdb_Options_setAllowFAllocate(handle: [Options], allow_f_allocate: jboolean);
    fn Java_org_rocksdb_Options_setAllowIngestBehind(
        handle: [Options], allow_ingest_behind: jboolean
    );
    fn Java_org_rocksdb_Options_setAllowMmapWrites(handle: [Options], allow_mmap_writes: jboolean);
    fn Java_org_rocksdb_Options_setArenaBlockSize(handle: [Options], arena_block_size: jlong);
    fn Java_org_rocksdb_Options_setAvoidFlushDuringRecovery(
        handle: [Options], avoid_flush_during_recovery: jboolean
    );
    fn Java_org_rocksdb_Options_setAvoidFlushDuringShutdown(
        handle: [Options], avoid_flush_during_shutdown: jboolean
    );
    fn Java_org_rocksdb_Options_setAvoidUnnecessaryBlockingIO(
        handle: [Options], avoid_blocking_io: jboolean
    );
    fn Java_org_rocksdb_Options_setBestEffortsRecovery(
        handle: [Options], best_efforts_recovery: jboolean
    );
    fn Java_org_rocksdb_Options_setBgerrorResumeRetryInterval(
        handle: [Options], bgerror_resume_retry_interval: jlong
    );
    fn Java_org_rocksdb_Options_setBlobCompactionReadaheadSize(
        native_handle: [Options], blob_compaction_readahead_size: jlong
    );
    fn Java_org_rocksdb_Options_setBlobCompressionType(
        native_handle: [Options], compression_type: jbyte
    );
    fn Java_org_rocksdb_Options_setBloomLocality(handle: [Options], bloom_locality: jint);
    fn Java_org_rocksdb_Options_setBottommostCompressionOptions(
        handle: [Options], bottommost_compression_options_handle: [CompressionOptions or 0]
    );
    fn Java_org_rocksdb_Options_setBottommostCompressionType(
        handle: [Options], bottommost_compression_type: jbyte
    );
    fn Java_org_rocksdb_Options_setCfPaths(handle: [Options], paths: object, target_sizes: object);
    fn Java_org_rocksdb_Options_setCompactionFilterFactoryHandle(
        handle: [Options], compaction_filter_factory_handle: [CompactionFilterFactory or 0]
    );
    fn Java_org_rocksdb_Options_setCompactionFilterHandle(
        handle: [Options], compaction_filter_handle: [CompactionFilter or 0]
    );
    fn Java_org_rocksdb_Options_setCompactionOptionsFIFO(
        handle: [Options], compaction_options_fifo_handle: [CompactionOptionsFifo or 0]
    );
    fn Java_org_rocksdb_Options_setCompactionOptionsUniversal(
        handle: [Options], compaction_options_universal_handle: [CompactionOptionsUniversal or 0]
    );
    fn Java_org_rocksdb_Options_setCompactionPriority(
        handle: [Options], compaction_priority: jbyte
    );
    fn Java_org_rocksdb_Options_setCompactionReadaheadSize(
        handle: [Options], compaction_readahead_size: jlong
    );
    fn Java_org_rocksdb_Options_setCompactionThreadLimiter(
        native_handle: [Options], new_limiter_handle: [ConcurrentTaskLimiter or 0]
    );
    fn Java_org_rocksdb_Options_setComparatorHandle__JI(
        handle: [Options], builtin_comparator: jint
    );
    fn Java_org_rocksdb_Options_setComparatorHandle__JJB(
        opt_handle: [Options], comparator_handle: jlong, comparator_type: jbyte
    );
    fn Java_org_rocksdb_Options_setCompressionOptions(
        handle: [Options], compression_options_handle: [CompressionOptions or 0]
    );
    fn Java_org_rocksdb_Options_setCompressionPerLevel(
        handle: [Options], compression_levels: object
    );
    fn Java_org_rocksdb_Options_setDailyOffpeakTimeUTC(handle: [Options], offpeak_time_utc: object);
    fn Java_org_rocksdb_Options_setDbLogDir(handle: [Options], db_log_dir: object);
    fn Java_org_rocksdb_Options_setDbPaths(handle: [Options], paths: object, target_sizes: object);
    fn Java_org_rocksdb_Options_setDbWriteBufferSize(
        handle: [Options], db_write_buffer_size: jlong
    );
    fn Java_org_rocksdb_Options_setDelayedWriteRate(handle: [Options], delayed_write_rate: jlong);
    fn Java_org_rocksdb_Options_setDeleteObsoleteFilesPeriodMicros(
        handle: [Options], micros: jlong
    );
    fn Java_org_rocksdb_Options_setDisableAutoCompactions(
        handle: [Options], disable_auto_compactions: jboolean
    );
    fn Java_org_rocksdb_Options_setDumpMallocStats(handle: [Options], dump_malloc_stats: jboolean);
    fn Java_org_rocksdb_Options_setEnablePipelinedWrite(
        handle: [Options], pipelined_write: jboolean
    );
    fn Java_org_rocksdb_Options_setEnableThreadTracking(
        handle: [Options], enable_thread_tracking: jboolean
    );
    fn Java_org_rocksdb_Options_setEnableWriteThreadAdaptiveYield(
        handle: [Options], enable_write_thread_adaptive_yield: jboolean
    );
    fn Java_org_rocksdb_Options_setErrorIfExists(handle: [Options], error_if_exists: jboolean);
    fn Java_org_rocksdb_Options_setEventListeners(
        handle: [Options], event_listener_handles: [EventListener; many]
    );
    fn Java_org_rocksdb_Options_setExperimentalMempurgeThreshold(
        handle: [Options], experimental_mempurge_threshold: jdouble
    );
    fn Java_org_rocksdb_Options_setFailIfOptionsFileError(
        handle: [Options], fail_if_options_file_error: jboolean
    );
    fn Java_org_rocksdb_Options_setForceConsistencyChecks(
        handle: [Options], force_consistency_checks: jboolean
    );
    fn Java_org_rocksdb_Options_setHardPendingCompactionBytesLimit(
        handle: [Options], hard_pending_compaction_bytes_limit: jlong
    );
    fn Java_org_rocksdb_Options_setIncreaseParallelism(handle: [Options], total_threads: jint);
    fn Java_org_rocksdb_Options_setInfoLogLevel(handle: [Options], log_level: jbyte);
    fn Java_org_rocksdb_Options_setInplaceUpdateNumLocks(
        handle: [Options], inplace_update_num_locks: jlong
    );
    fn Java_org_rocksdb_Options_setInplaceUpdateSupport(
        handle: [Options], inplace_update_support: jboolean
    );
    fn Java_org_rocksdb_Options_setIsFdCloseOnExec(
        handle: [Options], is_fd_close_on_exec: jboolean
    );
    fn Java_org_rocksdb_Options_setLevelCompactionDynamicLevelBytes(
        handle: [Options], enable_level_compaction_dynamic_level_bytes: jboolean
    );
    fn Java_org_rocksdb_Options_setLevelZeroFileNumCompactionTrigger(
        handle: [Options], num_files: jint
    );
    fn Java_org_rocksdb_Options_setLevelZeroSlowdownWritesTrigger(
        handle: [Options], num_files: jint
    );
    fn Java_org_rocksdb_Options_setLevelZeroStopWritesTrigger(handle: [Options], num_files: jint);
    fn Java_org_rocksdb_Options_setLogFileTimeToRoll(
        handle: [Options], log_file_time_to_roll: jlong
    );
    fn Java_org_rocksdb_Options_setLogReadaheadSize(handle: [Options], log_readahead_size: jlong);
    fn Java_org_rocksdb_Options_setLogger(
        handle: [Options], logger_handle: [Logger or 0], logger_type: jbyte
    );
    fn Java_org_rocksdb_Options_setManifestPreallocationSize(handle: [Options], size: jlong);
    fn Java_org_rocksdb_Options_setManualWalFlush(handle: [Options], manual_wal_flush: jboolean);
    fn Java_org_rocksdb_Options_setMaxBackgroundCompactions(
        handle: [Options], max_background_compactions: jint
    );
    fn Java_org_rocksdb_Options_setMaxBackgroundFlushes(
        handle: [Options], max_background_flushes: jint
    );
    fn Java_org_rocksdb_Options_setMaxBackgroundJobs(
        handle: [Options], max_max_background_jobs: jint
    );
    fn Java_org_rocksdb_Options_setMaxBgErrorResumeCount(
        handle: [Options], max_bgerror_recume_count: jint
    );
    fn Java_org_rocksdb_Options_setMaxBytesForLevelMultiplier(
        handle: [Options], multiplier: jdouble
    );
    fn Java_org_rocksdb_Options_setMaxBytesForLevelMultiplierAdditional(
        handle: [Options], max_bytes_for_level_multiplier_additional: object
    );
    fn Java_org_rocksdb_Options_setMaxCompactionBytes(
        handle: [Options], max_compaction_bytes: jlong
    );
    fn Java_org_rocksdb_Options_setMaxManifestFileSize(
        handle: [Options], max_manifest_file_size: jlong
    );
    fn Java_org_rocksdb_Options_setMaxSequentialSkipInIterations(
        handle: [Options], max_sequential_skip_in_iterations: jlong
    );
    fn Java_org_rocksdb_Options_setMaxSubcompactions(handle: [Options], max_subcompactions: jint);
    fn Java_org_rocksdb_Options_setMaxSuccessiveMerges(
        handle: [Options], max_successive_merges: jlong
    );
    fn Java_org_rocksdb_Options_setMaxTableFilesSizeFIFO(
        handle: [Options], max_table_files_size: jlong
    );
    fn Java_org_rocksdb_Options_setMaxWriteBatchGroupSizeBytes(
        handle: [Options], max_write_batch_group_size_bytes: jlong
    );
    fn Java_org_rocksdb_Options_setMaxWriteBufferNumberToMaintain(
        handle: [Options], max_write_buffer_number_to_maintain: jint
    );
    fn Java_org_rocksdb_Options_setMemTableFactory(handle: [Options], factory_handle: jlong);
    fn Java_org_rocksdb_Options_setMemtableMaxRangeDeletions(handle: [Options], count: jint);
    fn Java_org_rocksdb_Options_setMemtablePrefixBloomSizeRatio(
        handle: [Options], memtable_prefix_bloom_size_ratio: jdouble
    );
    fn Java_org_rocksdb_Options_setMemtableWholeKeyFiltering(
        handle: [Options], memtable_whole_key_filtering: jboolean
    );
    fn Java_org_rocksdb_Options_setMergeOperator(
        handle: [Options], merge_operator_handle: [MergeOperator or 0]
    );
    fn Java_org_rocksdb_Options_setMergeOperatorName(handle: [Options], name: object);
    fn Java_org_rocksdb_Options_setNumLevels(handle: [Options], num_levels: jint);
    fn Java_org_rocksdb_Options_setOptimizeFiltersForHits(
        handle: [Options], optimize_filters_for_hits: jboolean
    );
    fn Java_org_rocksdb_Options_setParanoidChecks(handle: [Options], paranoid_checks: jboolean);
    fn Java_org_rocksdb_Options_setParanoidFileChecks(
        handle: [Options], paranoid_file_checks: jboolean
    );
    fn Java_org_rocksdb_Options_setPeriodicCompactionSeconds(
        handle: [Options], periodic_compaction_seconds: jlong
    );
    fn Java_org_rocksdb_Options_setPersistStatsToDisk(
        handle: [Options], persist_stats_to_disk: jboolean
    );
    fn Java_org_rocksdb_Options_setPrepopulateBlobCache(
        native_handle: [Options], prepopulate_blob_cache: jbyte
    );
    fn Java_org_rocksdb_Options_setRecycleLogFileNum(
        handle: [Options], recycle_log_file_num: jlong
    );
    fn Java_org_rocksdb_Options_setReportBgIoStats(handle: [Options], report_bg_io_stats: jboolean);
    fn Java_org_rocksdb_Options_setRowCache(handle: [Options], row_cache_handle: [Cache or 0]);
    fn Java_org_rocksdb_Options_setSkipCheckingSstFileSizesOnDbOpen(
        handle: [Options], skip_checking: jboolean
    );
    fn Java_org_rocksdb_Options_setSkipStatsUpdateOnDbOpen(
        handle: [Options], skip_stats_update_on_db_open: jboolean
    );
    fn Java_org_rocksdb_Options_setSoftPendingCompactionBytesLimit(
        handle: [Options], soft_pending_compaction_bytes_limit: jlong
    );
    fn Java_org_rocksdb_Options_setSstPartitionerFactory(
        native_handle: [Options], new_factory_handle: [SstPartitionerFactory or 0]
    );
    fn Java_org_rocksdb_Options_setStatsHistoryBufferSize(
        handle: [Options], stats_history_buffer_size: jlong
    );
    fn Java_org_rocksdb_Options_setStrictBytesPerSync(
        handle: [Options], strict_bytes_per_sync: jboolean
    );
    fn Java_org_rocksdb_Options_setTableCacheNumshardbits(
        handle: [Options], table_cache_numshardbits: jint
    );
    fn Java_org_rocksdb_Options_setTablePropertiesCollectorFactory(
        native_handle: [Options], factory_handlers: object
    );
    fn Java_org_rocksdb_Options_setTargetFileSizeMultiplier(handle: [Options], multiplier: jint);
    fn Java_org_rocksdb_Options_setTtl(handle: [Options], ttl: jlong);
    fn Java_org_rocksdb_Options_setTwoWriteQueues(handle: [Options], two_write_queues: jboolean);
    fn Java_org_rocksdb_Options_setUnorderedWrite(handle: [Options], unordered_write: jboolean);
    fn Java_org_rocksdb_Options_setUseAdaptiveMutex(
        handle: [Options], use_adaptive_mutex: jboolean
    );
    fn Java_org_rocksdb_Options_setUseDirectIoForFlushAndCompaction(
        handle: [Options], use_direct_io_for_flush_and_compaction: jboolean
    );
    fn Java_org_rocksdb_Options_setUseFsync(handle: [Options], use_fsync: jboolean);
    fn Java_org_rocksdb_Options_setWalBytesPerSync(handle: [Options], wal_bytes_per_sync: jlong);
    fn Java_org_rocksdb_Options_setWalDir(handle: [Options], wal_dir: object);
    fn Java_org_rocksdb_Options_setWalFilter(handle: [Options], wal_filter_handle: jlong);
    fn Java_org_rocksdb_Options_setWalRecoveryMode(handle: [Options], wal_recovery_mode: jbyte);
    fn Java_org_rocksdb_Options_setWalSizeLimitMB(handle: [Options], size_limit_mb: jlong);
    fn Java_org_rocksdb_Options_setWalTtlSeconds(handle: [Options], wal_ttl_seconds: jlong);
    fn Java_org_rocksdb_Options_setWritableFileMaxBufferSize(
        handle: [Options], writable_file_max_buffer_size: jlong
    );
    fn Java_org_rocksdb_Options_setWriteDbidToManifest(
        handle: [Options], write_dbid_to_manifest: jboolean
    );
    fn Java_org_rocksdb_Options_setWriteThreadMaxYieldUsec(
        handle: [Options], write_thread_max_yield_usec: jlong
    );
    fn Java_org_rocksdb_Options_setWriteThreadSlowYieldUsec(
        handle: [Options], write_thread_slow_yield_usec: jlong
    );
    fn Java_org_rocksdb_Options_skipCheckingSstFileSizesOnDbOpen(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_skipStatsUpdateOnDbOpen(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_softPendingCompactionBytesLimit(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_statistics(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_statsDumpPeriodSec(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_statsHistoryBufferSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_statsPersistPeriodSec(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_strictBytesPerSync(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_tableCacheNumshardbits(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_tableFactoryName(handle: [Options]) -> object;
    fn Java_org_rocksdb_Options_tablePropertiesCollectorFactory(native_handle: [Options]) -> object;
    fn Java_org_rocksdb_Options_targetFileSizeBase(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_targetFileSizeMultiplier(handle: [Options]) -> jint;
    fn Java_org_rocksdb_Options_ttl(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_twoWriteQueues(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_unorderedWrite(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_useAdaptiveMutex(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_useDirectIoForFlushAndCompaction(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_useDirectReads(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_useFixedLengthPrefixExtractor(
        handle: [Options], prefix_length: jint
    );
    fn Java_org_rocksdb_Options_useFsync(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_walBytesPerSync(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_walDir(handle: [Options]) -> object;
    fn Java_org_rocksdb_Options_walRecoveryMode(handle: [Options]) -> jbyte;
    fn Java_org_rocksdb_Options_walSizeLimitMB(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_walTtlSeconds(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_writableFileMaxBufferSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_writeBufferSize(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_writeDbidToManifest(handle: [Options]) -> jboolean;
    fn Java_org_rocksdb_Options_writeThreadMaxYieldUsec(handle: [Options]) -> jlong;
    fn Java_org_rocksdb_Options_writeThreadSlowYieldUsec(handle: [Options]) -> jlong;
}
