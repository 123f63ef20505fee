//! Natives of `org.rocksdb.RocksDB`, and of what belongs to one database.

use crate::leased::macros::leased;

leased! {
    // Checkpoint
    fn Java_org_rocksdb_Checkpoint_exportColumnFamily(
        handle: [Checkpoint], column_family_handle: [ColumnFamilyHandle or 0], export_path: object
    ) -> jlong throws;

    // ColumnFamilyHandle
    fn Java_org_rocksdb_ColumnFamilyHandle_getDescriptor(
        handle: [ColumnFamilyHandle]
    ) -> object throws;

    // RocksDB
    fn Java_org_rocksdb_RocksDB_cancelAllBackgroundWork(
        handle: [RocksDb; long], wait: jboolean
    );
    fn Java_org_rocksdb_RocksDB_clipColumnFamily(
        handle: [RocksDb; long], cf_handle: [ColumnFamilyHandle or 0], begin_key: object,
        begin_key_offset: jint, begin_key_length: jint, end_key: object, end_key_offset: jint,
        end_key_length: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_compactFiles(
        handle: [RocksDb; long], compaction_options_handle: [CompactionOptions or 0],
        column_family_handle: [ColumnFamilyHandle or 0], input_file_names: object,
        output_level: jint, output_path_id: jint,
        compaction_job_info_handle: [CompactionJobInfo or 0]
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_continueBackgroundWork(handle: [RocksDb]) throws;
    fn Java_org_rocksdb_RocksDB_createColumnFamilyWithImport(
        handle: [RocksDb; long], column_family_name: object, column_family_namelen: jint,
        column_family_options: [ColumnFamilyOptions or 0],
        import_column_family_options: [ImportColumnFamilyOptions or 0],
        metadata_handle_list: [ExportImportFilesMetaData; many]
    ) -> [new ColumnFamilyHandle in handle by venice_column_family_destroy] throws;
    fn Java_org_rocksdb_RocksDB_deleteDirect(
        handle: [RocksDb], opt_handle: [WriteOptions or 0], key: object, key_offset: jint,
        key_length: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_deleteFilesInRanges(
        handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0], ranges: object,
        include_end: jboolean
    ) throws;
    fn Java_org_rocksdb_RocksDB_deleteRange__JJ_3BII_3BII(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], begin_key: object,
        begin_key_offset: jint, begin_key_length: jint, end_key: object, end_key_offset: jint,
        end_key_length: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_deleteRange__JJ_3BII_3BIIJ(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], begin_key: object,
        begin_key_offset: jint, begin_key_length: jint, end_key: object, end_key_offset: jint,
        end_key_length: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_deleteRange__J_3BII_3BII(
        handle: [RocksDb], begin_key: object, begin_key_offset: jint, begin_key_length: jint,
        end_key: object, end_key_offset: jint, end_key_length: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_deleteRange__J_3BII_3BIIJ(
        handle: [RocksDb], begin_key: object, begin_key_offset: jint, begin_key_length: jint,
        end_key: object, end_key_offset: jint, end_key_length: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_delete__JJ_3BII(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], key: object, key_offset: jint,
        key_length: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_delete__JJ_3BIIJ(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], key: object, key_offset: jint,
        key_length: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_delete__J_3BIIJ(
        handle: [RocksDb], key: object, key_offset: jint, key_length: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_disableFileDeletions(handle: [RocksDb]) throws;
    fn Java_org_rocksdb_RocksDB_dropColumnFamilies(
        handle: [RocksDb], cf_handles: [ColumnFamilyHandle; many]
    ) throws;
    fn Java_org_rocksdb_RocksDB_dropColumnFamily(
        handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_enableAutoCompaction(
        handle: [RocksDb], column_family_handles: [ColumnFamilyHandle; many]
    ) throws;
    fn Java_org_rocksdb_RocksDB_enableFileDeletions(handle: [RocksDb]) throws;
    fn Java_org_rocksdb_RocksDB_endTrace(handle: [RocksDb]) throws;
    fn Java_org_rocksdb_RocksDB_flushWal(handle: [RocksDb], sync: jboolean) throws;
    fn Java_org_rocksdb_RocksDB_getAggregatedLongProperty(
        native_handle: [RocksDb], property: object, property_length: jint
    ) -> jlong throws;
    fn Java_org_rocksdb_RocksDB_getApproximateMemTableStats(
        native_handle: [RocksDb], column_family_handle: [ColumnFamilyHandle or 0],
        range_start_slice_handle: [Slice or 0], range_limit_slice_handle: [Slice or 0]
    ) -> object;
    fn Java_org_rocksdb_RocksDB_getApproximateSizes(
        native_handle: [RocksDb], column_family_handle: [ColumnFamilyHandle or 0],
        range_slice_handles: [Slice; many], include_flags: jbyte
    ) -> object;
    fn Java_org_rocksdb_RocksDB_getDBOptions(handle: [RocksDb]) -> object throws;
    fn Java_org_rocksdb_RocksDB_getEnv(handle: [RocksDb]) -> jlong;
    fn Java_org_rocksdb_RocksDB_getLatestSequenceNumber(handle: [RocksDb]) -> jlong;
    fn Java_org_rocksdb_RocksDB_getLiveFiles(
        handle: [RocksDb; long], flush_memtable: jboolean
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_getMapProperty(
        native_handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0], property: object,
        property_length: jint
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_getName(handle: [RocksDb]) -> object;
    fn Java_org_rocksdb_RocksDB_getOptions(
        handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0]
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_getPropertiesOfAllTables(
        handle: [RocksDb], column_family_handle: [ColumnFamilyHandle or 0]
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_getPropertiesOfTablesInRange(
        handle: [RocksDb], column_family_handle: [ColumnFamilyHandle or 0],
        range_slice_handles: [Slice; many]
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_getProperty(
        native_handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0], property: object,
        property_length: jint
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_getSortedWalFiles(handle: [RocksDb]) -> object throws;
    fn Java_org_rocksdb_RocksDB_getUpdatesSince(
        handle: [RocksDb], sequence_number: jlong
    ) -> [new TransactionLogIterator in handle by venice_transaction_log_iterator_destroy] throws;
    fn Java_org_rocksdb_RocksDB_get__JJ_3BII(
        handle: [RocksDb], read_opt_handle: [ReadOptions or 0], key: object, key_offset: jint,
        key_length: jint
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_get__JJ_3BII_3BII(
        handle: [RocksDb], read_opt_handle: [ReadOptions or 0], key: object, key_offset: jint,
        key_length: jint, value: object, value_offset: jint, value_length: jint
    ) -> jint throws;
    fn Java_org_rocksdb_RocksDB_get__JJ_3BII_3BIIJ(
        handle: [RocksDb], read_opt_handle: [ReadOptions or 0], key: object, key_offset: jint,
        key_length: jint, value: object, value_offset: jint, value_length: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) -> jint throws;
    fn Java_org_rocksdb_RocksDB_get__J_3BIIJ(
        handle: [RocksDb], key: object, key_offset: jint, key_length: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_get__J_3BII_3BIIJ(
        handle: [RocksDb], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) -> jint throws;
    fn Java_org_rocksdb_RocksDB_keyExistsDirect(
        handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0],
        read_opt_handle: [ReadOptions or 0], key: object, key_offset: jint, key_length: jint
    ) -> jboolean;
    fn Java_org_rocksdb_RocksDB_keyMayExist(
        handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0],
        read_opt_handle: [ReadOptions or 0], key: object, key_offset: jint, key_length: jint
    ) -> jboolean;
    fn Java_org_rocksdb_RocksDB_keyMayExistDirect(
        handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0],
        read_opt_handle: [ReadOptions or 0], key: object, key_offset: jint, key_length: jint
    ) -> jboolean;
    fn Java_org_rocksdb_RocksDB_keyMayExistDirectFoundValue(
        handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0],
        read_opt_handle: [ReadOptions or 0], key: object, key_offset: jint, key_length: jint,
        value: object, value_offset: jint, value_length: jint
    ) -> object;
    fn Java_org_rocksdb_RocksDB_keyMayExistFoundValue(
        handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0],
        read_opt_handle: [ReadOptions or 0], key: object, key_offset: jint, key_length: jint
    ) -> object;
    fn Java_org_rocksdb_RocksDB_level0StopWriteTrigger(
        handle: [RocksDb], column_family_handle: [ColumnFamilyHandle or 0]
    ) -> jint;
    fn Java_org_rocksdb_RocksDB_maxMemCompactionLevel(
        handle: [RocksDb], column_family_handle: [ColumnFamilyHandle or 0]
    ) -> jint;
    fn Java_org_rocksdb_RocksDB_mergeDirect(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], key: object, key_offset: jint,
        key_length: jint, value: object, value_offset: jint, value_length: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_merge__JJ_3BII_3BII(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], key: object, key_offset: jint,
        key_length: jint, value: object, value_offset: jint, value_length: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_merge__JJ_3BII_3BIIJ(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], key: object, key_offset: jint,
        key_length: jint, value: object, value_offset: jint, value_length: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_merge__J_3BII_3BII(
        handle: [RocksDb], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_merge__J_3BII_3BIIJ(
        handle: [RocksDb], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_multiGet__JJ_3_3B_3I_3I(
        db_handle: [RocksDb], read_opt_handle: [ReadOptions or 0], keys: object,
        key_offsets: object, key_lengths: object
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_multiGet__JJ_3_3B_3I_3I_3J(
        db_handle: [RocksDb], read_opt_handle: [ReadOptions or 0], keys: object,
        key_offsets: object, key_lengths: object, column_family_handles: [ColumnFamilyHandle; many]
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_multiGet__J_3_3B_3I_3I_3J(
        db_handle: [RocksDb], keys: object, key_offsets: object, key_lengths: object,
        column_family_handles: [ColumnFamilyHandle; many]
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_numberLevels(
        handle: [RocksDb], column_family_handle: [ColumnFamilyHandle or 0]
    ) -> jint;
    fn Java_org_rocksdb_RocksDB_openAsSecondary__JLjava_lang_String_2Ljava_lang_String_2(
        options_handle: [Options], path: object, secondary_path: object
    ) -> [open on Aligned] throws;
    fn Java_org_rocksdb_RocksDB_openAsSecondary__JLjava_lang_String_2Ljava_lang_String_2_3_3B_3J(
        options_handle: [DbOptions], path: object, secondary_path: object,
        column_family_names: object, column_family_options: [ColumnFamilyOptions; many]
    ) -> [open families on Aligned] throws;
    fn Java_org_rocksdb_RocksDB_pauseBackgroundWork(handle: [RocksDb; long]) throws;
    fn Java_org_rocksdb_RocksDB_promoteL0(
        handle: [RocksDb], column_family_handle: [ColumnFamilyHandle or 0], target_level: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_putDirect(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], key: object, key_offset: jint,
        key_length: jint, value: object, value_offset: jint, value_length: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_put__J_3BII_3BII(
        handle: [RocksDb], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_put__J_3BII_3BIIJ(
        handle: [RocksDb], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_resetStats(native_handle: [RocksDb]) throws;
    fn Java_org_rocksdb_RocksDB_setDBOptions(
        handle: [RocksDb], keys: object, values: object
    ) throws;
    fn Java_org_rocksdb_RocksDB_setOptions(
        handle: [RocksDb], cf_handle: [ColumnFamilyHandle or 0], keys: object, values: object
    ) throws;
    fn Java_org_rocksdb_RocksDB_singleDelete__JJ_3BI(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], key: object, key_len: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_singleDelete__JJ_3BIJ(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0], key: object, key_len: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_singleDelete__J_3BI(
        handle: [RocksDb], key: object, key_len: jint
    ) throws;
    fn Java_org_rocksdb_RocksDB_singleDelete__J_3BIJ(
        handle: [RocksDb], key: object, key_len: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_RocksDB_startTrace(
        handle: [RocksDb], max_trace_file_size: jlong, trace_writer_handle: jlong
    ) throws;
    fn Java_org_rocksdb_RocksDB_suggestCompactRange(
        handle: [RocksDb], column_family_handle: [ColumnFamilyHandle or 0]
    ) -> object throws;
    fn Java_org_rocksdb_RocksDB_syncWal(handle: [RocksDb]) throws;
    fn Java_org_rocksdb_RocksDB_tryCatchUpWithPrimary(handle: [RocksDb]) throws;
    fn Java_org_rocksdb_RocksDB_verifyChecksum(handle: [RocksDb; long]) throws;
    fn Java_org_rocksdb_RocksDB_write1(
        handle: [RocksDb], write_opt_handle: [WriteOptions or 0],
        wbwi_handle: [WriteBatchWithIndex or 0]
    ) throws;
}
