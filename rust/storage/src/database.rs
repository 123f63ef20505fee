//! One partition's database, open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use venice_engine::{Access, ColumnFamily, ColumnFamilyHandle, Db, RawSlice, Registry, Status};

use crate::error::StorageError;
use crate::ffi::{self, RawRecords, RawTableFile};
use crate::options::{c_path, OwnedOptions};

/// An open database, in the registry through which reads find it. Dropping it closes it.
pub struct Database {
    registry: Arc<Registry>,
    path: PathBuf,
    db: *mut Db,
    families: Vec<*mut ColumnFamilyHandle>,
}

// SAFETY: RocksDB is thread-safe, and the pointers are used by methods of a live object only.
unsafe impl Send for Database {}
// SAFETY: as above.
unsafe impl Sync for Database {}

impl Database {
    /// Opens the column family `default` of what is at `path`. A read-only database may leave out the others,
    /// such as the replication metadata of active-active stores; reads look at none of them.
    pub(crate) fn open(
        registry: &Arc<Registry>,
        path: &Path,
        options: &OwnedOptions,
        access: Access,
    ) -> Result<Database, StorageError> {
        let name = c_path(path)?;
        let family = ColumnFamily {
            name: b"default",
            options: options.family(),
        };
        // SAFETY: the options live until after the call, and RocksDB copies them.
        let opened =
            unsafe { registry.open_column_families(options.db(), &name, &[family], access) };
        let opened = opened.map_err(StorageError::rocks("open", path))?;
        Ok(Database {
            registry: Arc::clone(registry),
            path: path.to_owned(),
            db: opened.db,
            families: opened.column_families,
        })
    }

    /// Writes a record; with `ahead`, to the write-ahead log too.
    pub(crate) fn put(&self, key: &[u8], value: &[u8], ahead: bool) -> Result<(), StorageError> {
        let (key, value) = (RawSlice::new(key), RawSlice::new(value));
        // SAFETY: open as long as self (rule 1).
        let put = Status::from_call(|status| unsafe {
            ffi::venice_storage_put(self.db, key, value, ahead.into(), status);
        });
        put.map_err(StorageError::rocks("write to", &self.path))
    }

    /// Writes what is in memory to files.
    pub(crate) fn flush(&self) -> Result<(), StorageError> {
        // SAFETY: open as long as self (rule 1).
        let flushed =
            Status::from_call(|status| unsafe { ffi::venice_storage_flush(self.db, status) });
        flushed.map_err(StorageError::rocks("flush", &self.path))
    }

    /// Takes in table files, by moving them.
    pub(crate) fn ingest(&self, files: &[PathBuf]) -> Result<(), StorageError> {
        let names = files
            .iter()
            .map(|file| RawSlice::new(file.as_os_str().as_encoded_bytes()));
        let names: Vec<RawSlice> = names.collect();
        // SAFETY: open as long as self (rule 1); the names live during the call (rule 3).
        let ingested = Status::from_call(|status| unsafe {
            ffi::venice_storage_ingest(self.db, names.len(), names.as_ptr(), status);
        });
        ingested.map_err(StorageError::rocks("ingest files into", &self.path))
    }

    /// All records, as they are on disk, in the order of their keys.
    pub fn records(&self) -> Result<Records<'_>, StorageError> {
        // SAFETY: open as long as the records borrow self (rule 1).
        let records = unsafe { ffi::venice_storage_records_new(self.db) };
        if records.is_null() {
            return Err(StorageError::NoMemory("a walk over a database"));
        }
        Ok(Records {
            database: self,
            records,
        })
    }

    /// Closes it.
    pub(crate) fn close(mut self) -> Result<(), StorageError> {
        let closed = self.end();
        closed.map_err(StorageError::rocks("close", &self.path))
    }

    fn end(&mut self) -> Result<(), Status> {
        if self.db.is_null() {
            return Ok(());
        }
        // SAFETY: opened by the registry, and closed once: the pointer is null from here on.
        unsafe {
            for handle in self.families.drain(..) {
                self.registry.dispose_column_family(handle);
            }
            let closed = self.registry.close(self.db);
            self.registry.dispose(self.db);
            self.db = std::ptr::null_mut();
            closed
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Who wants to know calls `close`.
        drop(self.end());
    }
}

/// Key and value of a record, as they are on disk.
pub type Record<'r> = (&'r [u8], &'r [u8]);

/// A walk over the records of a database.
pub struct Records<'d> {
    database: &'d Database,
    records: *mut RawRecords,
}

impl Records<'_> {
    /// Goes to the record of `key`, if there is one: it is the next. Another one is next if there is none, or there is
    /// no next.
    pub fn seek(&mut self, key: &[u8]) -> Result<(), StorageError> {
        // SAFETY: the walk lives as long as self, and its database as long; the key during the call (rule 3).
        let sought = Status::from_call(|status| unsafe {
            ffi::venice_storage_records_seek(self.records, RawSlice::new(key), status);
        });
        sought.map_err(StorageError::rocks("read", &self.database.path))
    }

    /// Key and value of the next record; `None` behind the last.
    #[allow(
        clippy::should_implement_trait,
        reason = "the record is borrowed until the next call"
    )]
    pub fn next(&mut self) -> Result<Option<Record<'_>>, StorageError> {
        let (mut key, mut value) = (RawSlice::EMPTY, RawSlice::EMPTY);
        // SAFETY: the walk lives as long as self, and its database as long.
        let read = Status::from_call(|status| unsafe {
            ffi::venice_storage_records_next(self.records, &mut key, &mut value, status);
        });
        read.map_err(StorageError::rocks("read", &self.database.path))?;
        // SAFETY: valid until the next call, for which self must be borrowed again (rule 4).
        Ok(unsafe { key.bytes().zip(value.bytes()) })
    }
}

impl Drop for Records<'_> {
    fn drop(&mut self) {
        // SAFETY: made by venice_storage_records_new, freed once, before its database is closed.
        unsafe { ffi::venice_storage_records_free(self.records) };
    }
}

/// A table file that is being written, beside a database.
pub(crate) struct TableFile {
    path: PathBuf,
    table: *mut RawTableFile,
}

impl TableFile {
    /// Begins a file at `path`.
    pub(crate) fn create(path: PathBuf, options: &OwnedOptions) -> Result<TableFile, StorageError> {
        let name = c_path(&path)?;
        let mut table = std::ptr::null_mut();
        // SAFETY: options and name live during the call (rule 3).
        let created = Status::from_call(|status| unsafe {
            table = ffi::venice_storage_table_new(options.all(), name.as_ptr(), status);
        });
        created.map_err(StorageError::rocks("create", &path))?;
        Ok(TableFile { path, table })
    }

    /// Adds a record; keys come in their order, each once.
    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        let (key, value) = (RawSlice::new(key), RawSlice::new(value));
        // SAFETY: alive as long as self.
        let put = Status::from_call(|status| unsafe {
            ffi::venice_storage_table_put(self.table, key, value, status);
        });
        put.map_err(StorageError::rocks("write to", &self.path))
    }

    /// Bytes so far.
    pub(crate) fn size(&self) -> u64 {
        // SAFETY: alive as long as self.
        unsafe { ffi::venice_storage_table_size(self.table) }
    }

    /// Ends the file, which has at least one record, and tells where it is.
    pub(crate) fn finish(self) -> Result<PathBuf, StorageError> {
        // SAFETY: alive as long as self.
        let finished = Status::from_call(|status| unsafe {
            ffi::venice_storage_table_finish(self.table, status)
        });
        finished.map_err(StorageError::rocks("finish", &self.path))?;
        Ok(self.path.clone())
    }
}

impl Drop for TableFile {
    fn drop(&mut self) {
        // SAFETY: made by venice_storage_table_new, freed once.
        unsafe { ffi::venice_storage_table_free(self.table) };
    }
}
