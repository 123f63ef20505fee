//! Natives of databases with transactions, and with a time to live, of transactions and of logs.

use crate::leased::macros::leased;

leased! {
    // OptimisticTransactionDB
    fn Java_org_rocksdb_OptimisticTransactionDB_beginTransaction_1withOld__JJJ(
        handle: [RocksDb], write_options_handle: [WriteOptions or 0],
        old_transaction_handle: [Transaction or 0]
    ) -> [new Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_OptimisticTransactionDB_beginTransaction_1withOld__JJJJ(
        handle: [RocksDb], write_options_handle: [WriteOptions or 0],
        optimistic_transaction_options_handle: [OptimisticTransactionOptions or 0],
        old_transaction_handle: [Transaction or 0]
    ) -> [new Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_OptimisticTransactionDB_beginTransaction__JJ(
        handle: [RocksDb], write_options_handle: [WriteOptions or 0]
    ) -> [new Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_OptimisticTransactionDB_beginTransaction__JJJ(
        handle: [RocksDb], write_options_handle: [WriteOptions or 0],
        optimistic_transaction_options_handle: [OptimisticTransactionOptions or 0]
    ) -> [new Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_OptimisticTransactionDB_getBaseDB(handle: [RocksDb]) -> jlong;
    fn Java_org_rocksdb_OptimisticTransactionDB_open__JLjava_lang_String_2(
        options_handle: [Options], path: object
    ) -> [open on Plain] throws;
    fn Java_org_rocksdb_OptimisticTransactionDB_open__JLjava_lang_String_2_3_3B_3J(
        handle: [DbOptions], path: object, column_family_names: object,
        column_family_options: [ColumnFamilyOptions; many]
    ) -> [open families on Plain] throws;

    // OptimisticTransactionOptions
    fn Java_org_rocksdb_OptimisticTransactionOptions_isSetSnapshot(
        handle: [OptimisticTransactionOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_OptimisticTransactionOptions_setComparator(
        handle: [OptimisticTransactionOptions], comparator_handle: jlong
    );
    fn Java_org_rocksdb_OptimisticTransactionOptions_setSetSnapshot(
        handle: [OptimisticTransactionOptions], set_snapshot: jboolean
    );

    // Transaction
    fn Java_org_rocksdb_Transaction_clearSnapshot(handle: [Transaction]);
    fn Java_org_rocksdb_Transaction_commit(handle: [Transaction]) throws;
    fn Java_org_rocksdb_Transaction_deleteUntracked__J_3BI(
        handle: [Transaction], key: object, key_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_deleteUntracked__J_3BIJ(
        handle: [Transaction], key: object, key_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_Transaction_deleteUntracked__J_3_3BI(
        handle: [Transaction], keys: object, keys_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_deleteUntracked__J_3_3BIJ(
        handle: [Transaction], keys: object, keys_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_Transaction_delete__J_3BI(
        handle: [Transaction], key: object, key_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_delete__J_3BIJZ(
        handle: [Transaction], key: object, key_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0], assume_tracked: jboolean
    ) throws;
    fn Java_org_rocksdb_Transaction_delete__J_3_3BI(
        handle: [Transaction], keys: object, keys_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_delete__J_3_3BIJZ(
        handle: [Transaction], keys: object, keys_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0], assume_tracked: jboolean
    ) throws;
    fn Java_org_rocksdb_Transaction_disableIndexing(handle: [Transaction]);
    fn Java_org_rocksdb_Transaction_enableIndexing(handle: [Transaction]);
    fn Java_org_rocksdb_Transaction_getCommitTimeWriteBatch(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getDirect(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], key: object,
        key_offset: jint, key_length: jint, value: object, value_offset: jint, value_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0]
    ) -> jint throws;
    fn Java_org_rocksdb_Transaction_getDirectForUpdate(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], key: object,
        key_offset: jint, key_length: jint, value: object, value_offset: jint, value_len: jint,
        column_family_handle: [ColumnFamilyHandle or 0], exclusive: jboolean, do_validate: jboolean
    ) -> jint throws;
    fn Java_org_rocksdb_Transaction_getElapsedTime(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getForUpdate__JJ_3BIIJZZ(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], key: object,
        key_offset: jint, key_length: jint, column_family_handle: [ColumnFamilyHandle or 0],
        exclusive: jboolean, do_validate: jboolean
    ) -> object throws;
    fn Java_org_rocksdb_Transaction_getForUpdate__JJ_3BII_3BIIJZZ(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], key: object,
        key_offset: jint, key_length: jint, value: object, value_offset: jint, value_len: jint,
        column_family_handle: [ColumnFamilyHandle or 0], exclusive: jboolean, do_validate: jboolean
    ) -> jint throws;
    fn Java_org_rocksdb_Transaction_getID(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getId(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getIterator(
        handle: [Transaction], read_options_handle: [ReadOptions or 0],
        column_family_handle: [ColumnFamilyHandle or 0]
    ) -> [new RocksIterator beside handle: Transaction by venice_iterator_destroy];
    fn Java_org_rocksdb_Transaction_getLogNumber(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getName(handle: [Transaction]) -> object;
    fn Java_org_rocksdb_Transaction_getNumDeletes(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getNumKeys(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getNumMerges(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getNumPuts(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getState(handle: [Transaction]) -> jbyte;
    fn Java_org_rocksdb_Transaction_getWaitingTxns(handle: [Transaction]) -> object;
    fn Java_org_rocksdb_Transaction_getWriteBatch(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_getWriteOptions(handle: [Transaction]) -> jlong;
    fn Java_org_rocksdb_Transaction_get__JJ_3BIIJ(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], key: object,
        key_offset: jint, key_length: jint, column_family_handle: [ColumnFamilyHandle or 0]
    ) -> object throws;
    fn Java_org_rocksdb_Transaction_get__JJ_3BII_3BIIJ(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], key: object,
        key_offset: jint, key_len: jint, value: object, value_offset: jint, value_len: jint,
        column_family_handle: [ColumnFamilyHandle or 0]
    ) -> jint throws;
    fn Java_org_rocksdb_Transaction_isDeadlockDetect(handle: [Transaction]) -> jboolean;
    fn Java_org_rocksdb_Transaction_mergeDirect__JLjava_nio_ByteBuffer_2IILjava_nio_ByteBuffer_2II(
        handle: [Transaction], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_mergeDirect__JLjava_nio_ByteBuffer_2IILjava_nio_ByteBuffer_2IIJZ(
        handle: [Transaction], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint, cf_handle: [ColumnFamilyHandle or 0],
        assume_tracked: jboolean
    ) throws;
    fn Java_org_rocksdb_Transaction_mergeUntracked(
        handle: [Transaction], key: object, key_off: jint, key_length: jint, value: object,
        value_off: jint, value_length: jint, column_family_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_Transaction_mergeUntrackedDirect(
        handle: [Transaction], key: object, key_off: jint, key_length: jint, value: object,
        value_off: jint, value_length: jint, column_family_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_Transaction_merge__J_3BII_3BII(
        handle: [Transaction], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_merge__J_3BII_3BIIJZ(
        handle: [Transaction], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint, column_family_handle: [ColumnFamilyHandle or 0],
        assume_tracked: jboolean
    ) throws;
    fn Java_org_rocksdb_Transaction_multiGetForUpdate__JJ_3_3B(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], keys: object
    ) -> object throws;
    fn Java_org_rocksdb_Transaction_multiGetForUpdate__JJ_3_3B_3J(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], keys: object,
        column_family_handles: [ColumnFamilyHandle; many]
    ) -> object throws;
    fn Java_org_rocksdb_Transaction_multiGet__JJ_3_3B(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], keys: object
    ) -> object throws;
    fn Java_org_rocksdb_Transaction_multiGet__JJ_3_3B_3J(
        handle: [Transaction], read_options_handle: [ReadOptions or 0], keys: object,
        column_family_handles: [ColumnFamilyHandle; many]
    ) -> object throws;
    fn Java_org_rocksdb_Transaction_prepare(handle: [Transaction]) throws;
    fn Java_org_rocksdb_Transaction_putDirect__JLjava_nio_ByteBuffer_2IILjava_nio_ByteBuffer_2II(
        handle: [Transaction], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_putDirect__JLjava_nio_ByteBuffer_2IILjava_nio_ByteBuffer_2IIJZ(
        handle: [Transaction], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint, cf_handle: [ColumnFamilyHandle or 0],
        assume_tracked: jboolean
    ) throws;
    fn Java_org_rocksdb_Transaction_putLogData(
        handle: [Transaction], blob: object, blob_length: jint
    );
    fn Java_org_rocksdb_Transaction_putUntracked__J_3BI_3BI(
        handle: [Transaction], key: object, key_length: jint, value: object, value_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_putUntracked__J_3BI_3BIJ(
        handle: [Transaction], key: object, key_length: jint, value: object, value_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_Transaction_putUntracked__J_3_3BI_3_3BI(
        handle: [Transaction], keys: object, keys_length: jint, values: object, values_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_putUntracked__J_3_3BI_3_3BIJ(
        handle: [Transaction], keys: object, keys_length: jint, values: object, values_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0]
    ) throws;
    fn Java_org_rocksdb_Transaction_put__J_3BII_3BII(
        handle: [Transaction], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_put__J_3BII_3BIIJZ(
        handle: [Transaction], key: object, key_offset: jint, key_length: jint, value: object,
        value_offset: jint, value_length: jint, column_family_handle: [ColumnFamilyHandle or 0],
        assume_tracked: jboolean
    ) throws;
    fn Java_org_rocksdb_Transaction_put__J_3_3BI_3_3BI(
        handle: [Transaction], keys: object, keys_length: jint, values: object, values_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_put__J_3_3BI_3_3BIJZ(
        handle: [Transaction], keys: object, keys_length: jint, values: object, values_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0], assume_tracked: jboolean
    ) throws;
    fn Java_org_rocksdb_Transaction_rebuildFromWriteBatch(
        handle: [Transaction], write_batch_handle: [WriteBatch or 0]
    ) throws;
    fn Java_org_rocksdb_Transaction_rollback(handle: [Transaction]) throws;
    fn Java_org_rocksdb_Transaction_rollbackToSavePoint(handle: [Transaction]) throws;
    fn Java_org_rocksdb_Transaction_setLockTimeout(handle: [Transaction], lock_timeout: jlong);
    fn Java_org_rocksdb_Transaction_setLogNumber(handle: [Transaction], log_number: jlong);
    fn Java_org_rocksdb_Transaction_setName(handle: [Transaction], name: object) throws;
    fn Java_org_rocksdb_Transaction_setSavePoint(handle: [Transaction]) throws;
    fn Java_org_rocksdb_Transaction_setSnapshot(handle: [Transaction]);
    fn Java_org_rocksdb_Transaction_setSnapshotOnNextOperation__J(handle: [Transaction]);
    fn Java_org_rocksdb_Transaction_setSnapshotOnNextOperation__JJ(
        handle: [Transaction], transaction_notifier_handle: jlong
    );
    fn Java_org_rocksdb_Transaction_setWriteOptions(
        handle: [Transaction], write_options_handle: [WriteOptions or 0]
    );
    fn Java_org_rocksdb_Transaction_singleDelete__J_3BI(
        handle: [Transaction], key: object, key_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_singleDelete__J_3BIJZ(
        handle: [Transaction], key: object, key_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0], assume_tracked: jboolean
    ) throws;
    fn Java_org_rocksdb_Transaction_singleDelete__J_3_3BI(
        handle: [Transaction], keys: object, keys_length: jint
    ) throws;
    fn Java_org_rocksdb_Transaction_singleDelete__J_3_3BIJZ(
        handle: [Transaction], keys: object, keys_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0], assume_tracked: jboolean
    ) throws;
    fn Java_org_rocksdb_Transaction_undoGetForUpdate__J_3BI(
        handle: [Transaction], key: object, key_length: jint
    );
    fn Java_org_rocksdb_Transaction_undoGetForUpdate__J_3BIJ(
        handle: [Transaction], key: object, key_length: jint,
        column_family_handle: [ColumnFamilyHandle or 0]
    );

    // TransactionDB
    fn Java_org_rocksdb_TransactionDB_beginTransaction_1withOld__JJJ(
        handle: [RocksDb], write_options_handle: [WriteOptions or 0],
        old_transaction_handle: [Transaction or 0]
    ) -> [new Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_TransactionDB_beginTransaction_1withOld__JJJJ(
        handle: [RocksDb], write_options_handle: [WriteOptions or 0],
        transaction_options_handle: [TransactionOptions or 0],
        old_transaction_handle: [Transaction or 0]
    ) -> [new Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_TransactionDB_beginTransaction__JJ(
        handle: [RocksDb], write_options_handle: [WriteOptions or 0]
    ) -> [new Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_TransactionDB_beginTransaction__JJJ(
        handle: [RocksDb], write_options_handle: [WriteOptions or 0],
        transaction_options_handle: [TransactionOptions or 0]
    ) -> [new Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_TransactionDB_getAllPreparedTransactions(
        handle: [RocksDb]
    ) -> [all Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_TransactionDB_getDeadlockInfoBuffer(handle: [RocksDb]) -> object;
    fn Java_org_rocksdb_TransactionDB_getLockStatusData(handle: [RocksDb]) -> object;
    fn Java_org_rocksdb_TransactionDB_getTransactionByName(
        handle: [RocksDb], name: object
    ) -> [new Transaction in handle by venice_transaction_destroy];
    fn Java_org_rocksdb_TransactionDB_open__JJLjava_lang_String_2(
        options_handle: [Options], transaction_db_options_handle: [TransactionDbOptions],
        path: object
    ) -> [open on Plain] throws;
    fn Java_org_rocksdb_TransactionDB_open__JJLjava_lang_String_2_3_3B_3J(
        db_options_handle: [DbOptions], transaction_db_options_handle: [TransactionDbOptions],
        path: object, column_family_names: object,
        column_family_options: [ColumnFamilyOptions; many]
    ) -> [open families on Plain] throws;
    fn Java_org_rocksdb_TransactionDB_setDeadlockInfoBufferSize(
        handle: [RocksDb], target_size: jint
    );

    // TransactionDBOptions
    fn Java_org_rocksdb_TransactionDBOptions_getDefaultLockTimeout(
        handle: [TransactionDbOptions]
    ) -> jlong;
    fn Java_org_rocksdb_TransactionDBOptions_getMaxNumLocks(
        handle: [TransactionDbOptions]
    ) -> jlong;
    fn Java_org_rocksdb_TransactionDBOptions_getNumStripes(handle: [TransactionDbOptions]) -> jlong;
    fn Java_org_rocksdb_TransactionDBOptions_getTransactionLockTimeout(
        handle: [TransactionDbOptions]
    ) -> jlong;
    fn Java_org_rocksdb_TransactionDBOptions_getWritePolicy(
        handle: [TransactionDbOptions]
    ) -> jbyte;
    fn Java_org_rocksdb_TransactionDBOptions_setDefaultLockTimeout(
        handle: [TransactionDbOptions], transaction_lock_timeout: jlong
    );
    fn Java_org_rocksdb_TransactionDBOptions_setMaxNumLocks(
        handle: [TransactionDbOptions], max_num_locks: jlong
    );
    fn Java_org_rocksdb_TransactionDBOptions_setNumStripes(
        handle: [TransactionDbOptions], num_stripes: jlong
    );
    fn Java_org_rocksdb_TransactionDBOptions_setTransactionLockTimeout(
        handle: [TransactionDbOptions], transaction_lock_timeout: jlong
    );
    fn Java_org_rocksdb_TransactionDBOptions_setWritePolicy(
        handle: [TransactionDbOptions], write_policy: jbyte
    );

    // TransactionLogIterator
    fn Java_org_rocksdb_TransactionLogIterator_getBatch(handle: [TransactionLogIterator]) -> object;
    fn Java_org_rocksdb_TransactionLogIterator_isValid(
        handle: [TransactionLogIterator]
    ) -> jboolean;
    fn Java_org_rocksdb_TransactionLogIterator_next(handle: [TransactionLogIterator]);
    fn Java_org_rocksdb_TransactionLogIterator_status(handle: [TransactionLogIterator]) throws;

    // TransactionOptions
    fn Java_org_rocksdb_TransactionOptions_getDeadlockDetectDepth(
        handle: [TransactionOptions]
    ) -> jlong;
    fn Java_org_rocksdb_TransactionOptions_getExpiration(handle: [TransactionOptions]) -> jlong;
    fn Java_org_rocksdb_TransactionOptions_getLockTimeout(handle: [TransactionOptions]) -> jlong;
    fn Java_org_rocksdb_TransactionOptions_getMaxWriteBatchSize(
        handle: [TransactionOptions]
    ) -> jlong;
    fn Java_org_rocksdb_TransactionOptions_isDeadlockDetect(
        handle: [TransactionOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_TransactionOptions_isSetSnapshot(handle: [TransactionOptions]) -> jboolean;
    fn Java_org_rocksdb_TransactionOptions_setDeadlockDetect(
        handle: [TransactionOptions], deadlock_detect: jboolean
    );
    fn Java_org_rocksdb_TransactionOptions_setDeadlockDetectDepth(
        handle: [TransactionOptions], deadlock_detect_depth: jlong
    );
    fn Java_org_rocksdb_TransactionOptions_setExpiration(
        handle: [TransactionOptions], expiration: jlong
    );
    fn Java_org_rocksdb_TransactionOptions_setLockTimeout(
        handle: [TransactionOptions], lock_timeout: jlong
    );
    fn Java_org_rocksdb_TransactionOptions_setMaxWriteBatchSize(
        handle: [TransactionOptions], max_write_batch_size: jlong
    );
    fn Java_org_rocksdb_TransactionOptions_setSetSnapshot(
        handle: [TransactionOptions], set_snapshot: jboolean
    );

    // TtlDB
    fn Java_org_rocksdb_TtlDB_createColumnFamilyWithTtl(
        handle: [RocksDb], column_family_name: object,
        column_family_options: [ColumnFamilyOptions or 0], ttl: jint
    ) -> [new ColumnFamilyHandle in handle by venice_column_family_destroy] throws;
    fn Java_org_rocksdb_TtlDB_open(
        options_handle: [Options], db_path: object, ttl: jint, read_only: jboolean
    ) -> [open on Plain] throws;
    fn Java_org_rocksdb_TtlDB_openCF(
        options_handle: [DbOptions], db_path: object, column_family_names: object,
        column_family_options: [ColumnFamilyOptions; many], ttl_values: object, read_only: jboolean
    ) -> [open families on Plain] throws;
}
