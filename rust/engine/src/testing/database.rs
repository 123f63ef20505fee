//! A database at any path.

use std::ffi::CString;
use std::path::Path;
use std::sync::Arc;

use crate::ffi::{Db, RawSlice};
use crate::status::Status;
use crate::store::registry::{Access, Registry};
use crate::testing::ffi;
use crate::testing::options::{BlockCache, OwnedOptions, TableFormat};

/// A database opened with its default column family only, as `RocksDB.open(options, path)` does it.
pub struct TestDatabase {
    registry: Arc<Registry>,
    db: *mut Db,
}

// SAFETY: RocksDB is thread-safe, and closing takes the object.
unsafe impl Send for TestDatabase {}
// SAFETY: as above, and several closes at a time are the registry's to order.
unsafe impl Sync for TestDatabase {}

impl TestDatabase {
    /// Opens what is at `path`, creating it and the directories above it when writable.
    pub fn open(
        registry: &Arc<Registry>,
        path: &Path,
        access: Access,
    ) -> Result<TestDatabase, Status> {
        std::fs::create_dir_all(path).expect("the database's directory");
        let options = OwnedOptions::new(TableFormat::BlockBased, BlockCache::default());
        let path = CString::new(path.as_os_str().as_encoded_bytes()).expect("a path without NUL");
        // SAFETY: the options live until after the call, and RocksDB copies them.
        let db = unsafe { registry.open(options.0, &path, access) }?;
        Ok(TestDatabase {
            registry: Arc::clone(registry),
            db,
        })
    }

    /// The handle that Java would have.
    pub fn handle(&self) -> *mut Db {
        self.db
    }

    /// Writes bytes under bytes.
    pub fn put(&self, key: &[u8], value: &[u8]) {
        // SAFETY: open until self is closed.
        Status::from_call(|status| unsafe {
            ffi::venice_testing_put(self.db, RawSlice::new(key), RawSlice::new(value), status);
        })
        .expect("put");
    }

    /// `RocksDB.closeDatabase`, which may be repeated.
    pub fn close(&self) -> Result<(), Status> {
        // SAFETY: not disposed of before the drop.
        unsafe { self.registry.close(self.db) }
    }
}

impl Drop for TestDatabase {
    /// `RocksDB.disposeInternalJni`.
    fn drop(&mut self) {
        // SAFETY: nobody uses it afterwards.
        unsafe { self.registry.dispose(self.db) };
    }
}
