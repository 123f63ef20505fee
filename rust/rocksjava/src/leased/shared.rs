//! Natives of what databases share, and of settings of theirs: statistics, limiters, environments,
//! loggers, caches.

use crate::leased::macros::leased;

leased! {
    // AbstractComparator
    fn Java_org_rocksdb_AbstractComparator_createNewComparator(
        comparator_options_handle: [ComparatorOptions]
    ) -> jlong;

    // ComparatorOptions
    fn Java_org_rocksdb_ComparatorOptions_maxReusedBufferSize(handle: [ComparatorOptions]) -> jint;
    fn Java_org_rocksdb_ComparatorOptions_reusedSynchronisationType(
        handle: [ComparatorOptions]
    ) -> jbyte;
    fn Java_org_rocksdb_ComparatorOptions_setMaxReusedBufferSize(
        handle: [ComparatorOptions], max_reuse_buffer_size: jint
    );
    fn Java_org_rocksdb_ComparatorOptions_setReusedSynchronisationType(
        handle: [ComparatorOptions], reused_synchronisation_type: jbyte
    );
    fn Java_org_rocksdb_ComparatorOptions_setUseDirectBuffer(
        handle: [ComparatorOptions], use_direct_buffer: jboolean
    );
    fn Java_org_rocksdb_ComparatorOptions_useDirectBuffer(handle: [ComparatorOptions]) -> jboolean;

    // ConfigOptions
    fn Java_org_rocksdb_ConfigOptions_setDelimiter(handle: [ConfigOptions], delimiter: object);
    fn Java_org_rocksdb_ConfigOptions_setEnv(handle: [ConfigOptions], env_handle: [Env or 0]);
    fn Java_org_rocksdb_ConfigOptions_setIgnoreUnknownOptions(
        handle: [ConfigOptions], ignore: jboolean
    );
    fn Java_org_rocksdb_ConfigOptions_setInputStringsEscaped(
        handle: [ConfigOptions], escaped: jboolean
    );
    fn Java_org_rocksdb_ConfigOptions_setSanityLevel(handle: [ConfigOptions], level: jbyte);

    // Env
    fn Java_org_rocksdb_Env_getBackgroundThreads(handle: [Env], priority: jbyte) -> jint;
    fn Java_org_rocksdb_Env_getThreadList(handle: [Env]) -> object throws;
    fn Java_org_rocksdb_Env_getThreadPoolQueueLen(handle: [Env], priority: jbyte) -> jint;
    fn Java_org_rocksdb_Env_incBackgroundThreadsIfNeeded(
        handle: [Env], number: jint, priority: jbyte
    );
    fn Java_org_rocksdb_Env_lowerThreadPoolCPUPriority(handle: [Env], priority: jbyte);
    fn Java_org_rocksdb_Env_lowerThreadPoolIOPriority(handle: [Env], priority: jbyte);

    // ImportColumnFamilyOptions
    fn Java_org_rocksdb_ImportColumnFamilyOptions_moveFiles(
        handle: [ImportColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ImportColumnFamilyOptions_setMoveFiles(
        handle: [ImportColumnFamilyOptions], move_files: jboolean
    );

    // Logger
    fn Java_org_rocksdb_Logger_infoLogLevel(handle: [Logger]) -> jbyte;
    fn Java_org_rocksdb_Logger_setInfoLogLevel(handle: [Logger], log_level: jbyte);

    // OptionsUtil
    fn Java_org_rocksdb_OptionsUtil_getLatestOptionsFileName(
        db_path: object, env_handle: [Env or 0]
    ) -> object throws;
    fn Java_org_rocksdb_OptionsUtil_loadLatestOptions(
        cfg_handle: [ConfigOptions or 0], db_path: object, db_options_handle: [DbOptions or 0],
        cf_descs: object
    ) throws;
    fn Java_org_rocksdb_OptionsUtil_loadOptionsFromFile(
        cfg_handle: [ConfigOptions or 0], options_file_name: object,
        db_options_handle: [DbOptions or 0], cf_descs: object
    ) throws;
    fn Java_org_rocksdb_OptionsUtil_readTableFormatConfig(
        native_handle: [ColumnFamilyOptions]
    ) -> object;

    // PersistentCache
    fn Java_org_rocksdb_PersistentCache_newPersistentCache(
        env_handle: [Env or 0], path: object, size: jlong, logger_handle: [Logger or 0],
        optimized_for_nvm: jboolean
    ) -> jlong throws;

    // RateLimiter
    fn Java_org_rocksdb_RateLimiter_getBytesPerSecond(handle: [RateLimiter]) -> jlong;
    fn Java_org_rocksdb_RateLimiter_getSingleBurstBytes(handle: [RateLimiter]) -> jlong;
    fn Java_org_rocksdb_RateLimiter_getTotalBytesThrough(handle: [RateLimiter]) -> jlong;
    fn Java_org_rocksdb_RateLimiter_getTotalRequests(handle: [RateLimiter]) -> jlong;
    fn Java_org_rocksdb_RateLimiter_request(handle: [RateLimiter], bytes: jlong);
    fn Java_org_rocksdb_RateLimiter_setBytesPerSecond(
        handle: [RateLimiter], bytes_per_second: jlong
    );

    // RocksMemEnv
    fn Java_org_rocksdb_RocksMemEnv_createMemEnv(base_env_handle: [Env]) -> jlong;

    // SstFileManager
    fn Java_org_rocksdb_SstFileManager_getDeleteRateBytesPerSecond(
        handle: [SstFileManager]
    ) -> jlong;
    fn Java_org_rocksdb_SstFileManager_getMaxTrashDBRatio(handle: [SstFileManager]) -> jdouble;
    fn Java_org_rocksdb_SstFileManager_getTotalSize(handle: [SstFileManager]) -> jlong;
    fn Java_org_rocksdb_SstFileManager_getTrackedFiles(handle: [SstFileManager]) -> object;
    fn Java_org_rocksdb_SstFileManager_isMaxAllowedSpaceReached(
        handle: [SstFileManager]
    ) -> jboolean;
    fn Java_org_rocksdb_SstFileManager_isMaxAllowedSpaceReachedIncludingCompactions(
        handle: [SstFileManager]
    ) -> jboolean;
    fn Java_org_rocksdb_SstFileManager_setCompactionBufferSize(
        handle: [SstFileManager], compaction_buffer_size: jlong
    );
    fn Java_org_rocksdb_SstFileManager_setMaxAllowedSpaceUsage(
        handle: [SstFileManager], max_allowed_space: jlong
    );

    // Statistics
    fn Java_org_rocksdb_Statistics_getAndResetTickerCount(
        handle: [Statistics], ticker_type: jbyte
    ) -> jlong;
    fn Java_org_rocksdb_Statistics_getHistogramData(
        handle: [Statistics], histogram_type: jbyte
    ) -> object;
    fn Java_org_rocksdb_Statistics_getHistogramString(
        handle: [Statistics], histogram_type: jbyte
    ) -> object;
    fn Java_org_rocksdb_Statistics_newStatistics__J(other_statistics_handle: [Statistics]) -> jlong;
    fn Java_org_rocksdb_Statistics_newStatistics___3BJ(
        ignore_histograms: object, other_statistics_handle: [Statistics]
    ) -> jlong;
    fn Java_org_rocksdb_Statistics_reset(native_handle: [Statistics]) throws;
    fn Java_org_rocksdb_Statistics_setStatsLevel(handle: [Statistics], stats_level: jbyte);
    fn Java_org_rocksdb_Statistics_statsLevel(handle: [Statistics]) -> jbyte;
    fn Java_org_rocksdb_Statistics_toString(native_handle: [Statistics]) -> object;

    // TimedEnv
    fn Java_org_rocksdb_TimedEnv_createTimedEnv(base_env_handle: [Env]) -> jlong;

    // util.StdErrLogger
    fn Java_org_rocksdb_util_StdErrLogger_infoLogLevel(handle: [Logger]) -> jbyte;
    fn Java_org_rocksdb_util_StdErrLogger_setInfoLogLevel(handle: [Logger], log_level: jbyte);
}
