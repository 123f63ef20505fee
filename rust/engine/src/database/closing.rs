//! How a database is closed, while threads of the server, of Java and of RocksDB use it.
//!
//! 1. Nobody gets in any more, but for RocksDB's own threads: a listener of Java's, or whatever else
//!    RocksDB calls there, may read its database until RocksDB's work is done.
//! 2. The reads and calls under way end. They are short, and what they write is flushed with the
//!    rest.
//! 3. RocksDB's work ends: memtables that are nowhere else are flushed, compactions are cancelled.
//!    So also end the calls that wait for such work ([`LongCall`]): nobody waits for a compaction.
//! 4. Nobody at all gets in; who came in meanwhile leaves. Then everything is destroyed.
//!
//! Where that would take longer than the close deadline, the last to leave does the rest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::database::deferred::DeferredClose;
use crate::database::instance::Database;
use crate::ffi;
use crate::handles::{self, callback, Kind, Owner};
use crate::status::Status;

/// How often a closer looks whether writes are stalled: then the calls that it waits for end only
/// when RocksDB's work is cancelled.
const STALL_LOOK: Duration = Duration::from_millis(20);

/// A call that may last as long as a compaction, and ends when that is cancelled: a close does so
/// before it waits for the call. The database is not destroyed while one exists.
#[must_use]
pub struct LongCall {
    database: Arc<Database>,
}

impl Drop for LongCall {
    fn drop(&mut self) {
        let calls = &self.database.long_calls;
        *calls.count.lock() -= 1;
        calls.ended.notify_all();
        if !self.database.is_open() {
            self.database.finish_deferred();
        }
    }
}

impl Database {
    /// Begins a long call; none once closing has begun. The caller uses the database, and may leave
    /// it to the call.
    pub(crate) fn long_call(self: &Arc<Self>) -> Option<LongCall> {
        // Looked at under the lock that closers take behind their mark: who gets in is seen.
        let mut count = self.long_calls.count.lock();
        if !self.is_open() {
            return None;
        }
        *count += 1;
        Some(LongCall {
            database: Arc::clone(self),
        })
    }

    /// True once the object is gone, which may be some time after [`Database::dispose`].
    pub(crate) fn is_deleted(&self) -> bool {
        self.finish.lock().demand == DeferredClose::Deleted
    }

    /// `DB::Close`, by the steps above. Again and again is harmless.
    ///
    /// Waits for uses no longer than the close deadline. If it passes, the answer is `TimedOut`
    /// and the last one closes: files and lock are then free later than Java expects, but
    /// nothing is freed under a reader.
    pub(crate) fn close(&self) -> Result<(), Status> {
        if !self.begin() {
            return Ok(());
        }
        let closed = self.close_in_time();
        self.end();
        closed
    }

    fn close_in_time(&self) -> Result<(), Status> {
        self.shut();
        if !self.drained() {
            self.finish.lock().defer(DeferredClose::Close);
            // Idle now: the last one left before it could see the demand.
            if !self.is_idle() {
                return Err(self.timed_out());
            }
        }
        self.close_now()
    }

    /// Frees the object after the last use. It must not be used by Java afterwards.
    pub(crate) fn dispose(&self) {
        if !self.begin() {
            return;
        }
        self.shut();
        // Who waited in vain when closing does not wait again.
        if self.finish.lock().demand == DeferredClose::Nothing {
            self.drained();
        }
        self.finish.lock().defer(DeferredClose::Delete);
        self.end();
    }

    /// Counts a closer in. False if the object is gone.
    fn begin(&self) -> bool {
        let mut finish = self.finish.lock();
        let there = finish.demand != DeferredClose::Deleted;
        finish.closing += u32::from(there);
        there
    }

    fn end(&self) {
        self.finish.lock().closing -= 1;
        self.finish_deferred();
    }

    /// Lets nobody in any more, neither the server's reads nor calls of Java, but for those that
    /// RocksDB's own work makes.
    fn shut(&self) {
        self.gate.shut();
        for &address in self.addresses() {
            handles::leave_to_callbacks(Kind::RocksDb, address);
        }
    }

    /// Lets nobody at all use it, nor what depends on it. Returns the handles of the latter.
    fn shut_to_all(&self) -> Vec<usize> {
        for &address in self.addresses() {
            handles::shut_and_see(Kind::RocksDb, address);
        }
        self.dependents.shut()
    }

    /// Whether a shut database, and all that depends on it, is used by nobody.
    fn is_idle(&self) -> bool {
        self.gate.readers() == 0
            && self.long_calls.count() == 0
            && !handles::any_in_use(self.addresses())
            && !handles::any_in_use(&self.shut_to_all())
            && !handles::any_in_use(&handles::with_callbacks(self.addresses()))
    }

    /// Ends all use, in the order above; waits no longer than the close deadline.
    fn drained(&self) -> bool {
        let bound = self.deadlines.close();
        let deadline = Instant::now() + bound;
        let drained = self.calls_ended(deadline)
            && self.work_ended(deadline)
            && handles::wait_unused(&self.shut_to_all(), deadline)
            && handles::wait_unused(&handles::with_callbacks(self.addresses()), deadline);
        if !drained {
            tracing::error!(
                path = %String::from_utf8_lossy(&self.path),
                uses = %self.uses(),
                ?bound,
                "uses outlast the close deadline: the last one finishes the close"
            );
        }
        drained
    }

    /// Waits for reads, and for calls that are not known to be long. True also if those that are
    /// left wait for a write stall, which ends with RocksDB's work.
    fn calls_ended(&self, deadline: Instant) -> bool {
        if !self.gate.wait_drained(deadline) {
            return false;
        }
        loop {
            let look = deadline.min(Instant::now() + STALL_LOOK);
            if handles::wait_unused(self.addresses(), look) {
                return true;
            }
            let closed = self.closed.lock();
            // SAFETY: rule 1: not deleted while this closer is counted, nor closed under the lock.
            if !*closed && unsafe { ffi::venice_writes_are_stopped(self.db.as_ptr()) } != 0 {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
        }
    }

    /// Ends RocksDB's work and the calls that wait for it. Callbacks into Java end with it.
    fn work_ended(&self, deadline: Instant) -> bool {
        let closed = self.closed.lock();
        if *closed {
            return true;
        }
        let manual = u8::from(self.long_calls.count() > 0);
        // SAFETY: rule 1: not deleted while this closer is counted, nor closed under the lock.
        unsafe { ffi::venice_cancel_work(self.db.as_ptr(), manual) };
        if !self.long_calls.wait_ended(deadline) {
            return false;
        }
        // SAFETY: as above.
        unsafe { ffi::venice_wait_for_work(self.db.as_ptr()) };
        true
    }

    fn timed_out(&self) -> Status {
        let readers = self.gate.readers();
        let remedy = match readers {
            0 => "End these calls before the close",
            _ => {
                "Reads of the server end after read.deadline.ms, a setting of the server: whoever \
                 runs it can set that below the close deadline; end calls of Java before the close"
            }
        };
        let text = format!(
            "{} is still in use {:?} after its close began: {}. The last of them closes it; until \
             then it cannot be opened again. {remedy}",
            String::from_utf8_lossy(&self.path),
            self.deadlines.close(),
            self.uses(),
        );
        Status::new(Status::TIMED_OUT, text)
    }

    /// Who uses it, in words.
    fn uses(&self) -> String {
        let mut parts = Vec::new();
        let mut add = |count: usize, what: &str| {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        };
        add(self.gate.readers() as usize, "reads of the read server");
        add(
            self.long_calls.count(),
            "calls of Java that flush or compact",
        );
        let handles = handles::with_callbacks(self.addresses());
        add(handles::uses(&handles), "calls of Java on RocksDB");
        for (kind, count) in self.dependents.uses() {
            add(count, &format!("calls of Java on {}", kind.class()));
        }
        if parts.is_empty() {
            return "uses that are just ending".to_owned();
        }
        parts.join(", ")
    }

    /// Does what closers left to the last one. Harmless at any time.
    pub(super) fn finish_deferred(&self) {
        if callback::is_inside() {
            self.finish_elsewhere();
            return;
        }
        let mut finish = self.finish.lock();
        // While there is a user, or a close under way, that one comes here when done.
        while finish.is_due() && self.is_idle() {
            match finish.demand {
                DeferredClose::Close => {
                    finish.demand = DeferredClose::Closed;
                    finish.closing += 1;
                    drop(finish);
                    if let Err(status) = self.close_now() {
                        let path = String::from_utf8_lossy(&self.path);
                        tracing::error!(%path, %status, "a late close failed");
                    }
                    finish = self.finish.lock();
                    finish.closing -= 1;
                }
                DeferredClose::Delete => {
                    finish.demand = DeferredClose::Deleted;
                    drop(finish);
                    self.dependents.destroy();
                    for &second in self.seconds() {
                        handles::forget_second(second);
                    }
                    // SAFETY: rule 1: everything is shut with nobody inside, no close is under way,
                    // and the mark is set once: this is the one delete, and nothing comes after it.
                    unsafe { ffi::venice_db_destroy(self.db.as_ptr()) };
                    handles::destroyed_with(self.db.cast(), self.free);
                    // Whoever called this has it.
                    drop(self.kept.lock().take());
                    return;
                }
                _ => return,
            }
        }
    }

    /// A thread that RocksDB calls Java on must not close: the close would wait for that very work.
    #[cold]
    fn finish_elsewhere(&self) {
        if !self.finish.lock().is_due() || !self.is_idle() {
            return;
        }
        let Some(this) = self.this.upgrade() else {
            return;
        };
        let thread = std::thread::Builder::new().name("rocksdb-late-close".to_owned());
        if let Err(error) = thread.spawn(move || this.finish_deferred()) {
            let path = String::from_utf8_lossy(&self.path);
            tracing::error!(%path, %error, "no thread for a late close: the next use or close does it");
        }
    }

    /// `DB::Close`, by one counted in `closing`, with nobody inside.
    fn close_now(&self) -> Result<(), Status> {
        let mut closed = self.closed.lock();
        *closed = true;
        self.dependents.destroy();
        // SAFETY: rule 1: no delete while `closing` counts this call.
        Status::from_call(|status| unsafe { ffi::venice_close(self.db.as_ptr(), status) })
    }
}

impl Owner for Database {
    fn left(&self) {
        self.finish_deferred();
    }
}
