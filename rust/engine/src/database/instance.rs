//! One open RocksDB database, and the guard under which it is read. How it is closed: `closing.rs`.
// #[HotPath]
// except locks: closes take turns behind them; a read takes none.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;

use crate::database::deadlines::Deadlines;
use crate::database::deferred::{Finish, LongCalls};
use crate::database::reader_gate::{Inside, ReaderGate};
use crate::ffi::{self, Db, RawRead};
use crate::handles::{self, Dependents, Destroy, Free, Kind, Owner};

/// How far a read may go for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Memtable and block cache (`kBlockCacheTier`): what is in neither is
    /// [`ReadError::WouldBlock`](crate::ReadError::WouldBlock).
    Memory,
    /// Also the disk, within the read deadline.
    Any,
    /// Also the disk, within the read deadline and until this time, whichever is first: then RocksDB
    /// gives up and the read fails. One that starts later fails at once, unless memory suffices.
    Until(Instant),
}

/// Keys of a slice of a batch at least: fewer blocks at once any cache has room for, or it does not
/// matter.
pub(crate) const FEW_KEYS: usize = 16;
/// Keys of a slice at most; above, there is little to gain.
const MANY_KEYS: usize = 1024;
/// A slice pins this part of the block cache at most, as others read beside it.
const PART_OF_CACHE: usize = 8;
/// Where records are long, those of one MultiGet have so many bytes together at most. RocksDB reads 32
/// before it looks at their sum.
const MAX_CALL_BYTES: usize = 4 * 1024 * 1024;
/// Records of more are long.
const LONG_RECORD: usize = MAX_CALL_BYTES / 32;
/// Keys of one MultiGet at least.
const MIN_CALL_KEYS: usize = 4;

/// An open database. It is closed by [`Database::close`] and freed by [`Database::dispose`], both
/// at Java's word; the object in C++ stays for as long as somebody reads, whatever Java does.
pub(crate) struct Database {
    /// Unlike an address, never given again.
    id: u64,
    pub(super) db: NonNull<Db>,
    /// That of `db`; then that of the database it stands on, if it does, which is freed with it.
    addresses: Box<[usize]>,
    pub(super) path: Box<[u8]>,
    read_only: bool,
    plain_tables: bool,
    bytewise: bool,
    may_answer: bool,
    /// Gives its memory back.
    pub(super) free: Free,
    /// Keys of a slice of a batch at most.
    keys_at_once: usize,
    /// Bytes of the longest record that a batch has met, if it is a long one, else 0.
    long_record: AtomicUsize,
    pub(super) gate: ReaderGate,
    /// Column family handles and iterators of Java.
    pub(super) dependents: Dependents,
    pub(super) long_calls: LongCalls,
    /// Whether `DB::Close` was called. Locked while a close ends RocksDB's own work and while it
    /// closes, so that one thread at a time does.
    pub(super) closed: Mutex<bool>,
    pub(super) finish: Mutex<Finish>,
    pub(super) deadlines: Arc<Deadlines>,
    pub(super) this: Weak<Database>,
    /// Itself, until the object in C++ is deleted: readers use it without a count of who has it, which all their threads would
    /// write.
    pub(super) kept: Mutex<Option<Arc<Database>>>,
}

// SAFETY: rocksdb::DB is thread-safe; the rest is.
unsafe impl Send for Database {}
// SAFETY: as above.
unsafe impl Sync for Database {}

impl Database {
    /// Takes over a database that was just opened.
    ///
    /// # Safety
    /// `db` is open, and nobody else closes or deletes it from now on.
    pub(crate) unsafe fn new(
        db: NonNull<Db>,
        path: &[u8],
        read_only: bool,
        deadlines: Arc<Deadlines>,
    ) -> Arc<Database> {
        // SAFETY: guaranteed by the caller: it is open.
        let (plain_tables, bytewise, may_answer, cached_blocks) = unsafe {
            (
                ffi::venice_has_plain_tables(db.as_ptr()) != 0,
                ffi::venice_is_bytewise(db.as_ptr()) != 0,
                ffi::venice_may_answer(db.as_ptr()) != 0,
                ffi::venice_cached_blocks(db.as_ptr()),
            )
        };
        Database::introduced(|this| Database {
            path: path.into(),
            read_only,
            plain_tables,
            bytewise,
            may_answer,
            keys_at_once: (cached_blocks / PART_OF_CACHE).clamp(FEW_KEYS, MANY_KEYS),
            ..Database::unread(db, ffi::venice_db_block_free, deadlines, this)
        })
    }

    /// As [`Database::new`], for one that an upstream native opened, which nobody reads here. `free`
    /// gives its memory back.
    ///
    /// # Safety
    /// As for [`Database::new`].
    pub(crate) unsafe fn foreign(
        db: NonNull<Db>,
        free: Free,
        deadlines: Arc<Deadlines>,
    ) -> Arc<Database> {
        // SAFETY: guaranteed by the caller: it is open.
        let root = unsafe { ffi::venice_root_db(db.as_ptr()) } as usize;
        let mut addresses = vec![db.as_ptr() as usize, root];
        addresses.dedup();
        Database::introduced(|this| Database {
            addresses: addresses.into(),
            ..Database::unread(db, free, deadlines, this)
        })
    }

    fn unread(
        db: NonNull<Db>,
        free: Free,
        deadlines: Arc<Deadlines>,
        this: &Weak<Database>,
    ) -> Database {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        Database {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            db,
            addresses: Box::new([db.as_ptr() as usize]),
            path: Box::default(),
            read_only: false,
            plain_tables: false,
            bytewise: false,
            may_answer: false,
            free,
            keys_at_once: FEW_KEYS,
            long_record: AtomicUsize::new(0),
            gate: {
                let owner: Weak<Database> = Weak::clone(this);
                ReaderGate::new(Some(owner))
            },
            dependents: Dependents::default(),
            long_calls: LongCalls::default(),
            closed: Mutex::new(false),
            finish: Mutex::default(),
            deadlines,
            this: Weak::clone(this),
            kept: Mutex::default(),
        }
    }

    /// Makes it a live handle.
    fn introduced(make: impl FnOnce(&Weak<Database>) -> Database) -> Arc<Database> {
        let database = Arc::new_cyclic(make);
        *database.kept.lock() = Some(Arc::clone(&database));
        handles::register_for(Kind::RocksDb, database.handle(), 0, Some(database.owner()));
        for &second in database.seconds() {
            handles::register_second(second, database.handle(), database.owner());
        }
        database
    }

    pub(super) fn handle(&self) -> usize {
        self.db.as_ptr() as usize
    }

    /// All that Java may have for a handle of it.
    pub(crate) fn addresses(&self) -> &[usize] {
        &self.addresses
    }

    /// Those that are not its own.
    pub(super) fn seconds(&self) -> &[usize] {
        &self.addresses[1..]
    }

    fn owner(&self) -> Weak<dyn Owner> {
        let weak: Weak<Database> = Weak::clone(&self.this);
        weak
    }

    /// Makes a new object of this database a live handle, which dies with it. The caller uses the
    /// database.
    pub(crate) fn adopt(self: &Arc<Self>, kind: Kind, handle: usize, destroy: Destroy) {
        self.dependents
            .adopt(kind, handle, self.handle(), destroy, self.owner());
    }

    /// Forgets an object that another one has taken over.
    pub(crate) fn disown(&self, handle: usize) {
        self.dependents.disown(handle);
    }

    /// Closes an object of this database that Java gives up. Harmless if it is closed, or if the
    /// database is closing, which closes it.
    pub(crate) fn close_dependent(self: &Arc<Self>, handle: usize) {
        if let Some(_open) = self.look() {
            self.dependents.close(handle, self.deadlines.close());
        }
    }

    pub(crate) fn path(&self) -> &[u8] {
        &self.path
    }

    /// Whether what is written to it goes to plain tables; so nearly always also what is in it.
    pub(crate) fn has_plain_tables(&self) -> bool {
        self.plain_tables
    }

    pub(crate) fn read_only(&self) -> bool {
        self.read_only
    }

    /// False once closing has begun.
    pub(crate) fn is_open(&self) -> bool {
        !self.gate.is_shut()
    }

    /// Lets a reader in; none once closing has begun.
    #[inline]
    pub(crate) fn read(&self) -> Option<ReadGuard> {
        self.guarded(self.gate.enter())
    }

    /// [`Database::read`] for who reads nothing for a client: it is not counted in [`Database::reads`].
    #[inline]
    pub(crate) fn look(&self) -> Option<ReadGuard> {
        self.guarded(self.gate.look())
    }

    /// Tells databases apart, also those that are gone.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Reads since it was opened, modulo 2^32.
    pub(crate) fn reads(&self) -> u32 {
        self.gate.came()
    }

    #[inline]
    fn guarded(&self, inside: Option<Inside>) -> Option<ReadGuard> {
        inside.map(|inside| ReadGuard {
            inside,
            database: NonNull::from(self),
        })
    }
}

/// The right to read a database: while one exists, it is neither closed nor freed.
///
/// Short-lived: never kept across an await or a write to a socket, or a slow client would keep Java
/// from closing. It stays on its thread.
pub(crate) struct ReadGuard {
    inside: Inside,
    database: NonNull<Database>,
}

impl ReadGuard {
    #[inline]
    fn database(&self) -> &Database {
        // SAFETY: rule 1: the database keeps itself until nobody is inside any more, and `inside` is.
        unsafe { self.database.as_ref() }
    }

    pub(crate) fn db(&self) -> *mut Db {
        self.database().db.as_ptr()
    }

    /// Whether closing has not begun.
    #[inline]
    pub(crate) fn serves(&self) -> bool {
        self.database().is_open()
    }

    /// Counts a read for a client of one who came to look ([`Database::look`]).
    #[inline]
    pub(crate) fn count_read(&self) {
        self.inside.count();
    }

    /// As [`Database::has_plain_tables`].
    pub(crate) fn has_plain_tables(&self) -> bool {
        self.database().has_plain_tables()
    }

    /// Whether its keys are in the order of their bytes.
    pub(crate) fn is_bytewise(&self) -> bool {
        self.database().bytewise
    }

    /// Whether what is found ahead of a get may be its answer, by the options of the database.
    pub(crate) fn may_answer(&self) -> bool {
        self.database().may_answer
    }

    /// Keys that a slice of a batch may have: its blocks are pinned at the same time.
    pub(crate) fn keys_at_once(&self) -> usize {
        self.database().keys_at_once
    }

    /// Keys that one MultiGet may have, so that it does not read much more than is wanted, judged by
    /// the longest record of any batch.
    pub(crate) fn keys_per_call(&self) -> usize {
        match self.database().long_record.load(Ordering::Relaxed) {
            0 => MANY_KEYS,
            long => (MAX_CALL_BYTES / long).max(MIN_CALL_KEYS),
        }
    }

    /// Notes the length of the longest record of a MultiGet.
    pub(crate) fn has_seen(&self, record: usize) {
        if record > LONG_RECORD {
            self.database()
                .long_record
                .fetch_max(record, Ordering::Relaxed);
        }
    }

    /// Tells one opening from the next, also of the same path.
    pub(crate) fn database_id(&self) -> u64 {
        self.database().id
    }

    /// Grows with every write to the database.
    pub(crate) fn sequence_number(&self) -> u64 {
        // SAFETY: rule 1, by self.
        unsafe { ffi::venice_latest_sequence_number(self.db()) }
    }

    /// For one read of RocksDB: what may wait, and for how long.
    pub(crate) fn read_options(&self, tier: Tier) -> RawRead {
        match tier {
            // Memory never waits, so it needs no deadline, nor the look at the clock.
            Tier::Memory => RawRead {
                deadline_micros: 0,
                memory_only: 1,
            },
            Tier::Any => RawRead {
                deadline_micros: self.database().deadlines.read_deadline_micros(None),
                memory_only: 0,
            },
            Tier::Until(deadline) => RawRead {
                deadline_micros: self
                    .database()
                    .deadlines
                    .read_deadline_micros(Some(deadline)),
                memory_only: 0,
            },
        }
    }
}
