//! Natives of iterators, and of readers and writers of sorted files.

use crate::leased::macros::leased;

leased! {
    // RocksIterator
    fn Java_org_rocksdb_RocksIterator_keyByteArray0(
        handle: [RocksIterator at "key"], array: object, array_offset: jint, array_len: jint
    ) -> jint;
    fn Java_org_rocksdb_RocksIterator_keyDirect0(
        handle: [RocksIterator at "key"], buffer: object, buffer_offset: jint, buffer_len: jint
    ) -> jint;
    fn Java_org_rocksdb_RocksIterator_refresh0Jni(handle: [RocksIterator]) throws;
    fn Java_org_rocksdb_RocksIterator_refresh1(
        handle: [RocksIterator], snapshot_handle: [Snapshot under RocksDb]
    ) throws;
    fn Java_org_rocksdb_RocksIterator_seekByteArray0Jni(
        handle: [RocksIterator], target: object, target_offset: jint, target_len: jint
    );
    fn Java_org_rocksdb_RocksIterator_seekDirect0Jni(
        handle: [RocksIterator], target: object, target_offset: jint, target_len: jint
    );
    fn Java_org_rocksdb_RocksIterator_seekForPrev0Jni(
        handle: [RocksIterator], target: object, target_len: jint
    );
    fn Java_org_rocksdb_RocksIterator_seekForPrevByteArray0Jni(
        handle: [RocksIterator], target: object, target_offset: jint, target_len: jint
    );
    fn Java_org_rocksdb_RocksIterator_seekForPrevDirect0Jni(
        handle: [RocksIterator], target: object, target_offset: jint, target_len: jint
    );
    fn Java_org_rocksdb_RocksIterator_status0Jni(handle: [RocksIterator]) throws;
    fn Java_org_rocksdb_RocksIterator_valueByteArray0(
        handle: [RocksIterator at "value"], array: object, array_offset: jint, array_len: jint
    ) -> jint;
    fn Java_org_rocksdb_RocksIterator_valueDirect0(
        handle: [RocksIterator at "value"], buffer: object, buffer_offset: jint, buffer_len: jint
    ) -> jint;

    // SstFileReader
    fn Java_org_rocksdb_SstFileReader_verifyChecksum(handle: [SstFileReader]) throws;

    // SstFileReaderIterator
    fn Java_org_rocksdb_SstFileReaderIterator_keyByteArray0(
        handle: [SstFileReaderIterator at "key"], buffer: object, buffer_offset: jint,
        buffer_len: jint
    ) -> jint;
    fn Java_org_rocksdb_SstFileReaderIterator_keyDirect0(
        handle: [SstFileReaderIterator at "key"], buffer: object, buffer_offset: jint,
        buffer_len: jint
    ) -> jint;
    fn Java_org_rocksdb_SstFileReaderIterator_refresh0Jni(handle: [SstFileReaderIterator]) throws;
    fn Java_org_rocksdb_SstFileReaderIterator_refresh1(
        handle: [SstFileReaderIterator], snapshot_handle: [Snapshot under RocksDb]
    ) throws;
    fn Java_org_rocksdb_SstFileReaderIterator_seekByteArray0Jni(
        handle: [SstFileReaderIterator], target: object, target_offset: jint, target_len: jint
    );
    fn Java_org_rocksdb_SstFileReaderIterator_seekDirect0Jni(
        handle: [SstFileReaderIterator], target: object, target_offset: jint, target_len: jint
    );
    fn Java_org_rocksdb_SstFileReaderIterator_seekForPrev0Jni(
        handle: [SstFileReaderIterator], target: object, target_len: jint
    );
    fn Java_org_rocksdb_SstFileReaderIterator_seekForPrevByteArray0Jni(
        handle: [SstFileReaderIterator], target: object, target_offset: jint, target_len: jint
    );
    fn Java_org_rocksdb_SstFileReaderIterator_seekForPrevDirect0Jni(
        handle: [SstFileReaderIterator], target: object, target_offset: jint, target_len: jint
    );
    fn Java_org_rocksdb_SstFileReaderIterator_status0Jni(handle: [SstFileReaderIterator]) throws;
    fn Java_org_rocksdb_SstFileReaderIterator_valueByteArray0(
        handle: [SstFileReaderIterator at "value"], buffer: object, buffer_offset: jint,
        buffer_len: jint
    ) -> jint;
    fn Java_org_rocksdb_SstFileReaderIterator_valueDirect0(
        handle: [SstFileReaderIterator at "value"], buffer: object, buffer_offset: jint,
        buffer_len: jint
    ) -> jint;

    // SstFileWriter
    fn Java_org_rocksdb_SstFileWriter_delete__JJ(
        handle: [SstFileWriter], key_handle: [Slice or 0]
    ) throws;
    fn Java_org_rocksdb_SstFileWriter_delete__J_3B(handle: [SstFileWriter], key: object) throws;
    fn Java_org_rocksdb_SstFileWriter_fileSize(handle: [SstFileWriter]) -> jlong throws;
    fn Java_org_rocksdb_SstFileWriter_merge__JJJ(
        handle: [SstFileWriter], key_handle: [Slice or 0], value_handle: [Slice or 0]
    ) throws;
    fn Java_org_rocksdb_SstFileWriter_merge__J_3B_3B(
        handle: [SstFileWriter], key: object, value: object
    ) throws;
    fn Java_org_rocksdb_SstFileWriter_newSstFileWriter__JJJB(
        env_options_handle: [EnvOptions], options_handle: [Options], user_comparator_handle: jlong,
        comparator_type: jbyte
    ) -> jlong;
    fn Java_org_rocksdb_SstFileWriter_put__JJJ(
        handle: [SstFileWriter], key_handle: [Slice or 0], value_handle: [Slice or 0]
    ) throws;
}
