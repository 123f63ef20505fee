//! What the handles of Java's objects point to: C++ types that Rust only passes on.
//!
//! Upstream's natives work on the same objects, so each is what their `reinterpret_cast` says.

use std::ffi::c_void;

use jni::sys::jlong;
use venice_engine::handles::{Destroy, Kind};
pub(crate) use venice_engine::{ColumnFamilyOptions, Db, DbOptions, Options};

use crate::jvm::failure::Failure;
use crate::objects::handle::{self, Object};

/// A type that handles point to.
pub(crate) trait NativeObject {
    /// Under which the table of live handles knows it.
    const KIND: Kind;
}

/// A type whose objects our natives also destroy.
pub(crate) trait Disposable: NativeObject {
    /// Runs the destructor and leaves the memory, which is of C++'s plain `new`.
    const DESTROY: Destroy;
}

/// The object behind a handle. Fails if that is closed.
pub(crate) fn live<T: NativeObject>(handle: jlong) -> Result<Object<T>, Failure> {
    Object::new(T::KIND, handle)
}

/// The handle of a new object, which is Java's from now on.
pub(crate) fn created<T: NativeObject>(object: *mut T) -> Result<jlong, Failure> {
    handle::created(T::KIND, object)
}

/// Ends an object. Harmless for one that has ended.
///
/// # Safety
/// Rule 1, and Java gives the object up.
pub(crate) unsafe fn dispose<T: Disposable>(handle: jlong) -> Result<(), Failure> {
    // SAFETY: guaranteed by the caller, and the type's own destructor.
    unsafe { handle::close(T::KIND, handle, T::DESTROY) }
}

venice_engine::opaque! {
    /// `rocksdb::Env`.
    pub(crate) Env;
    /// `rocksdb::EnvOptions`.
    pub(crate) EnvOptions;
    /// `rocksdb::FlushOptions`.
    pub(crate) FlushOptions;
    /// `rocksdb::IngestExternalFileOptions`.
    pub(crate) IngestExternalFileOptions;
    /// `rocksdb::ReadOptions`.
    pub(crate) ReadOptions;
    /// `std::shared_ptr<rocksdb::Cache>`, null inside for a cache that RocksDB refused to make.
    pub(crate) SharedCache;
    /// `std::shared_ptr<const rocksdb::FilterPolicy>`.
    pub(crate) SharedFilterPolicy;
    /// `std::shared_ptr<rocksdb::Logger>`.
    pub(crate) SharedLogger;
    /// `std::shared_ptr<rocksdb::PersistentCache>`.
    pub(crate) SharedPersistentCache;
    /// `std::shared_ptr<rocksdb::RateLimiter>`.
    pub(crate) SharedRateLimiter;
    /// `std::shared_ptr<rocksdb::SstFileManager>`.
    pub(crate) SharedSstFileManager;
    /// `std::shared_ptr<rocksdb::Statistics>`.
    pub(crate) SharedStatistics;
    /// `std::shared_ptr<rocksdb::WriteBufferManager>`.
    pub(crate) SharedWriteBufferManager;
    /// `rocksdb::Slice`.
    pub(crate) Slice;
    /// `rocksdb::TableFactory`.
    pub(crate) TableFactory;
    /// `rocksdb::WriteOptions`.
    pub(crate) WriteOptions;
}

macro_rules! native_objects {
    ($($name:ident = $kind:ident $(, $destroy:ident)?;)+) => {
        extern "C" {
            // cpp/objects.cc and the files of the classes beside it
            $($(fn $destroy(object: *mut c_void);)?)+
        }

        $(
            impl NativeObject for $name {
                const KIND: Kind = Kind::$kind;
            }

            $(
                impl Disposable for $name {
                    const DESTROY: Destroy = $destroy;
                }
            )?
        )+
    };
}

native_objects! {
    ColumnFamilyOptions = ColumnFamilyOptions, venice_column_family_options_destroy;
    Db = RocksDb;
    DbOptions = DbOptions, venice_db_options_destroy;
    Env = Env;
    EnvOptions = EnvOptions, venice_env_options_destroy;
    FlushOptions = FlushOptions, venice_flush_options_destroy;
    IngestExternalFileOptions = IngestExternalFileOptions,
        venice_ingest_external_file_options_destroy;
    Options = Options, venice_options_destroy;
    ReadOptions = ReadOptions, venice_read_options_destroy;
    SharedCache = Cache, venice_cache_destroy;
    SharedRateLimiter = RateLimiter, venice_rate_limiter_destroy;
    SharedSstFileManager = SstFileManager, venice_sst_file_manager_destroy;
    SharedStatistics = Statistics, venice_statistics_destroy;
    SharedWriteBufferManager = WriteBufferManager, venice_write_buffer_manager_destroy;
    WriteOptions = WriteOptions, venice_write_options_destroy;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classes::lru_cache;
    use crate::jvm::failure::Reason;

    fn cache() -> jlong {
        created(lru_cache::new(1 << 20, -1, false, 0.5, 0.0).unwrap()).unwrap()
    }

    #[test]
    fn an_object_lives_until_it_is_disposed_of() {
        let handle = cache();
        assert_eq!(
            live::<SharedCache>(handle).unwrap().pointer() as jlong,
            handle
        );
        // SAFETY: made above.
        unsafe { dispose::<SharedCache>(handle) }.unwrap();
        assert!(matches!(
            live::<SharedCache>(handle),
            Err(failure) if matches!(failure.reason(), Reason::Closed(Kind::Cache))
        ));
        // SAFETY: made above; that it is disposed of already is harmless.
        unsafe { dispose::<SharedCache>(handle) }.unwrap();
    }

    #[test]
    fn an_object_of_another_class_is_none() {
        let handle = cache();
        assert!(matches!(
            live::<SharedRateLimiter>(handle),
            Err(failure) if matches!(failure.reason(), Reason::Closed(Kind::RateLimiter))
        ));
        // SAFETY: made above.
        unsafe { dispose::<SharedCache>(handle) }.unwrap();
    }

    #[test]
    fn a_null_handle_is_not_followed() {
        assert!(
            matches!(live::<Options>(0), Err(failure) if matches!(failure.reason(), Reason::Null("Options")))
        );
        // SAFETY: there is nothing.
        unsafe { dispose::<Options>(0) }.unwrap();
    }
}
