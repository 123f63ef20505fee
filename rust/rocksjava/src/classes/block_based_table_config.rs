//! Natives of `org.rocksdb.BlockBasedTableConfig`.

use jni::objects::JClass;
use jni::sys::{jboolean, jbyte, jdouble, jint, jlong};
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::objects::native_object::{
    live, SharedCache, SharedFilterPolicy, SharedPersistentCache, TableFactory,
};

/// `venice_block_based_table` of `cpp/table_factory.cc`: fields of `BlockBasedTableOptions`.
#[repr(C)]
struct BlockBasedTable {
    block_cache: *const SharedCache,
    persistent_cache: *const SharedPersistentCache,
    filter_policy: *const SharedFilterPolicy,
    block_cache_size: u64,
    block_size: u64,
    metadata_block_size: u64,
    data_block_hash_table_util_ratio: f64,
    block_cache_shard_bits: i32,
    block_size_deviation: i32,
    block_restart_interval: i32,
    index_block_restart_interval: i32,
    read_amp_bytes_per_bit: u32,
    format_version: u32,
    index_type: u8,
    data_block_index_type: u8,
    checksum: u8,
    index_shortening: u8,
    cache_index_and_filter_blocks: u8,
    cache_index_and_filter_blocks_with_high_priority: u8,
    pin_l0_filter_and_index_blocks_in_cache: u8,
    pin_top_level_index_and_filter: u8,
    no_block_cache: u8,
    partition_filters: u8,
    optimize_filters_for_memory: u8,
    use_delta_encoding: u8,
    whole_key_filtering: u8,
    verify_compression: u8,
    enable_index_compression: u8,
    block_align: u8,
}

extern "C" {
    // cpp/table_factory.cc
    fn venice_table_factory_new_block_based(
        table: *const BlockBasedTable,
        factory: *mut *mut TableFactory,
        status: *mut RawStatus,
    );
}

/// `static native long newTableFactoryHandle(…)`: returns a `rocksdb::TableFactory*` for
/// `setTableFactory`, with the fields of `BlockBasedTableOptions` that the arguments are named for.
///
/// Handles are 0 for none. Without a block cache's handle, and unless `no_block_cache`, there is one
/// of `block_cache_size` bytes, or none if that is negative.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments)] // Java says how many
pub extern "system" fn Java_org_rocksdb_BlockBasedTableConfig_newTableFactoryHandle<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    cache_index_and_filter_blocks: jboolean,
    cache_index_and_filter_blocks_with_high_priority: jboolean,
    pin_l0_filter_and_index_blocks_in_cache: jboolean,
    pin_top_level_index_and_filter: jboolean,
    index_type: jbyte,
    data_block_index_type: jbyte,
    data_block_hash_table_util_ratio: jdouble,
    checksum_type: jbyte,
    no_block_cache: jboolean,
    block_cache: jlong,
    persistent_cache: jlong,
    block_size: jlong,
    block_size_deviation: jint,
    block_restart_interval: jint,
    index_block_restart_interval: jint,
    metadata_block_size: jlong,
    partition_filters: jboolean,
    optimize_filters_for_memory: jboolean,
    use_delta_encoding: jboolean,
    filter_policy: jlong,
    whole_key_filtering: jboolean,
    verify_compression: jboolean,
    read_amp_bytes_per_bit: jint,
    format_version: jint,
    enable_index_compression: jboolean,
    block_align: jboolean,
    index_shortening: jbyte,
    block_cache_size: jlong,
    block_cache_num_shard_bits: jint,
) -> jlong {
    entry_unchecked(env, |_| {
        let cache = match block_cache {
            1.. if !no_block_cache => Some(live::<SharedCache>(block_cache)?),
            _ => None,
        };
        let table = BlockBasedTable {
            block_cache: cache
                .as_ref()
                .map_or(std::ptr::null(), |cache| cache.pointer()),
            persistent_cache: or_none(persistent_cache),
            filter_policy: or_none(filter_policy),
            block_cache_size: block_cache_size as u64,
            block_size: block_size as u64,
            metadata_block_size: metadata_block_size as u64,
            data_block_hash_table_util_ratio,
            block_cache_shard_bits: block_cache_num_shard_bits,
            block_size_deviation,
            block_restart_interval,
            index_block_restart_interval,
            read_amp_bytes_per_bit: read_amp_bytes_per_bit as u32,
            format_version: format_version as u32,
            index_type: self::index_type(index_type),
            data_block_index_type: self::data_block_index_type(data_block_index_type),
            checksum: self::checksum_type(checksum_type),
            index_shortening: index_shortening_mode(index_shortening),
            cache_index_and_filter_blocks: cache_index_and_filter_blocks.into(),
            cache_index_and_filter_blocks_with_high_priority:
                cache_index_and_filter_blocks_with_high_priority.into(),
            pin_l0_filter_and_index_blocks_in_cache: pin_l0_filter_and_index_blocks_in_cache.into(),
            pin_top_level_index_and_filter: pin_top_level_index_and_filter.into(),
            no_block_cache: (no_block_cache || cache.is_none() && block_cache_size < 0).into(),
            partition_filters: partition_filters.into(),
            optimize_filters_for_memory: optimize_filters_for_memory.into(),
            use_delta_encoding: use_delta_encoding.into(),
            whole_key_filtering: whole_key_filtering.into(),
            verify_compression: verify_compression.into(),
            enable_index_compression: enable_index_compression.into(),
            block_align: block_align.into(),
        };
        let mut factory = std::ptr::null_mut();
        // SAFETY: rule 1, for the handles; fills `factory` when it succeeds.
        Status::from_call(|status| unsafe {
            venice_table_factory_new_block_based(&table, &mut factory, status);
        })?;
        Ok(factory as jlong)
    })
}

/// An optional handle: upstream takes what is not positive for none.
fn or_none<T>(handle: jlong) -> *const T {
    handle.max(0) as usize as *const T
}

/// The enum conversions of `portal.h`: numbers up to `last` are RocksDB's own, and anything unknown
/// stands for `default`.
fn or_default(byte: jbyte, last: u8, default: u8) -> u8 {
    u8::try_from(byte)
        .ok()
        .filter(|&number| number <= last)
        .unwrap_or(default)
}

fn index_type(byte: jbyte) -> u8 {
    or_default(byte, 3, 0)
}

fn data_block_index_type(byte: jbyte) -> u8 {
    or_default(byte, 1, 0)
}

fn checksum_type(byte: jbyte) -> u8 {
    or_default(byte, 4, 4)
}

fn index_shortening_mode(byte: jbyte) -> u8 {
    or_default(byte, 2, 1)
}

#[cfg(all(test, feature = "bundled"))]
mod tests {
    use super::*;
    use crate::upstream_source::Conversion;

    #[test]
    fn enums_are_those_of_upstream() {
        let compare = |name, enumeration, count, ours: fn(jbyte) -> u8| {
            let upstream = Conversion::read(name, "include/rocksdb/table.h", enumeration);
            assert_eq!(upstream.len(), count, "{name}");
            upstream.assert_same(|byte| ours(byte).into());
        };
        compare("toCppIndexType", "IndexType", 4, index_type);
        compare(
            "toCppDataBlockIndexType",
            "DataBlockIndexType",
            2,
            data_block_index_type,
        );
        compare("toCppChecksumType", "ChecksumType", 5, checksum_type);
        compare(
            "toCppIndexShorteningMode",
            "IndexShorteningMode",
            3,
            index_shortening_mode,
        );
    }
}
