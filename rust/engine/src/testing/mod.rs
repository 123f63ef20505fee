//! Real store versions on disk, for tests: laid out, opened, closed and destroyed as Venice's Java
//! server does it.
//!
//! Methods panic on any failure that the caller did not ask for: in a test that is the report.

mod database;
mod ffi;
mod options;
mod pages;
mod reads;
mod records;
mod tables;

use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tempfile::TempDir;

use crate::ffi::{ColumnFamilyHandle, Db, RawSlice};
use crate::read::record::SCHEMA_HEADER;
use crate::status::Status;
use crate::store::partition_path::METADATA_PARTITION;
use crate::store::registry::{Access, ColumnFamily, Registry};
use crate::store::state::{StoreVersionState, VERSION_METADATA};

pub use crate::read::ahead_hook::{all_answered_directly, answered_directly, fetched_ahead};
pub use crate::store::lookup_hook::after_state_lookup;
pub use database::TestDatabase;
use options::OwnedOptions;
pub use options::{BlockCache, TableFormat};
pub use records::{chunk_key, manifest, record, state_record, top_level_key};
pub use tables::{Change, Table};

/// Replication metadata; active-active stores have it, and RocksDB wants it opened if it is there.
const REPLICATION_METADATA: &[u8] = b"timestamp_metadata";

/// How [`TestStoreVersion::read_raw`] reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RocksCall {
    /// `DB::Get`, key by key.
    Get,
    /// `DB::MultiGet`, all at once.
    MultiGet,
}

/// A store version in a directory of its own, which goes away with it.
pub struct TestStoreVersion {
    registry: Arc<Registry>,
    name: String,
    root: Arc<Root>,
    options: Arc<OwnedOptions>,
    open: Mutex<BTreeMap<i32, OpenPartition>>,
}

/// The directory of store versions.
enum Root {
    Temporary(TempDir),
    Given(PathBuf),
}

impl Root {
    fn path(&self) -> &Path {
        match self {
            Root::Temporary(directory) => directory.path(),
            Root::Given(path) => path,
        }
    }
}

struct OpenPartition {
    db: *mut Db,
    column_families: Vec<*mut ColumnFamilyHandle>,
}

// SAFETY: the pointers are used under the lock of `open`, and RocksDB is thread-safe.
unsafe impl Send for OpenPartition {}

impl TestStoreVersion {
    /// Makes `name`, `<store>_v<N>`, with an open metadata partition and no state in it, in
    /// block-based tables.
    pub fn create(registry: &Arc<Registry>, name: &str) -> TestStoreVersion {
        TestStoreVersion::create_with_format(registry, name, TableFormat::BlockBased)
    }

    /// Makes `name` in tables of `format`.
    pub fn create_with_format(
        registry: &Arc<Registry>,
        name: &str,
        format: TableFormat,
    ) -> TestStoreVersion {
        TestStoreVersion::create_with_cache(registry, name, format, BlockCache::default())
    }

    /// Makes `name` in tables of `format`, with a block cache of its own.
    pub fn create_with_cache(
        registry: &Arc<Registry>,
        name: &str,
        format: TableFormat,
        cache: BlockCache,
    ) -> TestStoreVersion {
        TestStoreVersion::create_with_options(registry, name, OwnedOptions::new(format, cache))
    }

    /// Makes `name` in tables of any kind.
    pub fn create_with_table(
        registry: &Arc<Registry>,
        name: &str,
        table: &Table,
    ) -> TestStoreVersion {
        TestStoreVersion::create_with_options(registry, name, OwnedOptions::of_table(table))
    }

    fn create_with_options(
        registry: &Arc<Registry>,
        name: &str,
        options: OwnedOptions,
    ) -> TestStoreVersion {
        let root = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir(root.path().join(name)).expect("the store version's directory");
        let store_version = TestStoreVersion {
            registry: Arc::clone(registry),
            name: name.to_owned(),
            root: Arc::new(Root::Temporary(root)),
            options: Arc::new(options),
            open: Mutex::default(),
        };
        store_version.open(METADATA_PARTITION);
        store_version
    }

    /// Opens `name`, which was written before, by Java for example: the metadata partition and
    /// partitions `0` to `partitions - 1` in `root/<name>`. Nothing is deleted with it.
    pub fn open_existing(
        registry: &Arc<Registry>,
        root: &Path,
        name: &str,
        format: TableFormat,
        cache: BlockCache,
        partitions: i32,
    ) -> TestStoreVersion {
        let store_version = TestStoreVersion {
            registry: Arc::clone(registry),
            name: name.to_owned(),
            root: Arc::new(Root::Given(root.to_owned())),
            options: Arc::new(OwnedOptions::new(format, cache)),
            open: Mutex::default(),
        };
        store_version.open(METADATA_PARTITION);
        (0..partitions).for_each(|partition| store_version.open(partition));
        store_version
    }

    /// Somebody else who opens the same files, in the same registry; nothing is open through it.
    pub fn second_view(&self) -> TestStoreVersion {
        TestStoreVersion {
            registry: Arc::clone(&self.registry),
            name: self.name.clone(),
            root: Arc::clone(&self.root),
            options: Arc::clone(&self.options),
            open: Mutex::default(),
        }
    }

    /// `<store>_v<N>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Directory of a partition's database.
    pub fn path(&self, partition: i32) -> PathBuf {
        self.root
            .path()
            .join(&self.name)
            .join(format!("{}_{partition}", self.name))
    }

    /// Opens a partition, new or not, for reading and writing.
    pub fn open(&self, partition: i32) {
        self.try_open(partition, Access::ReadWrite)
            .expect("open partition");
    }

    /// Opens a partition as RocksJava does. It must not be open through this object.
    pub fn try_open(&self, partition: i32, access: Access) -> Result<(), Status> {
        self.open_families(partition, access, &[b"default"])
    }

    /// Opens a partition of an active-active store: with the column family of replication metadata.
    pub fn open_with_replication_metadata(&self, partition: i32) {
        self.open_families(
            partition,
            Access::ReadWrite,
            &[b"default", REPLICATION_METADATA],
        )
        .expect("open partition with replication metadata");
    }

    fn open_families(&self, partition: i32, access: Access, names: &[&[u8]]) -> Result<(), Status> {
        let path = self.c_path(partition);
        let mut open = self.open.lock();
        assert!(
            !open.contains_key(&partition),
            "partition {partition} is open"
        );
        // SAFETY: the options live as long as self; the halves are part of them.
        let opened = unsafe {
            let options = ffi::venice_testing_family_options(self.options.0);
            let families: Vec<_> = names
                .iter()
                .map(|name| ColumnFamily { name, options })
                .collect();
            let db_options = ffi::venice_testing_db_options(self.options.0);
            self.registry
                .open_column_families(db_options, &path, &families, access)
        }?;
        let opened = OpenPartition {
            db: opened.db,
            column_families: opened.column_families,
        };
        open.insert(partition, opened);
        Ok(())
    }

    /// Closes a partition with the calls of `RocksDB.close()`: column families, close, dispose. The
    /// result is that of the close; the partition is disposed of in any case.
    pub fn close(&self, partition: i32) -> Result<(), Status> {
        let mut open = self.open.lock();
        let closing = open.remove(&partition).expect("an open partition");
        // SAFETY: opened by the registry, closed once, under the lock.
        unsafe {
            for handle in closing.column_families {
                self.registry.dispose_column_family(handle);
            }
            let closed = self.registry.close(closing.db);
            self.registry.dispose(closing.db);
            closed
        }
    }

    /// Closes a partition and opens it again, as Java does at the end of a push.
    pub fn reopen(&self, partition: i32) {
        self.close(partition).expect("close partition");
        self.open(partition);
    }

    /// Closes and destroys a partition, as Java does when it is dropped.
    pub fn destroy(&self, partition: i32) {
        self.close(partition).expect("close partition");
        self.try_destroy(partition).expect("destroy partition");
    }

    /// Destroys the files of a partition, open or not.
    pub fn try_destroy(&self, partition: i32) -> Result<(), Status> {
        // SAFETY: the options live as long as self.
        unsafe {
            self.registry
                .destroy_db(&self.c_path(partition), self.options.0)
        }
    }

    /// Writes the state, in protocol version 7.
    pub fn put_state(&self, state: &StoreVersionState) {
        self.put_raw(
            METADATA_PARTITION,
            VERSION_METADATA,
            &state_record(7, state),
        );
    }

    /// Writes a value as a store version without chunking has it: under `key` itself.
    pub fn put(&self, partition: i32, key: &[u8], schema_id: i32, payload: &[u8]) {
        self.put_raw(partition, key, &record(schema_id, payload));
    }

    /// Writes a small value as a chunked store version has it: under `key` with suffix.
    pub fn put_unchunked(&self, partition: i32, key: &[u8], schema_id: i32, payload: &[u8]) {
        self.put_raw(partition, &top_level_key(key), &record(schema_id, payload));
    }

    /// Writes a large value as a chunked store version has it: chunks of `chunk_size` bytes, then
    /// the manifest. `message` tells apart the values written under one key: chunks of two messages
    /// have different keys.
    pub fn put_chunked(
        &self,
        partition: i32,
        key: &[u8],
        schema_id: i32,
        payload: &[u8],
        chunk_size: usize,
        message: i32,
    ) {
        let mut keys = Vec::new();
        for (index, chunk) in (0..).zip(payload.chunks(chunk_size)) {
            let key = chunk_key(key, message, index);
            self.put_raw(partition, &key, &record(-10, chunk));
            keys.push(key);
        }
        let size = i32::try_from(payload.len()).expect("a payload of less than 2 GiB");
        let manifest = manifest(&keys, schema_id, size);
        self.put_raw(partition, &top_level_key(key), &record(-20, &manifest));
    }

    /// Deletes the chunks of a value that [`TestStoreVersion::put_chunked`] wrote, and leaves its
    /// manifest.
    pub fn delete_chunks(&self, partition: i32, key: &[u8], message: i32, chunks: i32) {
        (0..chunks).for_each(|index| self.delete(partition, &chunk_key(key, message, index)));
    }

    /// Writes bytes under bytes.
    pub fn put_raw(&self, partition: i32, key: &[u8], value: &[u8]) {
        self.with_db(partition, |db| {
            // SAFETY: open, as the lock is held.
            Status::from_call(|status| unsafe {
                ffi::venice_testing_put(db, RawSlice::new(key), RawSlice::new(value), status);
            })
            .expect("put");
        });
    }

    /// Deletes the record under a key as it is on disk.
    pub fn delete(&self, partition: i32, key: &[u8]) {
        self.with_db(partition, |db| {
            // SAFETY: open, as the lock is held.
            Status::from_call(|status| unsafe {
                ffi::venice_testing_delete(db, RawSlice::new(key), status);
            })
            .expect("delete");
        });
    }

    /// Changes a database in any way.
    pub fn change(
        &self,
        partition: i32,
        change: Change,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), Status> {
        let mut changed = Ok(());
        self.with_db(partition, |db| {
            // SAFETY: open, as the lock is held.
            changed = unsafe { tables::change(db, change, key, value) };
        });
        changed
    }

    /// Has what tells in which block of a table a key is name another block, `by` further in the index. Returns how many
    /// blocks are known so. Nobody may read meanwhile.
    pub fn mislead(&self, partition: i32, by: i32) -> u64 {
        let mut known = 0;
        self.with_db(partition, |db| {
            // SAFETY: open, as the lock is held; the caller sees to the rest.
            known = unsafe { tables::mislead(db, by) };
        });
        known
    }

    /// Writes the memtable to a file, whose blocks are in no cache until somebody reads them.
    pub fn flush(&self, partition: i32) {
        self.with_db(partition, |db| {
            // SAFETY: open, as the lock is held.
            Status::from_call(|status| unsafe { ffi::venice_testing_flush(db, status) })
                .expect("flush");
        });
    }

    /// An integer property of a partition's database, such as `rocksdb.block-cache-pinned-usage`.
    pub fn property(&self, partition: i32, name: &str) -> u64 {
        let name = CString::new(name).expect("no NUL");
        let mut value = 0;
        self.with_db(partition, |db| {
            // SAFETY: open, as the lock is held; the name lives during the call.
            value = unsafe { ffi::venice_testing_property(db, name.as_ptr()) };
        });
        value
    }

    /// Reads `keys`, as they are on disk, past the engine: by RocksDB's own calls, as its db_bench does.
    /// Appends the payloads that were found to `out`, which has room for them, and tells how many.
    pub fn read_raw(
        &self,
        partition: i32,
        keys: &[&[u8]],
        call: RocksCall,
        out: &mut Vec<u8>,
    ) -> usize {
        let raw_keys: Vec<_> = keys.iter().map(|key| RawSlice::new(key)).collect();
        let room = out.spare_capacity_mut();
        let (mut found, mut written) = (0, 0);
        self.with_db(partition, |db| {
            // SAFETY: open, as the lock is held; keys and room live during the call, and are as many
            // and as long as it is told.
            found = unsafe {
                ffi::venice_testing_read(
                    db,
                    raw_keys.len(),
                    raw_keys.as_ptr(),
                    (call == RocksCall::MultiGet).into(),
                    SCHEMA_HEADER,
                    room.as_mut_ptr().cast(),
                    room.len(),
                    &mut written,
                )
            };
        });
        // SAFETY: so many bytes of the room were written.
        unsafe { out.set_len(out.len() + written) };
        found
    }

    fn with_db(&self, partition: i32, body: impl FnOnce(*mut Db)) {
        let open = self.open.lock();
        body(open.get(&partition).expect("an open partition").db);
    }

    fn c_path(&self, partition: i32) -> CString {
        let path = self.path(partition).into_os_string().into_encoded_bytes();
        CString::new(path).expect("a path without NUL")
    }
}

impl Drop for TestStoreVersion {
    fn drop(&mut self) {
        let partitions: Vec<_> = self.open.lock().keys().copied().collect();
        for partition in partitions {
            // Not a panic: it would hide the one that may be under way.
            if let Err(status) = self.close(partition) {
                eprintln!("cannot close {} partition {partition}: {status}", self.name);
            }
        }
    }
}
