//! Natives of write batches.

use crate::leased::macros::leased;

leased! {
    // WBWIRocksIterator
    fn Java_org_rocksdb_WBWIRocksIterator_entry1(
        handle: [WbwiRocksIterator under WriteBatchWithIndex]
    ) -> object;
    fn Java_org_rocksdb_WBWIRocksIterator_isValid0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex]
    ) -> jboolean;
    fn Java_org_rocksdb_WBWIRocksIterator_next0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex]
    );
    fn Java_org_rocksdb_WBWIRocksIterator_prev0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex]
    );
    fn Java_org_rocksdb_WBWIRocksIterator_refresh1(
        handle: [WbwiRocksIterator under WriteBatchWithIndex],
        snapshot_handle: [Snapshot under RocksDb]
    ) throws;
    fn Java_org_rocksdb_WBWIRocksIterator_seek0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex], target: object, target_len: jint
    );
    fn Java_org_rocksdb_WBWIRocksIterator_seekByteArray0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex], target: object, target_offset: jint,
        target_len: jint
    );
    fn Java_org_rocksdb_WBWIRocksIterator_seekDirect0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex], target: object, target_offset: jint,
        target_len: jint
    );
    fn Java_org_rocksdb_WBWIRocksIterator_seekForPrev0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex], target: object, target_len: jint
    );
    fn Java_org_rocksdb_WBWIRocksIterator_seekForPrevByteArray0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex], target: object, target_offset: jint,
        target_len: jint
    );
    fn Java_org_rocksdb_WBWIRocksIterator_seekForPrevDirect0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex], target: object, target_offset: jint,
        target_len: jint
    );
    fn Java_org_rocksdb_WBWIRocksIterator_seekToFirst0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex]
    );
    fn Java_org_rocksdb_WBWIRocksIterator_seekToLast0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex]
    );
    fn Java_org_rocksdb_WBWIRocksIterator_status0Jni(
        handle: [WbwiRocksIterator under WriteBatchWithIndex]
    ) throws;

    // WriteBatch
    fn Java_org_rocksdb_WriteBatch_clear0Jni(handle: [WriteBatch]);
    fn Java_org_rocksdb_WriteBatch_count0Jni(handle: [WriteBatch]) -> jint;
    fn Java_org_rocksdb_WriteBatch_data(native_handle: [WriteBatch]) -> object throws;
    fn Java_org_rocksdb_WriteBatch_deleteDirectJni(
        handle: [WriteBatch], key: object, key_offset: jint, key_length: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatch_deleteJni__J_3BI(
        handle: [WriteBatch], key: object, key_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatch_deleteRangeJni__J_3BI_3BI(
        handle: [WriteBatch], begin_key: object, begin_key_len: jint, end_key: object,
        end_key_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatch_deleteRangeJni__J_3BI_3BIJ(
        handle: [WriteBatch], begin_key: object, begin_key_len: jint, end_key: object,
        end_key_len: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatch_getDataSize(native_handle: [WriteBatch]) -> jlong;
    fn Java_org_rocksdb_WriteBatch_getWalTerminationPoint(native_handle: [WriteBatch]) -> object;
    fn Java_org_rocksdb_WriteBatch_hasBeginPrepare(native_handle: [WriteBatch]) -> jboolean;
    fn Java_org_rocksdb_WriteBatch_hasCommit(native_handle: [WriteBatch]) -> jboolean;
    fn Java_org_rocksdb_WriteBatch_hasDelete(native_handle: [WriteBatch]) -> jboolean;
    fn Java_org_rocksdb_WriteBatch_hasDeleteRange(native_handle: [WriteBatch]) -> jboolean;
    fn Java_org_rocksdb_WriteBatch_hasEndPrepare(native_handle: [WriteBatch]) -> jboolean;
    fn Java_org_rocksdb_WriteBatch_hasMerge(native_handle: [WriteBatch]) -> jboolean;
    fn Java_org_rocksdb_WriteBatch_hasPut(native_handle: [WriteBatch]) -> jboolean;
    fn Java_org_rocksdb_WriteBatch_hasRollback(native_handle: [WriteBatch]) -> jboolean;
    fn Java_org_rocksdb_WriteBatch_hasSingleDelete(native_handle: [WriteBatch]) -> jboolean;
    fn Java_org_rocksdb_WriteBatch_iterate(handle: [WriteBatch], handler_handle: jlong) throws;
    fn Java_org_rocksdb_WriteBatch_markWalTerminationPoint(native_handle: [WriteBatch]);
    fn Java_org_rocksdb_WriteBatch_mergeJni__J_3BI_3BI(
        handle: [WriteBatch], key: object, key_len: jint, value: object, value_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatch_mergeJni__J_3BI_3BIJ(
        handle: [WriteBatch], key: object, key_len: jint, value: object, value_len: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatch_popSavePointJni(handle: [WriteBatch]) throws;
    fn Java_org_rocksdb_WriteBatch_putDirectJni(
        handle: [WriteBatch], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatch_putJni__J_3BI_3BI(
        handle: [WriteBatch], key: object, key_len: jint, value: object, value_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatch_putLogDataJni(
        handle: [WriteBatch], blob: object, blob_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatch_rollbackToSavePoint0Jni(handle: [WriteBatch]) throws;
    fn Java_org_rocksdb_WriteBatch_setMaxBytesJni(native_handle: [WriteBatch], max_bytes: jlong);
    fn Java_org_rocksdb_WriteBatch_setSavePoint0Jni(handle: [WriteBatch]);
    fn Java_org_rocksdb_WriteBatch_singleDeleteJni__J_3BI(
        handle: [WriteBatch], key: object, key_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatch_singleDeleteJni__J_3BIJ(
        handle: [WriteBatch], key: object, key_len: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;

    // WriteBatchWithIndex
    fn Java_org_rocksdb_WriteBatchWithIndex_clear0Jni(handle: [WriteBatchWithIndex]);
    fn Java_org_rocksdb_WriteBatchWithIndex_count0Jni(handle: [WriteBatchWithIndex]) -> jint;
    fn Java_org_rocksdb_WriteBatchWithIndex_deleteDirectJni(
        handle: [WriteBatchWithIndex], key: object, key_offset: jint, key_length: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_deleteJni__J_3BI(
        handle: [WriteBatchWithIndex], key: object, key_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_deleteJni__J_3BIJ(
        handle: [WriteBatchWithIndex], key: object, key_len: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_deleteRangeJni__J_3BI_3BI(
        handle: [WriteBatchWithIndex], begin_key: object, begin_key_len: jint, end_key: object,
        end_key_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_deleteRangeJni__J_3BI_3BIJ(
        handle: [WriteBatchWithIndex], begin_key: object, begin_key_len: jint, end_key: object,
        end_key_len: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_getFromBatchAndDB__JJJ_3BI(
        handle: [WriteBatchWithIndex], db_handle: [RocksDb or 0],
        read_opt_handle: [ReadOptions or 0], key: object, key_len: jint
    ) -> object throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_getFromBatchAndDB__JJJ_3BIJ(
        handle: [WriteBatchWithIndex], db_handle: [RocksDb or 0],
        read_opt_handle: [ReadOptions or 0], key: object, key_len: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) -> object throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_getFromBatch__JJ_3BI(
        handle: [WriteBatchWithIndex], opt_handle: [DbOptions or 0], key: object, key_len: jint
    ) -> object throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_getFromBatch__JJ_3BIJ(
        handle: [WriteBatchWithIndex], opt_handle: [DbOptions or 0], key: object, key_len: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) -> object throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_getWriteBatchJni(
        handle: [WriteBatchWithIndex]
    ) -> object;
    fn Java_org_rocksdb_WriteBatchWithIndex_iterator0(
        handle: [WriteBatchWithIndex]
    ) -> [new WbwiRocksIterator under handle];
    fn Java_org_rocksdb_WriteBatchWithIndex_iterator1(
        handle: [WriteBatchWithIndex], cf_handle: [ColumnFamilyHandle or 0]
    ) -> [new WbwiRocksIterator under handle];
    fn Java_org_rocksdb_WriteBatchWithIndex_mergeJni__J_3BI_3BI(
        handle: [WriteBatchWithIndex], key: object, key_len: jint, value: object, value_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_mergeJni__J_3BI_3BIJ(
        handle: [WriteBatchWithIndex], key: object, key_len: jint, value: object, value_len: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_popSavePointJni(handle: [WriteBatchWithIndex]) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_putDirectJni(
        handle: [WriteBatchWithIndex], key: object, key_offset: jint, key_length: jint,
        value: object, value_offset: jint, value_length: jint, cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_putJni__J_3BI_3BI(
        handle: [WriteBatchWithIndex], key: object, key_len: jint, value: object, value_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_putJni__J_3BI_3BIJ(
        handle: [WriteBatchWithIndex], key: object, key_len: jint, value: object, value_len: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_putLogDataJni(
        handle: [WriteBatchWithIndex], blob: object, blob_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_rollbackToSavePoint0Jni(
        handle: [WriteBatchWithIndex]
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_setMaxBytesJni(
        native_handle: [WriteBatchWithIndex], max_bytes: jlong
    );
    fn Java_org_rocksdb_WriteBatchWithIndex_setSavePoint0Jni(handle: [WriteBatchWithIndex]);
    fn Java_org_rocksdb_WriteBatchWithIndex_singleDeleteJni__J_3BI(
        handle: [WriteBatchWithIndex], key: object, key_len: jint
    ) throws;
    fn Java_org_rocksdb_WriteBatchWithIndex_singleDeleteJni__J_3BIJ(
        handle: [WriteBatchWithIndex], key: object, key_len: jint,
        cf_handle: [ColumnFamilyHandle or 0]
    ) throws;
}
