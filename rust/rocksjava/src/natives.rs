//! The one list of natives that are ours.
//!
//! The build reads the names here (`toolchains/rocksdb/upstream_names.bzl`) and renames upstream's
//! definition of each when its C++ is compiled, so that the linker finds one of each. A native that is
//! missing here is defined twice; one that is too many is defined nowhere, and does not compile below.

use jni::objects::{
    JByteArray, JByteBuffer, JClass, JIntArray, JLongArray, JObject, JObjectArray, JString,
};
use jni::sys::{
    jboolean, jbyte, jbyteArray, jdouble, jint, jlong, jlongArray, jobject, jobjectArray,
};
use jni::EnvUnowned as Env;

use crate::classes::block_based_table_config::*;
use crate::classes::cache::*;
use crate::classes::checkpoint::*;
use crate::classes::clock_cache::*;
use crate::classes::column_family_handle::*;
use crate::classes::column_family_options::*;
use crate::classes::db_options::*;
use crate::classes::env::*;
use crate::classes::env_options::*;
use crate::classes::flush_options::*;
use crate::classes::ingest_external_file_options::*;
use crate::classes::lru_cache::*;
use crate::classes::memory_util::*;
use crate::classes::options::*;
use crate::classes::plain_table_config::*;
use crate::classes::rate_limiter::*;
use crate::classes::read_options::*;
use crate::classes::rocks_db::column_families::*;
use crate::classes::rocks_db::maintenance::*;
use crate::classes::rocks_db::multi_get::*;
use crate::classes::rocks_db::point::*;
use crate::classes::rocks_db::*;
use crate::classes::rocks_env::*;
use crate::classes::rocks_iterator::*;
use crate::classes::slice::*;
use crate::classes::sst_file_manager::*;
use crate::classes::sst_file_reader::*;
use crate::classes::sst_file_reader_iterator::*;
use crate::classes::sst_file_writer::*;
use crate::classes::statistics::*;
use crate::classes::write_batch::*;
use crate::classes::write_batch_with_index::*;
use crate::classes::write_buffer_manager::*;
use crate::classes::write_options::*;

macro_rules! natives {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?,)+) => {
        /// The exact symbol names.
        pub const NATIVES: &[&str] = &[$(stringify!($name)),+];

        // The arguments that the JVM passes, by the Java declarations.
        $(const _: for<'l> extern "system" fn($($argument),*) $(-> $result)? = $name;)+

        #[cfg(test)]
        mod linked {
            // By their names, as the linker knows them.
            extern "C" {
                $(fn $name();)+
            }

            pub(super) fn addresses() -> Vec<usize> {
                vec![$($name as *const () as usize),+]
            }
        }

        #[cfg(test)]
        fn defined() -> Vec<usize> {
            vec![$($name as *const () as usize),+]
        }
    };
}

type Arrays<'l> = JObjectArray<'l, JByteArray<'l>>;
type Buffers<'l> = JObjectArray<'l, JByteBuffer<'l>>;
type Objects<'l> = JObjectArray<'l, JObject<'l>>;
type Strings<'l> = JObjectArray<'l, JString<'l>>;

natives! {
    Java_org_rocksdb_BlockBasedTableConfig_newTableFactoryHandle:
        fn(Env<'l>, JClass<'l>, jboolean, jboolean, jboolean, jboolean, jbyte, jbyte, jdouble, jbyte, jboolean, jlong, jlong, jlong, jint, jint, jint, jlong, jboolean, jboolean, jboolean, jlong, jboolean, jboolean, jint, jint, jboolean, jboolean, jbyte, jlong, jint) -> jlong,
    Java_org_rocksdb_Cache_getPinnedUsage:
        fn(Env<'l>, JClass<'l>, jlong) -> jlong,
    Java_org_rocksdb_Cache_getUsage:
        fn(Env<'l>, JClass<'l>, jlong) -> jlong,
    Java_org_rocksdb_Checkpoint_createCheckpoint:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>),
    Java_org_rocksdb_Checkpoint_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_Checkpoint_newCheckpoint:
        fn(Env<'l>, JClass<'l>, jlong) -> jlong,
    Java_org_rocksdb_ClockCache_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_ClockCache_newClockCache:
        fn(Env<'l>, JClass<'l>, jlong, jint, jboolean) -> jlong,
    Java_org_rocksdb_ColumnFamilyHandle_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_ColumnFamilyHandle_getID:
        fn(Env<'l>, JClass<'l>, jlong) -> jint,
    Java_org_rocksdb_ColumnFamilyHandle_getName:
        fn(Env<'l>, JClass<'l>, jlong) -> jbyteArray,
    Java_org_rocksdb_ColumnFamilyOptions_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_ColumnFamilyOptions_newColumnFamilyOptionsFromOptions:
        fn(Env<'l>, JClass<'l>, jlong) -> jlong,
    Java_org_rocksdb_DBOptions_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_DBOptions_newDBOptionsFromOptions:
        fn(Env<'l>, JClass<'l>, jlong) -> jlong,
    Java_org_rocksdb_EnvOptions_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_EnvOptions_newEnvOptions__:
        fn(Env<'l>, JClass<'l>) -> jlong,
    Java_org_rocksdb_EnvOptions_setUseDirectWrites:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_Env_getDefaultEnvInternal:
        fn(Env<'l>, JClass<'l>) -> jlong,
    Java_org_rocksdb_Env_setBackgroundThreads:
        fn(Env<'l>, JClass<'l>, jlong, jint, jbyte),
    Java_org_rocksdb_FlushOptions_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_FlushOptions_newFlushOptions:
        fn(Env<'l>, JClass<'l>) -> jlong,
    Java_org_rocksdb_FlushOptions_setWaitForFlush:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_IngestExternalFileOptions_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_IngestExternalFileOptions_newIngestExternalFileOptions__:
        fn(Env<'l>, JClass<'l>) -> jlong,
    Java_org_rocksdb_IngestExternalFileOptions_setMoveFiles:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_LRUCache_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_LRUCache_newLRUCache:
        fn(Env<'l>, JClass<'l>, jlong, jint, jboolean, jdouble, jdouble) -> jlong,
    Java_org_rocksdb_MemoryUtil_getApproximateMemoryUsageByType:
        fn(Env<'l>, JClass<'l>, JLongArray<'l>, JLongArray<'l>) -> jobject,
    Java_org_rocksdb_Options_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_Options_newOptions__:
        fn(Env<'l>, JClass<'l>) -> jlong,
    Java_org_rocksdb_Options_setAllowMmapReads:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_Options_setAtomicFlush:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_Options_setBlobFileSize:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setBlobFileStartingLevel:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setBlobGarbageCollectionAgeCutoff:
        fn(Env<'l>, JClass<'l>, jlong, jdouble),
    Java_org_rocksdb_Options_setBlobGarbageCollectionForceThreshold:
        fn(Env<'l>, JClass<'l>, jlong, jdouble),
    Java_org_rocksdb_Options_setBytesPerSync:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setCompactionStyle:
        fn(Env<'l>, JClass<'l>, jlong, jbyte),
    Java_org_rocksdb_Options_setCompressionType:
        fn(Env<'l>, JClass<'l>, jlong, jbyte),
    Java_org_rocksdb_Options_setCreateIfMissing:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_Options_setCreateMissingColumnFamilies:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_Options_setEnableBlobFiles:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_Options_setEnableBlobGarbageCollection:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_Options_setEnv:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setKeepLogFileNum:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setLevel0FileNumCompactionTrigger:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setLevel0SlowdownWritesTrigger:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setLevel0StopWritesTrigger:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setMaxBytesForLevelBase:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setMaxFileOpeningThreads:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setMaxLogFileSize:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setMaxOpenFiles:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setMaxTotalWalSize:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setMaxWriteBufferNumber:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setMemtableHugePageSize:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setMinBlobSize:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setMinWriteBufferNumberToMerge:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setRateLimiter:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setSstFileManager:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setStatistics:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setStatsDumpPeriodSec:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setStatsPersistPeriodSec:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_Options_setTableFactory:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setTargetFileSizeBase:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setUseDirectReads:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_Options_setWriteBufferManager:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_setWriteBufferSize:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_Options_useCappedPrefixExtractor:
        fn(Env<'l>, JClass<'l>, jlong, jint),
    Java_org_rocksdb_PlainTableConfig_newTableFactoryHandle:
        fn(Env<'l>, JClass<'l>, jint, jint, jdouble, jint, jint, jbyte, jboolean, jboolean) -> jlong,
    Java_org_rocksdb_RateLimiter_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RateLimiter_newRateLimiterHandle:
        fn(Env<'l>, JClass<'l>, jlong, jlong, jint, jbyte, jboolean) -> jlong,
    Java_org_rocksdb_ReadOptions_copyReadOptions:
        fn(Env<'l>, JClass<'l>, jlong) -> jlong,
    Java_org_rocksdb_ReadOptions_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_ReadOptions_newReadOptions__:
        fn(Env<'l>, JClass<'l>) -> jlong,
    Java_org_rocksdb_ReadOptions_newReadOptions__ZZ:
        fn(Env<'l>, JClass<'l>, jboolean, jboolean) -> jlong,
    Java_org_rocksdb_ReadOptions_setBackgroundPurgeOnIteratorCleanup:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_ReadOptions_setFillCache:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_ReadOptions_setIterateUpperBound:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_ReadOptions_setPinData:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_ReadOptions_setReadaheadSize:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_ReadOptions_setVerifyChecksums:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
    Java_org_rocksdb_RocksDB_closeDatabase:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksDB_compactRange:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, jint, JByteArray<'l>, jint, jlong, jlong),
    Java_org_rocksdb_RocksDB_createColumnFamilies__JJ_3_3B:
        fn(Env<'l>, JClass<'l>, jlong, jlong, Arrays<'l>) -> jlongArray,
    Java_org_rocksdb_RocksDB_createColumnFamilies__J_3J_3_3B:
        fn(Env<'l>, JClass<'l>, jlong, JLongArray<'l>, Arrays<'l>) -> jlongArray,
    Java_org_rocksdb_RocksDB_createColumnFamily:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, jint, jlong) -> jlong,
    Java_org_rocksdb_RocksDB_delete__J_3BII:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, jint, jint),
    Java_org_rocksdb_RocksDB_deprecated_1deleteFile:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>),
    Java_org_rocksdb_RocksDB_destroyDB:
        fn(Env<'l>, JClass<'l>, JString<'l>, jlong),
    Java_org_rocksdb_RocksDB_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksDB_flush:
        fn(Env<'l>, JClass<'l>, jlong, jlong, JLongArray<'l>),
    Java_org_rocksdb_RocksDB_getColumnFamilyMetaData:
        fn(Env<'l>, JClass<'l>, jlong, jlong) -> jobject,
    Java_org_rocksdb_RocksDB_getDefaultColumnFamily:
        fn(Env<'l>, JClass<'l>, jlong) -> jlong,
    Java_org_rocksdb_RocksDB_getDirect:
        fn(Env<'l>, JClass<'l>, jlong, jlong, JByteBuffer<'l>, jint, jint, JByteBuffer<'l>, jint, jint, jlong) -> jint,
    Java_org_rocksdb_RocksDB_getLiveFilesMetaData:
        fn(Env<'l>, JClass<'l>, jlong) -> jobjectArray,
    Java_org_rocksdb_RocksDB_getLongProperty:
        fn(Env<'l>, JClass<'l>, jlong, jlong, JString<'l>, jint) -> jlong,
    Java_org_rocksdb_RocksDB_get__JJ_3BIIJ:
        fn(Env<'l>, JClass<'l>, jlong, jlong, JByteArray<'l>, jint, jint, jlong) -> jbyteArray,
    Java_org_rocksdb_RocksDB_get__J_3BII:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, jint, jint) -> jbyteArray,
    Java_org_rocksdb_RocksDB_get__J_3BII_3BII:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, jint, jint, JByteArray<'l>, jint, jint) -> jint,
    Java_org_rocksdb_RocksDB_ingestExternalFile:
        fn(Env<'l>, JClass<'l>, jlong, jlong, Strings<'l>, jint, jlong),
    Java_org_rocksdb_RocksDB_iterator:
        fn(Env<'l>, JClass<'l>, jlong, jlong, jlong) -> jlong,
    Java_org_rocksdb_RocksDB_iterators:
        fn(Env<'l>, JClass<'l>, jlong, JLongArray<'l>, jlong) -> jlongArray,
    Java_org_rocksdb_RocksDB_keyExists:
        fn(Env<'l>, JClass<'l>, jlong, jlong, jlong, JByteArray<'l>, jint, jint) -> jboolean,
    Java_org_rocksdb_RocksDB_listColumnFamilies:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>) -> jobjectArray,
    Java_org_rocksdb_RocksDB_multiGet__JJ_3J_3Ljava_nio_ByteBuffer_2_3I_3I_3Ljava_nio_ByteBuffer_2_3I_3Lorg_rocksdb_Status_2:
        fn(Env<'l>, JClass<'l>, jlong, jlong, JLongArray<'l>, Buffers<'l>, JIntArray<'l>, JIntArray<'l>, Buffers<'l>, JIntArray<'l>, Objects<'l>),
    Java_org_rocksdb_RocksDB_multiGet__J_3_3B_3I_3I:
        fn(Env<'l>, JClass<'l>, jlong, Arrays<'l>, JIntArray<'l>, JIntArray<'l>) -> jobjectArray,
    Java_org_rocksdb_RocksDB_openROnly__JLjava_lang_String_2Z:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>, jboolean) -> jlong,
    Java_org_rocksdb_RocksDB_openROnly__JLjava_lang_String_2_3_3B_3JZ:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>, Arrays<'l>, JLongArray<'l>, jboolean) -> jlongArray,
    Java_org_rocksdb_RocksDB_open__JLjava_lang_String_2:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>) -> jlong,
    Java_org_rocksdb_RocksDB_open__JLjava_lang_String_2_3_3B_3J:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>, Arrays<'l>, JLongArray<'l>) -> jlongArray,
    Java_org_rocksdb_RocksDB_put__JJ_3BII_3BII:
        fn(Env<'l>, JClass<'l>, jlong, jlong, JByteArray<'l>, jint, jint, JByteArray<'l>, jint, jint),
    Java_org_rocksdb_RocksDB_put__JJ_3BII_3BIIJ:
        fn(Env<'l>, JClass<'l>, jlong, jlong, JByteArray<'l>, jint, jint, JByteArray<'l>, jint, jint, jlong),
    Java_org_rocksdb_RocksDB_version:
        fn(Env<'l>, JClass<'l>) -> jint,
    Java_org_rocksdb_RocksDB_write0:
        fn(Env<'l>, JClass<'l>, jlong, jlong, jlong),
    Java_org_rocksdb_RocksEnv_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksIterator_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksIterator_isValid0Jni:
        fn(Env<'l>, JClass<'l>, jlong) -> jboolean,
    Java_org_rocksdb_RocksIterator_key0:
        fn(Env<'l>, JClass<'l>, jlong) -> jbyteArray,
    Java_org_rocksdb_RocksIterator_next0Jni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksIterator_prev0Jni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksIterator_seek0Jni:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, jint),
    Java_org_rocksdb_RocksIterator_seekToFirst0Jni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksIterator_seekToLast0Jni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksIterator_value0:
        fn(Env<'l>, JClass<'l>, jlong) -> jbyteArray,
    Java_org_rocksdb_Slice_createNewSlice1:
        fn(Env<'l>, JClass<'l>, JByteArray<'l>) -> jlong,
    Java_org_rocksdb_SstFileManager_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_SstFileManager_newSstFileManager:
        fn(Env<'l>, JClass<'l>, jlong, jlong, jlong, jdouble, jlong) -> jlong,
    Java_org_rocksdb_SstFileManager_setDeleteRateBytesPerSecond:
        fn(Env<'l>, JClass<'l>, jlong, jlong),
    Java_org_rocksdb_SstFileManager_setMaxTrashDBRatio:
        fn(Env<'l>, JClass<'l>, jlong, jdouble),
    Java_org_rocksdb_SstFileReaderIterator_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_SstFileReaderIterator_isValid0Jni:
        fn(Env<'l>, JClass<'l>, jlong) -> jboolean,
    Java_org_rocksdb_SstFileReaderIterator_key0:
        fn(Env<'l>, JClass<'l>, jlong) -> jbyteArray,
    Java_org_rocksdb_SstFileReaderIterator_next0Jni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_SstFileReaderIterator_prev0Jni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_SstFileReaderIterator_seek0Jni:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, jint),
    Java_org_rocksdb_SstFileReaderIterator_seekToFirst0Jni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_SstFileReaderIterator_seekToLast0Jni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_SstFileReaderIterator_value0:
        fn(Env<'l>, JClass<'l>, jlong) -> jbyteArray,
    Java_org_rocksdb_SstFileReader_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_SstFileReader_getTableProperties:
        fn(Env<'l>, JClass<'l>, jlong) -> jobject,
    Java_org_rocksdb_SstFileReader_newIterator:
        fn(Env<'l>, JClass<'l>, jlong, jlong) -> jlong,
    Java_org_rocksdb_SstFileReader_newSstFileReader:
        fn(Env<'l>, JClass<'l>, jlong) -> jlong,
    Java_org_rocksdb_SstFileReader_open:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>),
    Java_org_rocksdb_SstFileWriter_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_SstFileWriter_finish:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_SstFileWriter_newSstFileWriter__JJ:
        fn(Env<'l>, JClass<'l>, jlong, jlong) -> jlong,
    Java_org_rocksdb_SstFileWriter_open:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>),
    Java_org_rocksdb_SstFileWriter_putDirect:
        fn(Env<'l>, JClass<'l>, jlong, JByteBuffer<'l>, jint, jint, JByteBuffer<'l>, jint, jint),
    Java_org_rocksdb_SstFileWriter_put__J_3B_3B:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, JByteArray<'l>),
    Java_org_rocksdb_Statistics_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_Statistics_getTickerCount:
        fn(Env<'l>, JClass<'l>, jlong, jbyte) -> jlong,
    Java_org_rocksdb_Statistics_newStatistics___3B:
        fn(Env<'l>, JClass<'l>, JByteArray<'l>) -> jlong,
    Java_org_rocksdb_WriteBatchWithIndex_iteratorWithBase:
        fn(Env<'l>, JClass<'l>, jlong, jlong, jlong, jlong) -> jlong,
    Java_org_rocksdb_WriteBatch_deleteJni__J_3BIJ:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, jint, jlong),
    Java_org_rocksdb_WriteBatch_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_WriteBatch_newWriteBatch__I:
        fn(Env<'l>, JClass<'l>, jint) -> jlong,
    Java_org_rocksdb_WriteBatch_newWriteBatch___3BI:
        fn(Env<'l>, JClass<'l>, JByteArray<'l>, jint) -> jlong,
    Java_org_rocksdb_WriteBatch_putJni__J_3BI_3BIJ:
        fn(Env<'l>, JClass<'l>, jlong, JByteArray<'l>, jint, JByteArray<'l>, jint, jlong),
    Java_org_rocksdb_WriteBufferManager_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_WriteBufferManager_newWriteBufferManager:
        fn(Env<'l>, JClass<'l>, jlong, jlong, jboolean) -> jlong,
    Java_org_rocksdb_WriteOptions_copyWriteOptions:
        fn(Env<'l>, JClass<'l>, jlong) -> jlong,
    Java_org_rocksdb_WriteOptions_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_WriteOptions_newWriteOptions:
        fn(Env<'l>, JClass<'l>) -> jlong,
    Java_org_rocksdb_WriteOptions_setDisableWAL:
        fn(Env<'l>, JClass<'l>, jlong, jboolean),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_native_is_linked_under_its_name() {
        assert_eq!(linked::addresses(), defined());
    }

    #[test]
    fn the_list_is_sorted_and_has_no_repeats() {
        assert!(
            NATIVES.windows(2).all(|pair| pair[0] < pair[1]),
            "{NATIVES:?}"
        );
    }
}
