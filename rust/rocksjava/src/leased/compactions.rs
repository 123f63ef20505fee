//! Natives of compactions: their options, and what is known of one.

use crate::leased::macros::leased;

leased! {
    // CompactionJobInfo
    fn Java_org_rocksdb_CompactionJobInfo_baseInputLevel(handle: [CompactionJobInfo]) -> jint;
    fn Java_org_rocksdb_CompactionJobInfo_columnFamilyName(handle: [CompactionJobInfo]) -> object;
    fn Java_org_rocksdb_CompactionJobInfo_compactionReason(handle: [CompactionJobInfo]) -> jbyte;
    fn Java_org_rocksdb_CompactionJobInfo_compression(handle: [CompactionJobInfo]) -> jbyte;
    fn Java_org_rocksdb_CompactionJobInfo_inputFiles(handle: [CompactionJobInfo]) -> object;
    fn Java_org_rocksdb_CompactionJobInfo_jobId(handle: [CompactionJobInfo]) -> jint;
    fn Java_org_rocksdb_CompactionJobInfo_outputFiles(handle: [CompactionJobInfo]) -> object;
    fn Java_org_rocksdb_CompactionJobInfo_outputLevel(handle: [CompactionJobInfo]) -> jint;
    fn Java_org_rocksdb_CompactionJobInfo_stats(handle: [CompactionJobInfo]) -> jlong;
    fn Java_org_rocksdb_CompactionJobInfo_status(handle: [CompactionJobInfo]) -> object;
    fn Java_org_rocksdb_CompactionJobInfo_tableProperties(handle: [CompactionJobInfo]) -> object;
    fn Java_org_rocksdb_CompactionJobInfo_threadId(handle: [CompactionJobInfo]) -> jlong;

    // CompactionJobStats
    fn Java_org_rocksdb_CompactionJobStats_add(
        handle: [CompactionJobStats], compaction_job_stats_handle: [CompactionJobStats or 0]
    );
    fn Java_org_rocksdb_CompactionJobStats_elapsedMicros(handle: [CompactionJobStats]) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_fileFsyncNanos(handle: [CompactionJobStats]) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_filePrepareWriteNanos(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_fileRangeSyncNanos(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_fileWriteNanos(handle: [CompactionJobStats]) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_isManualCompaction(
        handle: [CompactionJobStats]
    ) -> jboolean;
    fn Java_org_rocksdb_CompactionJobStats_largestOutputKeyPrefix(
        handle: [CompactionJobStats]
    ) -> object;
    fn Java_org_rocksdb_CompactionJobStats_numCorruptKeys(handle: [CompactionJobStats]) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numExpiredDeletionRecords(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numInputDeletionRecords(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numInputFiles(handle: [CompactionJobStats]) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numInputFilesAtOutputLevel(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numInputRecords(handle: [CompactionJobStats]) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numOutputFiles(handle: [CompactionJobStats]) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numOutputRecords(handle: [CompactionJobStats]) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numRecordsReplaced(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numSingleDelFallthru(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_numSingleDelMismatch(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_reset(handle: [CompactionJobStats]);
    fn Java_org_rocksdb_CompactionJobStats_smallestOutputKeyPrefix(
        handle: [CompactionJobStats]
    ) -> object;
    fn Java_org_rocksdb_CompactionJobStats_totalInputBytes(handle: [CompactionJobStats]) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_totalInputRawKeyBytes(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_totalInputRawValueBytes(
        handle: [CompactionJobStats]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionJobStats_totalOutputBytes(handle: [CompactionJobStats]) -> jlong;

    // CompactionOptions
    fn Java_org_rocksdb_CompactionOptions_compression(handle: [CompactionOptions]) -> jbyte;
    fn Java_org_rocksdb_CompactionOptions_maxSubcompactions(handle: [CompactionOptions]) -> jint;
    fn Java_org_rocksdb_CompactionOptions_outputFileSizeLimit(handle: [CompactionOptions]) -> jlong;
    fn Java_org_rocksdb_CompactionOptions_setCompression(
        handle: [CompactionOptions], compression_type_value: jbyte
    );
    fn Java_org_rocksdb_CompactionOptions_setMaxSubcompactions(
        handle: [CompactionOptions], max_subcompactions: jint
    );
    fn Java_org_rocksdb_CompactionOptions_setOutputFileSizeLimit(
        handle: [CompactionOptions], output_file_size_limit: jlong
    );

    // CompactionOptionsFIFO
    fn Java_org_rocksdb_CompactionOptionsFIFO_allowCompaction(
        handle: [CompactionOptionsFifo]
    ) -> jboolean;
    fn Java_org_rocksdb_CompactionOptionsFIFO_maxTableFilesSize(
        handle: [CompactionOptionsFifo]
    ) -> jlong;
    fn Java_org_rocksdb_CompactionOptionsFIFO_setAllowCompaction(
        handle: [CompactionOptionsFifo], allow_compaction: jboolean
    );
    fn Java_org_rocksdb_CompactionOptionsFIFO_setMaxTableFilesSize(
        handle: [CompactionOptionsFifo], max_table_files_size: jlong
    );

    // CompactionOptionsUniversal
    fn Java_org_rocksdb_CompactionOptionsUniversal_allowTrivialMove(
        handle: [CompactionOptionsUniversal]
    ) -> jboolean;
    fn Java_org_rocksdb_CompactionOptionsUniversal_compressionSizePercent(
        handle: [CompactionOptionsUniversal]
    ) -> jint;
    fn Java_org_rocksdb_CompactionOptionsUniversal_maxMergeWidth(
        handle: [CompactionOptionsUniversal]
    ) -> jint;
    fn Java_org_rocksdb_CompactionOptionsUniversal_maxSizeAmplificationPercent(
        handle: [CompactionOptionsUniversal]
    ) -> jint;
    fn Java_org_rocksdb_CompactionOptionsUniversal_minMergeWidth(
        handle: [CompactionOptionsUniversal]
    ) -> jint;
    fn Java_org_rocksdb_CompactionOptionsUniversal_setAllowTrivialMove(
        handle: [CompactionOptionsUniversal], allow_trivial_move: jboolean
    );
    fn Java_org_rocksdb_CompactionOptionsUniversal_setCompressionSizePercent(
        handle: [CompactionOptionsUniversal], compression_size_percent: jint
    );
    fn Java_org_rocksdb_CompactionOptionsUniversal_setMaxMergeWidth(
        handle: [CompactionOptionsUniversal], max_merge_width: jint
    );
    fn Java_org_rocksdb_CompactionOptionsUniversal_setMaxSizeAmplificationPercent(
        handle: [CompactionOptionsUniversal], max_size_amplification_percent: jint
    );
    fn Java_org_rocksdb_CompactionOptionsUniversal_setMinMergeWidth(
        handle: [CompactionOptionsUniversal], min_merge_width: jint
    );
    fn Java_org_rocksdb_CompactionOptionsUniversal_setSizeRatio(
        handle: [CompactionOptionsUniversal], size_ratio: jint
    );
    fn Java_org_rocksdb_CompactionOptionsUniversal_setStopStyle(
        handle: [CompactionOptionsUniversal], stop_style: jbyte
    );
    fn Java_org_rocksdb_CompactionOptionsUniversal_sizeRatio(
        handle: [CompactionOptionsUniversal]
    ) -> jint;
    fn Java_org_rocksdb_CompactionOptionsUniversal_stopStyle(
        handle: [CompactionOptionsUniversal]
    ) -> jbyte;

    // CompressionOptions
    fn Java_org_rocksdb_CompressionOptions_enabled(handle: [CompressionOptions]) -> jboolean;
    fn Java_org_rocksdb_CompressionOptions_level(handle: [CompressionOptions]) -> jint;
    fn Java_org_rocksdb_CompressionOptions_maxDictBytes(handle: [CompressionOptions]) -> jint;
    fn Java_org_rocksdb_CompressionOptions_setEnabled(
        handle: [CompressionOptions], enabled: jboolean
    );
    fn Java_org_rocksdb_CompressionOptions_setLevel(handle: [CompressionOptions], level: jint);
    fn Java_org_rocksdb_CompressionOptions_setMaxDictBytes(
        handle: [CompressionOptions], max_dict_bytes: jint
    );
    fn Java_org_rocksdb_CompressionOptions_setStrategy(
        handle: [CompressionOptions], strategy: jint
    );
    fn Java_org_rocksdb_CompressionOptions_setWindowBits(
        handle: [CompressionOptions], window_bits: jint
    );
    fn Java_org_rocksdb_CompressionOptions_setZstdMaxTrainBytes(
        handle: [CompressionOptions], zstd_max_train_bytes: jint
    );
    fn Java_org_rocksdb_CompressionOptions_strategy(handle: [CompressionOptions]) -> jint;
    fn Java_org_rocksdb_CompressionOptions_windowBits(handle: [CompressionOptions]) -> jint;
    fn Java_org_rocksdb_CompressionOptions_zstdMaxTrainBytes(handle: [CompressionOptions]) -> jint;

    // ConcurrentTaskLimiterImpl
    fn Java_org_rocksdb_ConcurrentTaskLimiterImpl_name(handle: [ConcurrentTaskLimiter]) -> object;
    fn Java_org_rocksdb_ConcurrentTaskLimiterImpl_outstandingTask(
        handle: [ConcurrentTaskLimiter]
    ) -> jint;
    fn Java_org_rocksdb_ConcurrentTaskLimiterImpl_resetMaxOutstandingTask(
        handle: [ConcurrentTaskLimiter]
    );
    fn Java_org_rocksdb_ConcurrentTaskLimiterImpl_setMaxOutstandingTask(
        handle: [ConcurrentTaskLimiter], limit: jint
    );
}
