//! Natives of `org.rocksdb.DBOptions`.

use crate::leased::macros::leased;

leased! {
    fn Java_org_rocksdb_DBOptions_adviseRandomOnOpen(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_allow2pc(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_allowConcurrentMemtableWrite(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_allowFAllocate(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_allowIngestBehind(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_allowMmapReads(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_allowMmapWrites(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_atomicFlush(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_avoidFlushDuringRecovery(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_avoidFlushDuringShutdown(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_avoidUnnecessaryBlockingIO(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_bestEffortsRecovery(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_bgerrorResumeRetryInterval(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_bytesPerSync(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_compactionReadaheadSize(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_copyDBOptions(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_createIfMissing(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_createMissingColumnFamilies(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_dailyOffpeakTimeUTC(handle: [DbOptions]) -> object;
    fn Java_org_rocksdb_DBOptions_dbLogDir(handle: [DbOptions]) -> object;
    fn Java_org_rocksdb_DBOptions_dbPaths(handle: [DbOptions], paths: object, target_sizes: object);
    fn Java_org_rocksdb_DBOptions_dbPathsLen(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_dbWriteBufferSize(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_delayedWriteRate(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_deleteObsoleteFilesPeriodMicros(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_dumpMallocStats(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_enablePipelinedWrite(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_enableThreadTracking(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_enableWriteThreadAdaptiveYield(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_errorIfExists(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_eventListeners(handle: [DbOptions]) -> object;
    fn Java_org_rocksdb_DBOptions_failIfOptionsFileError(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_getDBOptionsFromProps__JLjava_lang_String_2(
        cfg_handle: [ConfigOptions], opt_string: object
    ) -> jlong;
    fn Java_org_rocksdb_DBOptions_infoLogLevel(handle: [DbOptions]) -> jbyte;
    fn Java_org_rocksdb_DBOptions_isFdCloseOnExec(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_keepLogFileNum(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_logFileTimeToRoll(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_logReadaheadSize(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_manifestPreallocationSize(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_manualWalFlush(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_maxBackgroundCompactions(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_maxBackgroundFlushes(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_maxBackgroundJobs(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_maxBgerrorResumeCount(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_maxFileOpeningThreads(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_maxLogFileSize(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_maxManifestFileSize(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_maxOpenFiles(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_maxSubcompactions(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_maxTotalWalSize(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_maxWriteBatchGroupSizeBytes(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_optimizeForSmallDb(handle: [DbOptions]);
    fn Java_org_rocksdb_DBOptions_paranoidChecks(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_persistStatsToDisk(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_recycleLogFileNum(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_setAdviseRandomOnOpen(
        handle: [DbOptions], advise_random_on_open: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setAllow2pc(handle: [DbOptions], allow2pc: jboolean);
    fn Java_org_rocksdb_DBOptions_setAllowConcurrentMemtableWrite(
        handle: [DbOptions], allow_concurrent_memtable_write: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setAllowFAllocate(
        handle: [DbOptions], allow_f_allocate: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setAllowIngestBehind(
        handle: [DbOptions], allow_ingest_behind: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setAllowMmapReads(
        handle: [DbOptions], allow_mmap_reads: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setAllowMmapWrites(
        handle: [DbOptions], allow_mmap_writes: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setAtomicFlush(handle: [DbOptions], atomic_flush: jboolean);
    fn Java_org_rocksdb_DBOptions_setAvoidFlushDuringRecovery(
        handle: [DbOptions], avoid_flush_during_recovery: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setAvoidFlushDuringShutdown(
        handle: [DbOptions], avoid_flush_during_shutdown: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setAvoidUnnecessaryBlockingIO(
        handle: [DbOptions], avoid_blocking_io: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setBestEffortsRecovery(
        handle: [DbOptions], best_efforts_recovery: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setBgerrorResumeRetryInterval(
        handle: [DbOptions], bgerror_resume_retry_interval: jlong
    );
    fn Java_org_rocksdb_DBOptions_setBytesPerSync(handle: [DbOptions], bytes_per_sync: jlong);
    fn Java_org_rocksdb_DBOptions_setCompactionReadaheadSize(
        handle: [DbOptions], compaction_readahead_size: jlong
    );
    fn Java_org_rocksdb_DBOptions_setCreateIfMissing(handle: [DbOptions], flag: jboolean);
    fn Java_org_rocksdb_DBOptions_setCreateMissingColumnFamilies(
        handle: [DbOptions], flag: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setDailyOffpeakTimeUTC(
        handle: [DbOptions], daily_offpeak_time_utc: object
    );
    fn Java_org_rocksdb_DBOptions_setDbLogDir(handle: [DbOptions], db_log_dir: object);
    fn Java_org_rocksdb_DBOptions_setDbPaths(
        handle: [DbOptions], paths: object, target_sizes: object
    );
    fn Java_org_rocksdb_DBOptions_setDbWriteBufferSize(
        handle: [DbOptions], db_write_buffer_size: jlong
    );
    fn Java_org_rocksdb_DBOptions_setDelayedWriteRate(
        handle: [DbOptions], delayed_write_rate: jlong
    );
    fn Java_org_rocksdb_DBOptions_setDeleteObsoleteFilesPeriodMicros(
        handle: [DbOptions], micros: jlong
    );
    fn Java_org_rocksdb_DBOptions_setDumpMallocStats(
        handle: [DbOptions], dump_malloc_stats: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setEnablePipelinedWrite(
        handle: [DbOptions], enable_pipelined_write: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setEnableThreadTracking(
        handle: [DbOptions], enable_thread_tracking: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setEnableWriteThreadAdaptiveYield(
        handle: [DbOptions], enable_write_thread_adaptive_yield: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setEnv(handle: [DbOptions], env_handle: [Env or 0]);
    fn Java_org_rocksdb_DBOptions_setErrorIfExists(handle: [DbOptions], error_if_exists: jboolean);
    fn Java_org_rocksdb_DBOptions_setEventListeners(
        handle: [DbOptions], event_listener_handles: [EventListener; many]
    );
    fn Java_org_rocksdb_DBOptions_setFailIfOptionsFileError(
        handle: [DbOptions], fail_if_options_file_error: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setIncreaseParallelism(handle: [DbOptions], total_threads: jint);
    fn Java_org_rocksdb_DBOptions_setInfoLogLevel(handle: [DbOptions], log_level: jbyte);
    fn Java_org_rocksdb_DBOptions_setIsFdCloseOnExec(
        handle: [DbOptions], is_fd_close_on_exec: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setKeepLogFileNum(handle: [DbOptions], keep_log_file_num: jlong);
    fn Java_org_rocksdb_DBOptions_setLogFileTimeToRoll(
        handle: [DbOptions], log_file_time_to_roll: jlong
    );
    fn Java_org_rocksdb_DBOptions_setLogReadaheadSize(
        handle: [DbOptions], log_readahead_size: jlong
    );
    fn Java_org_rocksdb_DBOptions_setLogger(
        handle: [DbOptions], logger_handle: [Logger or 0], logger_type: jbyte
    );
    fn Java_org_rocksdb_DBOptions_setManifestPreallocationSize(handle: [DbOptions], size: jlong);
    fn Java_org_rocksdb_DBOptions_setManualWalFlush(
        handle: [DbOptions], manual_wal_flush: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setMaxBackgroundCompactions(
        handle: [DbOptions], max_background_compactions: jint
    );
    fn Java_org_rocksdb_DBOptions_setMaxBackgroundFlushes(
        handle: [DbOptions], max_background_flushes: jint
    );
    fn Java_org_rocksdb_DBOptions_setMaxBackgroundJobs(
        handle: [DbOptions], max_background_jobs: jint
    );
    fn Java_org_rocksdb_DBOptions_setMaxBgErrorResumeCount(
        handle: [DbOptions], max_bgerror_recume_count: jint
    );
    fn Java_org_rocksdb_DBOptions_setMaxFileOpeningThreads(
        handle: [DbOptions], max_file_opening_threads: jint
    );
    fn Java_org_rocksdb_DBOptions_setMaxLogFileSize(handle: [DbOptions], max_log_file_size: jlong);
    fn Java_org_rocksdb_DBOptions_setMaxManifestFileSize(
        handle: [DbOptions], max_manifest_file_size: jlong
    );
    fn Java_org_rocksdb_DBOptions_setMaxOpenFiles(handle: [DbOptions], max_open_files: jint);
    fn Java_org_rocksdb_DBOptions_setMaxSubcompactions(
        handle: [DbOptions], max_subcompactions: jint
    );
    fn Java_org_rocksdb_DBOptions_setMaxTotalWalSize(
        handle: [DbOptions], max_total_wal_size: jlong
    );
    fn Java_org_rocksdb_DBOptions_setMaxWriteBatchGroupSizeBytes(
        handle: [DbOptions], max_write_batch_group_size_bytes: jlong
    );
    fn Java_org_rocksdb_DBOptions_setParanoidChecks(handle: [DbOptions], paranoid_checks: jboolean);
    fn Java_org_rocksdb_DBOptions_setPersistStatsToDisk(
        handle: [DbOptions], persist_stats_to_disk: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setRateLimiter(
        handle: [DbOptions], rate_limiter_handle: [RateLimiter or 0]
    );
    fn Java_org_rocksdb_DBOptions_setRecycleLogFileNum(
        handle: [DbOptions], recycle_log_file_num: jlong
    );
    fn Java_org_rocksdb_DBOptions_setRowCache(handle: [DbOptions], row_cache_handle: [Cache or 0]);
    fn Java_org_rocksdb_DBOptions_setSkipCheckingSstFileSizesOnDbOpen(
        handle: [DbOptions], skip_checking: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setSkipStatsUpdateOnDbOpen(
        handle: [DbOptions], skip_stats_update_on_db_open: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setSstFileManager(
        handle: [DbOptions], sst_file_manager_handle: [SstFileManager or 0]
    );
    fn Java_org_rocksdb_DBOptions_setStatistics(
        handle: [DbOptions], statistics_handle: [Statistics or 0]
    );
    fn Java_org_rocksdb_DBOptions_setStatsDumpPeriodSec(
        handle: [DbOptions], stats_dump_period_sec: jint
    );
    fn Java_org_rocksdb_DBOptions_setStatsHistoryBufferSize(
        handle: [DbOptions], stats_history_buffer_size: jlong
    );
    fn Java_org_rocksdb_DBOptions_setStatsPersistPeriodSec(
        handle: [DbOptions], stats_persist_period_sec: jint
    );
    fn Java_org_rocksdb_DBOptions_setStrictBytesPerSync(
        handle: [DbOptions], strict_bytes_per_sync: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setTableCacheNumshardbits(
        handle: [DbOptions], table_cache_numshardbits: jint
    );
    fn Java_org_rocksdb_DBOptions_setTwoWriteQueues(
        handle: [DbOptions], two_write_queues: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setUnorderedWrite(handle: [DbOptions], unordered_write: jboolean);
    fn Java_org_rocksdb_DBOptions_setUseAdaptiveMutex(
        handle: [DbOptions], use_adaptive_mutex: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setUseDirectIoForFlushAndCompaction(
        handle: [DbOptions], use_direct_io_for_flush_and_compaction: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setUseDirectReads(
        handle: [DbOptions], use_direct_reads: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setUseFsync(handle: [DbOptions], use_fsync: jboolean);
    fn Java_org_rocksdb_DBOptions_setWalBytesPerSync(
        handle: [DbOptions], wal_bytes_per_sync: jlong
    );
    fn Java_org_rocksdb_DBOptions_setWalDir(handle: [DbOptions], wal_dir: object);
    fn Java_org_rocksdb_DBOptions_setWalFilter(handle: [DbOptions], wal_filter_handle: jlong);
    fn Java_org_rocksdb_DBOptions_setWalRecoveryMode(handle: [DbOptions], wal_recovery_mode: jbyte);
    fn Java_org_rocksdb_DBOptions_setWalSizeLimitMB(handle: [DbOptions], size_limit_mb: jlong);
    fn Java_org_rocksdb_DBOptions_setWalTtlSeconds(handle: [DbOptions], wal_ttl_seconds: jlong);
    fn Java_org_rocksdb_DBOptions_setWritableFileMaxBufferSize(
        handle: [DbOptions], writable_file_max_buffer_size: jlong
    );
    fn Java_org_rocksdb_DBOptions_setWriteBufferManager(
        db_options_handle: [DbOptions], write_buffer_manager_handle: [WriteBufferManager or 0]
    );
    fn Java_org_rocksdb_DBOptions_setWriteDbidToManifest(
        handle: [DbOptions], write_dbid_to_manifest: jboolean
    );
    fn Java_org_rocksdb_DBOptions_setWriteThreadMaxYieldUsec(
        handle: [DbOptions], write_thread_max_yield_usec: jlong
    );
    fn Java_org_rocksdb_DBOptions_setWriteThreadSlowYieldUsec(
        handle: [DbOptions], write_thread_slow_yield_usec: jlong
    );
    fn Java_org_rocksdb_DBOptions_skipCheckingSstFileSizesOnDbOpen(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_skipStatsUpdateOnDbOpen(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_statistics(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_statsDumpPeriodSec(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_statsHistoryBufferSize(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_statsPersistPeriodSec(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_strictBytesPerSync(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_tableCacheNumshardbits(handle: [DbOptions]) -> jint;
    fn Java_org_rocksdb_DBOptions_twoWriteQueues(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_unorderedWrite(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_useAdaptiveMutex(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_useDirectIoForFlushAndCompaction(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_useDirectReads(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_useFsync(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_walBytesPerSync(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_walDir(handle: [DbOptions]) -> object;
    fn Java_org_rocksdb_DBOptions_walRecoveryMode(handle: [DbOptions]) -> jbyte;
    fn Java_org_rocksdb_DBOptions_walSizeLimitMB(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_walTtlSeconds(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_writableFileMaxBufferSize(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_writeDbidToManifest(handle: [DbOptions]) -> jboolean;
    fn Java_org_rocksdb_DBOptions_writeThreadMaxYieldUsec(handle: [DbOptions]) -> jlong;
    fn Java_org_rocksdb_DBOptions_writeThreadSlowYieldUsec(handle: [DbOptions]) -> jlong;
}
