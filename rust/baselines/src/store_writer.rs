//! Writes a store of the benchmark without Java: the same keys and values, put and flushed.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use venice_engine::testing::{BlockCache, TableFormat, TestStoreVersion};
use venice_engine::{Registry, StoreVersionState};
use venice_load::store::Store;

use crate::stores::PARTITIONS;

/// Writes `values<value_bytes>_v1` below `folder/rocksdb`, and beside it the list of partitions.
pub(crate) fn write(
    folder: &Path,
    format: TableFormat,
    keys: u64,
    value_bytes: usize,
) -> io::Result<()> {
    let name = format!("values{value_bytes}_v1");
    let root = folder.join("rocksdb");
    fs::create_dir_all(root.join(&name))?;
    // Any partition will do: readers say which.
    let partitions: Vec<u8> = (0..keys)
        .map(|key| (key % PARTITIONS as u64) as u8)
        .collect();
    fs::write(folder.join(format!("{name}.partitions")), partitions)?;
    let store = Store::open(folder, &name, value_bytes)?;
    let registry: Arc<Registry> = Registry::new();
    let written = TestStoreVersion::open_existing(
        &registry,
        &root,
        &name,
        format,
        BlockCache::default(),
        PARTITIONS,
    );
    written.put_state(&StoreVersionState::default());
    for number in 0..keys {
        let partition = store.partition(number).into();
        written.put(
            partition,
            &store.key(number, false),
            1,
            &store.value(number),
        );
    }
    (0..PARTITIONS).for_each(|partition| written.flush(partition));
    Ok(())
}
