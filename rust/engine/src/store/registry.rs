//! Every database that is open in this process.
//!
//! Java opens and closes through [`Registry::open`] and [`Registry::close`], so reads use the very
//! objects that Java writes to, and nobody has to announce a partition: its path does.

use std::collections::{BTreeMap, HashMap};
use std::ffi::CStr;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use parking_lot::Mutex;

use crate::database::{Database, Deadlines, LongCall};
use crate::error::ReadError;
use crate::ffi::{self, ColumnFamilyHandle, ColumnFamilyOptions, Db, DbOptions, Options, RawSlice};
use crate::handles::{self, Destroy, Kind};
use crate::status::Status;
use crate::store::number::StoreNumber;
use crate::store::partition_path::PartitionPath;
use crate::store::store_version::StoreVersion;

/// A read gives up after this, so that closing is bounded; also the server's default of
/// `read.deadline.ms`.
const READ_DEADLINE: Duration = Duration::from_secs(10);
/// Closing waits this long for reads: longer than a read may last.
const CLOSE_DEADLINE: Duration = Duration::from_secs(30);

/// The open databases, by handle and by store version and partition. A database may have two handles.
///
/// Lookups of reads take no lock. Opening and closing do, for the time of changing the index, not
/// for that of RocksDB.
pub struct Registry {
    store_versions: ArcSwap<StoreVersions>,
    /// Also the lock of every change to `store_versions` and to what is in it. A tree: every iterator
    /// looks its database up twice, and a hash that withstands attackers costs more than a few compares.
    by_handle: Mutex<BTreeMap<usize, Arc<Database>>>,
    deadlines: Arc<Deadlines>,
}

/// By name. All names are of databases that Java opened: a client that looks others up can make none of them
/// collide, so the hash need not withstand an attacker, and a read takes a fifth of the time that SipHash does.
type StoreVersions = HashMap<Box<[u8]>, Arc<StoreVersion>, RandomState>;

/// A store version that was here a moment ago. Short-lived: it stays on its thread, and is not kept while anything is awaited.
pub struct VersionNow {
    store_version: NonNull<StoreVersion>,
    /// Those that were here, which keep it.
    _here: arc_swap::Guard<Arc<StoreVersions>>,
}

impl Deref for VersionNow {
    type Target = StoreVersion;

    #[inline]
    fn deref(&self) -> &StoreVersion {
        // SAFETY: it is one of those that are kept, each of which is in memory of its own that nobody moves.
        unsafe { self.store_version.as_ref() }
    }
}

/// One column family to open.
#[derive(Debug, Clone, Copy)]
pub struct ColumnFamily<'a> {
    /// Name, `default` or another; not necessarily text.
    pub name: &'a [u8],
    /// A live `rocksdb::ColumnFamilyOptions`.
    pub options: *const ColumnFamilyOptions,
}

/// What opening with column families gives: objects that the caller owns.
#[derive(Debug)]
pub struct Opened {
    /// `rocksdb::DB*`; for [`Registry::close`] and [`Registry::dispose`].
    pub db: *mut Db,
    /// One `rocksdb::ColumnFamilyHandle*` for each column family, in the order asked for; for
    /// [`Registry::dispose_column_family`].
    pub column_families: Vec<*mut ColumnFamilyHandle>,
}

/// How to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `DB::Open`.
    ReadWrite,
    /// `DB::OpenForReadOnly`.
    ReadOnly {
        /// Fail if there is a write-ahead log, whose records a read-only database would not show.
        error_if_wal_file_exists: bool,
    },
}

/// How the memory of a `rocksdb::DB` was got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// By plain `new`: what stands on another database, such as a `TransactionDB`.
    Plain,
    /// Aligned as `DBImpl` is.
    Aligned,
}

impl Registry {
    /// The registry of the process, which RocksJava's natives and the read server share.
    pub fn global() -> &'static Arc<Registry> {
        static GLOBAL: OnceLock<Arc<Registry>> = OnceLock::new();
        GLOBAL.get_or_init(Registry::new)
    }

    /// A registry of its own, for tests.
    pub fn new() -> Arc<Registry> {
        Arc::new(Registry {
            store_versions: ArcSwap::default(),
            by_handle: Mutex::default(),
            deadlines: Arc::new(Deadlines::new(READ_DEADLINE, CLOSE_DEADLINE)),
        })
    }

    /// Bounds one RocksDB read that may go to the disk; 10 s unless set. From now on, for all
    /// databases.
    pub fn set_read_deadline(&self, bound: Duration) {
        self.deadlines.set_read(bound);
    }

    /// Bounds how long closing waits for reads; 30 s unless set. From now on, for all databases.
    pub fn set_close_deadline(&self, bound: Duration) {
        self.deadlines.set_close(bound);
    }

    /// The store version that is called `resource`, `<store>_v<N>`, if one of its partitions was
    /// opened here and not all are destroyed.
    #[inline]
    pub fn store_version(
        &self,
        resource: impl AsRef<[u8]>,
    ) -> Result<Arc<StoreVersion>, ReadError> {
        self.by_name(resource.as_ref())
    }

    fn by_name(&self, resource: &[u8]) -> Result<Arc<StoreVersion>, ReadError> {
        match self.store_versions.load().get(resource) {
            Some(store_version) => Ok(Arc::clone(store_version)),
            None => Err(no_store(resource)),
        }
    }

    /// [`Registry::store_version`] for one request, without a count of who has it, which all threads that read would write.
    #[inline]
    pub fn version_now(&self, resource: impl AsRef<[u8]>) -> Result<VersionNow, ReadError> {
        let resource = resource.as_ref();
        let here = self.store_versions.load();
        match here.get(resource) {
            Some(store_version) => Ok(VersionNow {
                store_version: NonNull::from(&**store_version),
                _here: here,
            }),
            None => Err(no_store(resource)),
        }
    }

    /// Whether a store version is here.
    pub fn has(&self, resource: impl AsRef<[u8]>) -> bool {
        self.store_versions.load().contains_key(resource.as_ref())
    }

    /// The store version of a number, if it is here. Looks at all: for what is done once.
    pub fn store_version_of(&self, number: StoreNumber) -> Option<Arc<StoreVersion>> {
        let here = self.store_versions.load();
        let mut all = here.values();
        all.find(|version| version.number() == number).cloned()
    }

    /// How many store versions are here.
    pub fn store_version_count(&self) -> usize {
        self.store_versions.load().len()
    }

    /// The store versions that are here.
    pub(crate) fn all(&self) -> Vec<Arc<StoreVersion>> {
        self.store_versions.load().values().cloned().collect()
    }

    /// Whether a database that was opened at `path`, in these very words, is not closed yet.
    pub fn is_open(&self, path: &[u8]) -> bool {
        self.by_handle
            .lock()
            .values()
            .any(|database| database.path() == path && database.is_open())
    }

    /// Opens a database with its default column family only.
    ///
    /// # Safety
    /// `options` is a live `rocksdb::Options`.
    pub unsafe fn open(
        &self,
        options: *const Options,
        path: &CStr,
        access: Access,
    ) -> Result<*mut Db, Status> {
        let mut db = ptr::null_mut();
        // SAFETY: rules 2 and 3.
        Status::from_call(|status| unsafe {
            match access {
                Access::ReadWrite => ffi::venice_open(options, path.as_ptr(), &mut db, status),
                Access::ReadOnly {
                    error_if_wal_file_exists,
                } => ffi::venice_open_read_only(
                    options,
                    path.as_ptr(),
                    error_if_wal_file_exists.into(),
                    &mut db,
                    status,
                ),
            }
        })?;
        // SAFETY: just opened.
        unsafe { self.register(db, path, access) }?;
        Ok(db)
    }

    /// Opens a database with column families.
    ///
    /// # Safety
    /// `options` is a live `rocksdb::DBOptions`, and so are the options of each column family.
    pub unsafe fn open_column_families(
        &self,
        options: *const DbOptions,
        path: &CStr,
        families: &[ColumnFamily<'_>],
        access: Access,
    ) -> Result<Opened, Status> {
        let names: Vec<_> = families
            .iter()
            .map(|family| RawSlice::new(family.name))
            .collect();
        let family_options: Vec<_> = families.iter().map(|family| family.options).collect();
        let mut column_families = vec![ptr::null_mut(); families.len()];
        let mut db = ptr::null_mut();
        // SAFETY: rules 2 and 3; the three arrays have families.len() elements each.
        Status::from_call(|status| unsafe {
            match access {
                Access::ReadWrite => ffi::venice_open_column_families(
                    options,
                    path.as_ptr(),
                    families.len(),
                    names.as_ptr(),
                    family_options.as_ptr(),
                    column_families.as_mut_ptr(),
                    &mut db,
                    status,
                ),
                Access::ReadOnly {
                    error_if_wal_file_exists,
                } => {
                    ffi::venice_open_column_families_read_only(
                        options,
                        path.as_ptr(),
                        families.len(),
                        names.as_ptr(),
                        family_options.as_ptr(),
                        error_if_wal_file_exists.into(),
                        column_families.as_mut_ptr(),
                        &mut db,
                        status,
                    );
                }
            }
        })?;
        // SAFETY: just opened.
        let database = unsafe { self.register(db, path, access) }?;
        for &handle in &column_families {
            let destroy: Destroy = ffi::venice_column_family_destroy;
            database.adopt(Kind::ColumnFamilyHandle, handle as usize, destroy);
        }
        Ok(Opened {
            db,
            column_families,
        })
    }

    /// # Safety
    /// `db` was just opened at `path` and is known to nobody else.
    unsafe fn register(
        &self,
        db: *mut Db,
        path: &CStr,
        access: Access,
    ) -> Result<Arc<Database>, Status> {
        let Some(db) = NonNull::new(db) else {
            return Err(Status::new(
                Status::ABORTED,
                "RocksDB opened a database and gave none",
            ));
        };
        let path = path.to_bytes();
        let read_only = access != Access::ReadWrite;
        // SAFETY: guaranteed by the caller; from here on it is closed and deleted through the registry.
        let database = unsafe { Database::new(db, path, read_only, Arc::clone(&self.deadlines)) };
        let mut by_handle = self.by_handle.lock();
        by_handle.insert(db.as_ptr() as usize, Arc::clone(&database));
        if let Some(PartitionPath {
            store_version,
            partition,
        }) = PartitionPath::parse(path)
        {
            let known = self.store_versions.load();
            let hosted = known
                .get(store_version.as_bytes())
                .cloned()
                .unwrap_or_else(|| {
                    let new = Arc::new(StoreVersion::new(store_version));
                    let mut with_new = StoreVersions::clone(&known);
                    with_new.insert(store_version.as_bytes().into(), Arc::clone(&new));
                    self.store_versions.store(Arc::new(with_new));
                    new
                });
            hosted.add(partition, &database);
            tracing::debug!(store_version, partition, read_only, "open partition");
        }
        drop(by_handle);
        Ok(database)
    }

    /// Takes over a database that an upstream native opened: it is closed and freed here, and its
    /// objects with it, but never served. If it stands on another, as a `TransactionDB` does, that
    /// one's address is a second handle of it. One that is taken over already is left as it is.
    ///
    /// # Safety
    /// `db` was just opened, with memory of its own that goes back in the way of `memory`.
    pub unsafe fn take_over(&self, db: *mut Db, memory: Memory) {
        let Some(db) = NonNull::new(db) else {
            return;
        };
        let free = match memory {
            Memory::Plain => ffi::venice_block_free,
            Memory::Aligned => ffi::venice_db_block_free,
        };
        let handle = db.as_ptr() as usize;
        let mut by_handle = self.by_handle.lock();
        if by_handle
            .get(&handle)
            .is_none_or(|known| known.is_deleted())
        {
            // SAFETY: guaranteed by the caller.
            let database = unsafe { Database::foreign(db, free, Arc::clone(&self.deadlines)) };
            for &address in database.addresses() {
                by_handle.insert(address, Arc::clone(&database));
            }
        }
    }

    /// Closes a database once nobody reads from it: its files and its lock are then free. The
    /// object stays until
    /// [`Registry::dispose`]. Closing again is harmless.
    ///
    /// Waits for reads no longer than the close deadline; if that passes, the answer is a status
    /// `TimedOut` and the last reader closes. A database that was opened elsewhere is closed as it
    /// is.
    ///
    /// # Safety
    /// `db` was opened here; or it is a live `rocksdb::DB` that was opened elsewhere, and Java calls
    /// nothing else on it at the same time.
    pub unsafe fn close(&self, db: *mut Db) -> Result<(), Status> {
        match self.unpublish(db) {
            Some(database) => database.close(),
            None if handles::is_closed(Kind::RocksDb, db as usize) => Ok(()),
            // SAFETY: rule 2.
            None => Status::from_call(|status| unsafe { ffi::venice_close(db, status) }),
        }
    }

    /// Frees a database once nobody reads from it, closing it if nobody did. Waits like
    /// [`Registry::close`], unless that waited in vain already.
    ///
    /// # Safety
    /// As for [`Registry::close`]; and Java never uses `db` again.
    pub unsafe fn dispose(&self, db: *mut Db) {
        match self.unpublish(db) {
            Some(database) => {
                database.dispose();
                self.forget_deleted();
            }
            None if handles::is_closed(Kind::RocksDb, db as usize) => {}
            // SAFETY: rule 2.
            None => unsafe { ffi::venice_delete(db) },
        }
    }

    /// Closes a column family handle once no call of Java uses it. Reads use RocksDB's own handle of
    /// `default`, not Java's. Closing again is harmless, also after the database is closed.
    ///
    /// # Safety
    /// `handle` was made here; or it is a live `rocksdb::ColumnFamilyHandle` of a database that was
    /// opened elsewhere, and Java never uses it again.
    pub unsafe fn dispose_column_family(&self, handle: *mut ColumnFamilyHandle) {
        // SAFETY: guaranteed by the caller; the destructor is that of the class.
        unsafe {
            self.close_dependent(
                Kind::ColumnFamilyHandle,
                handle as usize,
                ffi::venice_column_family_destroy,
            );
        }
    }

    /// Whether `db` was opened here and is not gone.
    pub fn knows(&self, db: *mut Db) -> bool {
        let database = self.by_handle.lock().get(&(db as usize)).cloned();
        database.is_some_and(|database| !database.is_deleted())
    }

    /// Begins a call on a database that may last as long as a compaction: a close cancels
    /// RocksDB's work, and so ends it, before it waits for it. The caller has a
    /// [`Lease`](crate::handles::Lease), which it drops before it calls RocksDB.
    ///
    /// None of the inner kind once closing has begun; of the outer if `db` was not opened here.
    pub fn long_call(&self, db: *mut Db) -> Option<Option<LongCall>> {
        let database = self.by_handle.lock().get(&(db as usize)).cloned();
        let database = database.filter(|database| !database.is_deleted())?;
        Some(database.long_call())
    }

    /// As [`Registry::adopt`], for a column family handle.
    ///
    /// # Safety
    /// `handle` was just made for this database.
    pub unsafe fn adopt_column_family(&self, db: *mut Db, handle: *mut ColumnFamilyHandle) {
        let destroy = ffi::venice_column_family_destroy;
        // SAFETY: guaranteed by the caller; the destructor is that of the class.
        unsafe { self.adopt(db, Kind::ColumnFamilyHandle, handle as usize, destroy) };
    }

    /// Forgets the handle of an object that another object of C++ has taken over.
    pub fn disown(&self, kind: Kind, handle: usize) {
        let parent = handles::parent_of(kind, handle);
        let database = self.by_handle.lock().get(&parent).cloned();
        if let Some(database) = database {
            database.disown(handle);
        }
        handles::consumed(kind, handle);
    }

    /// Makes a new object of a database a live handle, which is closed with the database at the
    /// latest.
    ///
    /// The caller has a [`Lease`](crate::handles::Lease) on the database. An object of a database
    /// that was opened elsewhere becomes a handle on its own.
    ///
    /// # Safety
    /// `handle` is the address of an object of that kind, made with plain `new`; and `destroy` is
    /// its destructor.
    pub unsafe fn adopt(&self, db: *mut Db, kind: Kind, handle: usize, destroy: Destroy) {
        let database = self.by_handle.lock().get(&(db as usize)).cloned();
        match database.filter(|database| !database.is_deleted()) {
            Some(database) => database.adopt(kind, handle, destroy),
            None => handles::register(kind, handle),
        }
    }

    /// Closes an object of a database once nobody uses it. Harmless if it is closed already.
    ///
    /// # Safety
    /// `handle` was registered here; or it is the address of a live object of that kind, of which
    /// `destroy` is the destructor, and Java never uses it again.
    pub unsafe fn close_dependent(&self, kind: Kind, handle: usize, destroy: Destroy) {
        let parent = handles::parent_of(kind, handle);
        if parent == 0 {
            // SAFETY: guaranteed by the caller.
            unsafe { handles::close(kind, handle, destroy) };
            return;
        }
        let database = self.by_handle.lock().get(&parent).cloned();
        match database {
            Some(database) => database.close_dependent(handle),
            // Of another object than a database; or of one that is gone, and has closed it.
            // SAFETY: guaranteed by the caller.
            None => unsafe { handles::close(kind, handle, destroy) },
        }
    }

    /// `rocksdb::DestroyDB`: deletes the files of a closed database, and its partition is no more.
    ///
    /// # Safety
    /// `options` is a live `rocksdb::Options`.
    pub unsafe fn destroy_db(&self, path: &CStr, options: *const Options) -> Result<(), Status> {
        // SAFETY: rules 2 and 3.
        Status::from_call(|status| unsafe { ffi::venice_destroy(path.as_ptr(), options, status) })?;
        let Some(path) = PartitionPath::parse(path.to_bytes()) else {
            return Ok(());
        };
        let _change = self.by_handle.lock();
        let known = self.store_versions.load();
        let Some(hosted) = known.get(path.store_version.as_bytes()) else {
            return Ok(());
        };
        if hosted.destroyed(path.partition) {
            let mut without = StoreVersions::clone(&known);
            without.remove(path.store_version.as_bytes());
            self.store_versions.store(Arc::new(without));
        }
        Ok(())
    }

    /// Finds the database behind a handle and lets no new reader find it. `None` if it was not
    /// opened here.
    fn unpublish(&self, db: *mut Db) -> Option<Arc<Database>> {
        let mut by_handle = self.by_handle.lock();
        let handle = db as usize;
        let database = Arc::clone(by_handle.get(&handle)?);
        if database.is_deleted() {
            // The last reader deleted it, and its address is now that of another, opened elsewhere.
            by_handle.remove(&handle);
            return None;
        }
        if let Some(path) = PartitionPath::parse(database.path()) {
            if let Some(hosted) = self
                .store_versions
                .load()
                .get(path.store_version.as_bytes())
            {
                hosted.unpublish(path.partition, &database);
            }
        }
        Some(database)
    }

    fn forget_deleted(&self) {
        self.by_handle
            .lock()
            .retain(|_, database| !database.is_deleted());
    }
}

#[cold]
fn no_store(resource: &[u8]) -> ReadError {
    ReadError::NoStore(String::from_utf8_lossy(resource).into())
}
