//! Natives of `org.rocksdb.PlainTableConfig`.

use std::os::raw::c_int;

use jni::objects::JClass;
use jni::sys::{jboolean, jbyte, jdouble, jint, jlong};
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::objects::native_object::TableFactory;

extern "C" {
    // cpp/table_factory.cc
    fn venice_table_factory_new_plain(
        user_key_len: u32,
        bloom_bits_per_key: c_int,
        hash_table_ratio: f64,
        index_sparseness: usize,
        huge_page_tlb_size: usize,
        encoding_type: i8,
        full_scan_mode: u8,
        store_index_in_file: u8,
        factory: *mut *mut TableFactory,
        status: *mut RawStatus,
    );
}

/// `static native long newTableFactoryHandle(int keySize, int bloomBitsPerKey, double
/// hashTableRatio, int indexSparseness, int hugePageTlbSize, byte encodingType, boolean
/// fullScanMode, boolean storeIndexInFile)`: returns a `rocksdb::TableFactory*` for
/// `setTableFactory`, with the fields of `PlainTableOptions`.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments)] // Java says how many
pub extern "system" fn Java_org_rocksdb_PlainTableConfig_newTableFactoryHandle<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    key_size: jint,
    bloom_bits_per_key: jint,
    hash_table_ratio: jdouble,
    index_sparseness: jint,
    huge_page_tlb_size: jint,
    encoding_type: jbyte,
    full_scan_mode: jboolean,
    store_index_in_file: jboolean,
) -> jlong {
    entry_unchecked(env, |_| {
        let mut factory = std::ptr::null_mut();
        // SAFETY: fills `factory` when it succeeds.
        Status::from_call(|status| unsafe {
            venice_table_factory_new_plain(
                key_size as u32,
                bloom_bits_per_key,
                hash_table_ratio,
                index_sparseness as usize, // negative numbers become huge, as in C++
                huge_page_tlb_size as usize,
                encoding_type,
                full_scan_mode.into(),
                store_index_in_file.into(),
                &mut factory,
                status,
            );
        })?;
        Ok(factory as jlong)
    })
}
