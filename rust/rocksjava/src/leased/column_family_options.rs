//! Natives of `org.rocksdb.ColumnFamilyOptions`.

use crate::leased::macros::leased;

leased! {
    fn Java_org_rocksdb_ColumnFamilyOptions_arenaBlockSize(handle: [ColumnFamilyOptions]) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_blobCompactionReadaheadSize(
        native_handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_blobCompressionType(
        native_handle: [ColumnFamilyOptions]
    ) -> jbyte;
    fn Java_org_rocksdb_ColumnFamilyOptions_blobFileSize(
        native_handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_blobFileStartingLevel(
        native_handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_blobGarbageCollectionAgeCutoff(
        native_handle: [ColumnFamilyOptions]
    ) -> jdouble;
    fn Java_org_rocksdb_ColumnFamilyOptions_blobGarbageCollectionForceThreshold(
        native_handle: [ColumnFamilyOptions]
    ) -> jdouble;
    fn Java_org_rocksdb_ColumnFamilyOptions_bloomLocality(handle: [ColumnFamilyOptions]) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_bottommostCompressionType(
        handle: [ColumnFamilyOptions]
    ) -> jbyte;
    fn Java_org_rocksdb_ColumnFamilyOptions_cfPaths(
        handle: [ColumnFamilyOptions], paths: object, target_sizes: object
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_cfPathsLen(handle: [ColumnFamilyOptions]) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_compactionPriority(
        handle: [ColumnFamilyOptions]
    ) -> jbyte;
    fn Java_org_rocksdb_ColumnFamilyOptions_compactionStyle(handle: [ColumnFamilyOptions]) -> jbyte;
    fn Java_org_rocksdb_ColumnFamilyOptions_compressionPerLevel(
        handle: [ColumnFamilyOptions]
    ) -> object;
    fn Java_org_rocksdb_ColumnFamilyOptions_compressionType(handle: [ColumnFamilyOptions]) -> jbyte;
    fn Java_org_rocksdb_ColumnFamilyOptions_copyColumnFamilyOptions(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_disableAutoCompactions(
        handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_enableBlobFiles(
        native_handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_enableBlobGarbageCollection(
        native_handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_experimentalMempurgeThreshold(
        handle: [ColumnFamilyOptions]
    ) -> jdouble;
    fn Java_org_rocksdb_ColumnFamilyOptions_forceConsistencyChecks(
        handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_getColumnFamilyOptionsFromProps__JLjava_lang_String_2(
        cfg_handle: [ConfigOptions], opt_string: object
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_hardPendingCompactionBytesLimit(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_inplaceUpdateNumLocks(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_inplaceUpdateSupport(
        handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_level0FileNumCompactionTrigger(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_level0SlowdownWritesTrigger(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_level0StopWritesTrigger(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_levelCompactionDynamicLevelBytes(
        handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_levelZeroFileNumCompactionTrigger(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_levelZeroSlowdownWritesTrigger(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_levelZeroStopWritesTrigger(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_maxBytesForLevelBase(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_maxBytesForLevelMultiplier(
        handle: [ColumnFamilyOptions]
    ) -> jdouble;
    fn Java_org_rocksdb_ColumnFamilyOptions_maxBytesForLevelMultiplierAdditional(
        handle: [ColumnFamilyOptions]
    ) -> object;
    fn Java_org_rocksdb_ColumnFamilyOptions_maxCompactionBytes(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_maxSequentialSkipInIterations(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_maxSuccessiveMerges(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_maxTableFilesSizeFIFO(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_maxWriteBufferNumber(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_maxWriteBufferNumberToMaintain(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_memTableFactoryName(
        handle: [ColumnFamilyOptions]
    ) -> object;
    fn Java_org_rocksdb_ColumnFamilyOptions_memtableHugePageSize(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_memtableMaxRangeDeletions(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_memtablePrefixBloomSizeRatio(
        handle: [ColumnFamilyOptions]
    ) -> jdouble;
    fn Java_org_rocksdb_ColumnFamilyOptions_memtableWholeKeyFiltering(
        handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_minBlobSize(
        native_handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_minWriteBufferNumberToMerge(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_numLevels(handle: [ColumnFamilyOptions]) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_oldDefaults(
        handle: [ColumnFamilyOptions], major_version: jint, minor_version: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_optimizeFiltersForHits(
        handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_optimizeForPointLookup(
        handle: [ColumnFamilyOptions], block_cache_size_mb: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_optimizeForSmallDb__J(handle: [ColumnFamilyOptions]);
    fn Java_org_rocksdb_ColumnFamilyOptions_optimizeForSmallDb__JJ(
        handle: [ColumnFamilyOptions], cache_handle: [Cache or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_optimizeLevelStyleCompaction(
        handle: [ColumnFamilyOptions], memtable_memory_budget: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_optimizeUniversalStyleCompaction(
        handle: [ColumnFamilyOptions], memtable_memory_budget: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_paranoidFileChecks(
        handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_periodicCompactionSeconds(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_prepopulateBlobCache(
        native_handle: [ColumnFamilyOptions]
    ) -> jbyte;
    fn Java_org_rocksdb_ColumnFamilyOptions_reportBgIoStats(
        handle: [ColumnFamilyOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_ColumnFamilyOptions_setArenaBlockSize(
        handle: [ColumnFamilyOptions], arena_block_size: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setBlobCompactionReadaheadSize(
        native_handle: [ColumnFamilyOptions], blob_compaction_readahead_size: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setBlobCompressionType(
        native_handle: [ColumnFamilyOptions], compression_type: jbyte
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setBlobFileSize(
        native_handle: [ColumnFamilyOptions], blob_file_size: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setBlobFileStartingLevel(
        native_handle: [ColumnFamilyOptions], blob_file_starting_level: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setBlobGarbageCollectionAgeCutoff(
        native_handle: [ColumnFamilyOptions], blob_garbage_collection_age_cutoff: jdouble
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setBlobGarbageCollectionForceThreshold(
        native_handle: [ColumnFamilyOptions], blob_garbage_collection_force_threshold: jdouble
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setBloomLocality(
        handle: [ColumnFamilyOptions], bloom_locality: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setBottommostCompressionOptions(
        handle: [ColumnFamilyOptions],
        bottommost_compression_options_handle: [CompressionOptions or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setBottommostCompressionType(
        handle: [ColumnFamilyOptions], bottommost_compression_type: jbyte
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCfPaths(
        handle: [ColumnFamilyOptions], paths: object, target_sizes: object
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompactionFilterFactoryHandle(
        handle: [ColumnFamilyOptions],
        compaction_filter_factory_handle: [CompactionFilterFactory or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompactionFilterHandle(
        handle: [ColumnFamilyOptions], compaction_filter_handle: [CompactionFilter or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompactionOptionsFIFO(
        handle: [ColumnFamilyOptions], compaction_options_fifo_handle: [CompactionOptionsFifo or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompactionOptionsUniversal(
        handle: [ColumnFamilyOptions],
        compaction_options_universal_handle: [CompactionOptionsUniversal or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompactionPriority(
        handle: [ColumnFamilyOptions], compaction_priority: jbyte
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompactionStyle(
        handle: [ColumnFamilyOptions], compaction_style: jbyte
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompactionThreadLimiter(
        native_handle: [ColumnFamilyOptions],
        compaction_thread_limiter_handle: [ConcurrentTaskLimiter or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setComparatorHandle__JI(
        handle: [ColumnFamilyOptions], builtin_comparator: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setComparatorHandle__JJB(
        opt_handle: [ColumnFamilyOptions], comparator_handle: jlong, comparator_type: jbyte
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompressionOptions(
        handle: [ColumnFamilyOptions], compression_options_handle: [CompressionOptions or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompressionPerLevel(
        handle: [ColumnFamilyOptions], compression_levels: object
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setCompressionType(
        handle: [ColumnFamilyOptions], compression_type: jbyte
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setDisableAutoCompactions(
        handle: [ColumnFamilyOptions], disable_auto_compactions: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setEnableBlobFiles(
        native_handle: [ColumnFamilyOptions], enable_blob_files: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setEnableBlobGarbageCollection(
        native_handle: [ColumnFamilyOptions], enable_blob_garbage_collection: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setExperimentalMempurgeThreshold(
        handle: [ColumnFamilyOptions], experimental_mempurge_threshold: jdouble
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setForceConsistencyChecks(
        handle: [ColumnFamilyOptions], force_consistency_checks: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setHardPendingCompactionBytesLimit(
        handle: [ColumnFamilyOptions], hard_pending_compaction_bytes_limit: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setInplaceUpdateNumLocks(
        handle: [ColumnFamilyOptions], inplace_update_num_locks: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setInplaceUpdateSupport(
        handle: [ColumnFamilyOptions], inplace_update_support: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setLevel0FileNumCompactionTrigger(
        handle: [ColumnFamilyOptions], level0_file_num_compaction_trigger: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setLevel0SlowdownWritesTrigger(
        handle: [ColumnFamilyOptions], level0_slowdown_writes_trigger: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setLevel0StopWritesTrigger(
        handle: [ColumnFamilyOptions], level0_stop_writes_trigger: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setLevelCompactionDynamicLevelBytes(
        handle: [ColumnFamilyOptions], enable_level_compaction_dynamic_level_bytes: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setLevelZeroFileNumCompactionTrigger(
        handle: [ColumnFamilyOptions], num_files: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setLevelZeroSlowdownWritesTrigger(
        handle: [ColumnFamilyOptions], num_files: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setLevelZeroStopWritesTrigger(
        handle: [ColumnFamilyOptions], num_files: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMaxBytesForLevelBase(
        handle: [ColumnFamilyOptions], max_bytes_for_level_base: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMaxBytesForLevelMultiplier(
        handle: [ColumnFamilyOptions], multiplier: jdouble
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMaxBytesForLevelMultiplierAdditional(
        handle: [ColumnFamilyOptions], max_bytes_for_level_multiplier_additional: object
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMaxCompactionBytes(
        handle: [ColumnFamilyOptions], max_compaction_bytes: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMaxSequentialSkipInIterations(
        handle: [ColumnFamilyOptions], max_sequential_skip_in_iterations: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMaxSuccessiveMerges(
        handle: [ColumnFamilyOptions], max_successive_merges: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMaxTableFilesSizeFIFO(
        handle: [ColumnFamilyOptions], max_table_files_size: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMaxWriteBufferNumber(
        handle: [ColumnFamilyOptions], max_write_buffer_number: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMaxWriteBufferNumberToMaintain(
        handle: [ColumnFamilyOptions], max_write_buffer_number_to_maintain: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMemTableFactory(
        handle: [ColumnFamilyOptions], factory_handle: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMemtableHugePageSize(
        handle: [ColumnFamilyOptions], memtable_huge_page_size: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMemtableMaxRangeDeletions(
        handle: [ColumnFamilyOptions], count: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMemtablePrefixBloomSizeRatio(
        handle: [ColumnFamilyOptions], memtable_prefix_bloom_size_ratio: jdouble
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMemtableWholeKeyFiltering(
        handle: [ColumnFamilyOptions], memtable_whole_key_filtering: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMergeOperator(
        handle: [ColumnFamilyOptions], merge_operator_handle: [MergeOperator or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMergeOperatorName(
        handle: [ColumnFamilyOptions], name: object
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMinBlobSize(
        native_handle: [ColumnFamilyOptions], min_blob_size: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setMinWriteBufferNumberToMerge(
        handle: [ColumnFamilyOptions], min_write_buffer_number_to_merge: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setNumLevels(
        handle: [ColumnFamilyOptions], num_levels: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setOptimizeFiltersForHits(
        handle: [ColumnFamilyOptions], optimize_filters_for_hits: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setParanoidFileChecks(
        handle: [ColumnFamilyOptions], paranoid_file_checks: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setPeriodicCompactionSeconds(
        handle: [ColumnFamilyOptions], periodic_compaction_seconds: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setPrepopulateBlobCache(
        native_handle: [ColumnFamilyOptions], prepopulate_blob_cache: jbyte
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setReportBgIoStats(
        handle: [ColumnFamilyOptions], report_bg_io_stats: jboolean
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setSoftPendingCompactionBytesLimit(
        handle: [ColumnFamilyOptions], soft_pending_compaction_bytes_limit: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setSstPartitionerFactory(
        native_handle: [ColumnFamilyOptions], new_factory_handle: [SstPartitionerFactory or 0]
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setTableFactory(
        handle: [ColumnFamilyOptions], factory_handle: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setTargetFileSizeBase(
        handle: [ColumnFamilyOptions], target_file_size_base: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setTargetFileSizeMultiplier(
        handle: [ColumnFamilyOptions], multiplier: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_setTtl(handle: [ColumnFamilyOptions], ttl: jlong);
    fn Java_org_rocksdb_ColumnFamilyOptions_setWriteBufferSize(
        handle: [ColumnFamilyOptions], write_buffer_size: jlong
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_softPendingCompactionBytesLimit(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_tableFactoryName(
        handle: [ColumnFamilyOptions]
    ) -> object;
    fn Java_org_rocksdb_ColumnFamilyOptions_targetFileSizeBase(
        handle: [ColumnFamilyOptions]
    ) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_targetFileSizeMultiplier(
        handle: [ColumnFamilyOptions]
    ) -> jint;
    fn Java_org_rocksdb_ColumnFamilyOptions_ttl(handle: [ColumnFamilyOptions]) -> jlong;
    fn Java_org_rocksdb_ColumnFamilyOptions_useCappedPrefixExtractor(
        handle: [ColumnFamilyOptions], prefix_length: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_useFixedLengthPrefixExtractor(
        handle: [ColumnFamilyOptions], prefix_length: jint
    );
    fn Java_org_rocksdb_ColumnFamilyOptions_writeBufferSize(handle: [ColumnFamilyOptions]) -> jlong;
}
