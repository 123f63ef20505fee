//! One open RocksDB database, and the guard under which it is read.
// #[HotPath]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use crate::ffi::{self, Db, RawRead};
use crate::gate::Gate;
use crate::handles::{self, Dependents, Destroy, Kind, Owner};
use crate::status::Status;

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

/// Bounds of waiting, shared by all databases of a registry; may change while they are open.
pub(crate) struct Deadlines {
    read_millis: AtomicU64,
    close_millis: AtomicU64,
}

impl Deadlines {
    pub(crate) fn new(read: Duration, close: Duration) -> Deadlines {
        let deadlines = Deadlines {
            read_millis: AtomicU64::new(0),
            close_millis: AtomicU64::new(0),
        };
        deadlines.set_read(read);
        deadlines.set_close(close);
        deadlines
    }

    pub(crate) fn set_read(&self, bound: Duration) {
        self.read_millis.store(millis(bound), Ordering::Relaxed);
    }

    pub(crate) fn set_close(&self, bound: Duration) {
        self.close_millis.store(millis(bound), Ordering::Relaxed);
    }

    fn close(&self) -> Duration {
        Duration::from_millis(self.close_millis.load(Ordering::Relaxed))
    }

    /// Time since the epoch when a read that starts now has to give up, as RocksDB counts it.
    fn read_deadline_micros(&self, deadline: Option<Instant>) -> u64 {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |now| now.as_micros());
        let bound = Duration::from_millis(self.read_millis.load(Ordering::Relaxed));
        let left = deadline.map_or(bound, |deadline| {
            bound.min(deadline.saturating_duration_since(Instant::now()))
        });
        u64::try_from(now + left.as_micros()).unwrap_or(u64::MAX)
    }
}

/// Whole milliseconds, at most about a century: larger bounds would overflow sums of times.
fn millis(bound: Duration) -> u64 {
    const CENTURY: u64 = 100 * 365 * 24 * 3600 * 1000;
    u64::try_from(bound.as_millis())
        .unwrap_or(u64::MAX)
        .min(CENTURY)
}

/// What closers left to the last reader, because they could not wait any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// Nothing: the closer is waiting, or nobody closes.
    Nothing,
    /// `DB::Close`: Java called `closeDatabase` and got a time-out.
    Close,
    /// Nothing any more: the late close is done or under way.
    Closed,
    /// Delete the object: Java called `disposeInternalJni`, nobody needs it.
    Delete,
    /// Nothing ever: the object is gone.
    Deleted,
}

struct Finish {
    demand: Demand,
    /// Calls of `DB::Close` under way: no delete before they are back.
    closing: u32,
}

/// An open database. It is closed by [`Database::close`] and freed by [`Database::dispose`], both
/// at Java's word; the object in C++ stays for as long as somebody reads, whatever Java does.
pub(crate) struct Database {
    /// Unlike an address, never given again.
    id: u64,
    db: NonNull<Db>,
    path: Box<[u8]>,
    read_only: bool,
    plain_tables: bool,
    bytewise: bool,
    gate: Gate,
    /// Column family handles and iterators of Java.
    dependents: Dependents,
    finish: Mutex<Finish>,
    deadlines: Arc<Deadlines>,
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
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        let database = Arc::new(Database {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            db,
            path: path.into(),
            read_only,
            // SAFETY: the caller's word: it is open.
            plain_tables: unsafe { ffi::venice_has_plain_tables(db.as_ptr()) } != 0,
            // SAFETY: as above.
            bytewise: unsafe { ffi::venice_is_bytewise(db.as_ptr()) } != 0,
            gate: Gate::default(),
            dependents: Dependents::default(),
            finish: Mutex::new(Finish {
                demand: Demand::Nothing,
                closing: 0,
            }),
            deadlines,
        });
        handles::register_for(Kind::RocksDb, database.handle(), 0, Some(database.owner()));
        database
    }

    fn handle(&self) -> usize {
        self.db.as_ptr() as usize
    }

    fn owner(self: &Arc<Self>) -> Weak<dyn Owner> {
        let weak: Weak<Database> = Arc::downgrade(self);
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
        if let Some(_open) = self.read() {
            let deadline = Instant::now() + self.deadlines.close();
            self.dependents.close(handle, deadline);
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

    /// True once the object is gone, which may be some time after [`Database::dispose`].
    pub(crate) fn is_deleted(&self) -> bool {
        self.finish.lock().demand == Demand::Deleted
    }

    /// Lets a reader in; none once closing has begun.
    pub(crate) fn read(self: &Arc<Self>) -> Option<ReadGuard> {
        if self.gate.enter() {
            return Some(ReadGuard {
                database: Arc::clone(self),
            });
        }
        // The visit may have been counted when the last reader left, which then was not the last.
        self.finish_deferred();
        None
    }

    /// `DB::Close` after the last reader. Again and again is harmless.
    ///
    /// Waits for readers no longer than the close deadline. If it passes, the answer is `TimedOut`
    /// and the last reader closes: files and lock are then free later than Java expects, but
    /// nothing is freed under a reader.
    pub(crate) fn close(&self) -> Result<(), Status> {
        self.shut();
        if !self.drained() {
            self.finish.lock().late(Demand::Close);
            // Idle now: the last one left before it could see the demand.
            if !self.is_idle() {
                let readers = self.gate.readers();
                return Err(Status::new(
                    Status::TIMED_OUT,
                    format!(
                        "{readers} reads of {}, or calls of Java, are still running after {:?}: \
                         the last one closes the database. Set the read deadline \
                         (read.deadline.ms) below the close deadline",
                        String::from_utf8_lossy(&self.path),
                        self.deadlines.close(),
                    ),
                ));
            }
        }
        {
            let mut finish = self.finish.lock();
            if finish.demand == Demand::Deleted {
                return Ok(());
            }
            finish.closing += 1;
        }
        let closed = self.close_now();
        self.finish.lock().closing -= 1;
        self.finish_deferred();
        closed
    }

    /// Frees the object after the last reader. It must not be used by Java afterwards.
    pub(crate) fn dispose(&self) {
        self.shut();
        // Who waited in vain when closing does not wait again.
        if self.finish.lock().demand == Demand::Nothing {
            self.drained();
        }
        self.finish.lock().late(Demand::Delete);
        self.finish_deferred();
    }

    /// Lets nobody in any more: neither the server's reads nor calls of Java.
    fn shut(&self) {
        self.gate.shut();
        handles::shut_and_see(Kind::RocksDb, self.handle());
    }

    /// Whether a shut database, and all that depends on it, is used by nobody.
    fn is_idle(&self) -> bool {
        self.gate.readers() == 0
            && !handles::any_in_use(&[self.handle()])
            && !handles::any_in_use(&self.dependents.shut())
    }

    /// Waits until nobody uses it, no longer than the close deadline.
    fn drained(&self) -> bool {
        let bound = self.deadlines.close();
        let deadline = Instant::now() + bound;
        let drained = self.gate.wait_drained(deadline)
            && handles::wait_unused(&[self.handle()], deadline)
            && handles::wait_unused(&self.dependents.shut(), deadline);
        if !drained {
            tracing::error!(
                path = %String::from_utf8_lossy(&self.path),
                readers = self.gate.readers(),
                ?bound,
                "reads or calls outlast the close deadline: the last one finishes the close"
            );
        }
        drained
    }

    /// Does what closers left to the last reader. Harmless at any time.
    fn finish_deferred(&self) {
        let mut finish = self.finish.lock();
        // While there is a user, or a close under way, that one comes here when done.
        while finish.is_due() && self.is_idle() {
            match finish.demand {
                Demand::Close => {
                    finish.demand = Demand::Closed;
                    finish.closing += 1;
                    drop(finish);
                    if let Err(status) = self.close_now() {
                        let path = String::from_utf8_lossy(&self.path);
                        tracing::error!(%path, %status, "a late close failed");
                    }
                    finish = self.finish.lock();
                    finish.closing -= 1;
                }
                Demand::Delete => {
                    finish.demand = Demand::Deleted;
                    drop(finish);
                    self.dependents.destroy();
                    // SAFETY: rule 1: everything is shut with nobody inside, no close is under way,
                    // and the mark is set once: this is the one delete, and nothing comes after it.
                    unsafe { ffi::venice_db_destroy(self.db.as_ptr()) };
                    handles::destroyed_with(self.db.cast(), ffi::venice_db_block_free);
                    return;
                }
                _ => return,
            }
        }
    }

    /// `DB::Close`, with nobody inside a shut gate, and counted in `closing`.
    fn close_now(&self) -> Result<(), Status> {
        self.dependents.destroy();
        // SAFETY: rule 1: no delete while `closing` counts this call. Several closes at a time are
        // serialised by RocksDB.
        Status::from_call(|status| unsafe { ffi::venice_close(self.db.as_ptr(), status) })
    }
}

impl Owner for Database {
    fn left(&self) {
        self.finish_deferred();
    }
}

impl Finish {
    /// Whether somebody left something to do, and it can be done.
    fn is_due(&self) -> bool {
        match self.demand {
            Demand::Close => true,
            Demand::Delete => self.closing == 0,
            Demand::Nothing | Demand::Closed | Demand::Deleted => false,
        }
    }

    /// Adds a demand; what was demanded or done before is not taken back.
    fn late(&mut self, demand: Demand) {
        match (self.demand, demand) {
            (Demand::Nothing, _) | (Demand::Close | Demand::Closed, Demand::Delete) => {
                self.demand = demand;
            }
            _ => {}
        }
    }
}

/// The right to read a database: while one exists, it is neither closed nor freed.
///
/// Short-lived: never kept across an await or a write to a socket, or a slow client would keep Java
/// from closing.
pub(crate) struct ReadGuard {
    database: Arc<Database>,
}

impl Drop for ReadGuard {
    fn drop(&mut self) {
        if self.database.gate.leave() {
            self.database.finish_deferred();
        }
    }
}

impl ReadGuard {
    pub(crate) fn db(&self) -> *mut Db {
        self.database.db.as_ptr()
    }

    /// As [`Database::has_plain_tables`].
    pub(crate) fn has_plain_tables(&self) -> bool {
        self.database.has_plain_tables()
    }

    /// Whether its keys are in the order of their bytes.
    pub(crate) fn is_bytewise(&self) -> bool {
        self.database.bytewise
    }

    /// Tells one opening from the next, also of the same path.
    pub(crate) fn database_id(&self) -> u64 {
        self.database.id
    }

    /// Grows with every write to the database.
    pub(crate) fn sequence_number(&self) -> u64 {
        // SAFETY: rule 1, by self.
        unsafe { ffi::venice_latest_sequence_number(self.db()) }
    }

    /// For one read of RocksDB: what may wait, and for how long.
    pub(crate) fn how(&self, tier: Tier) -> RawRead {
        match tier {
            // Memory never waits, so it needs no deadline, nor the look at the clock.
            Tier::Memory => RawRead {
                deadline_micros: 0,
                memory_only: 1,
            },
            Tier::Any => RawRead {
                deadline_micros: self.database.deadlines.read_deadline_micros(None),
                memory_only: 0,
            },
            Tier::Until(deadline) => RawRead {
                deadline_micros: self.database.deadlines.read_deadline_micros(Some(deadline)),
                memory_only: 0,
            },
        }
    }
}
