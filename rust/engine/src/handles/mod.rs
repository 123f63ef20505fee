//! Which handles are live: the objects of RocksDB that Java holds pointers to.
//!
//! A handle is the object's address, as in RocksJava, so that upstream's natives work on the same
//! objects. This table knows, for every address that was ever a handle of ours, whether it still is
//! one and of what class. So a use after close is an error and not a use of freed memory, closing
//! twice is harmless, and a close waits for the uses under way.
//!
//! An address says nothing once the allocator has given it to another object. Closed objects are
//! therefore destroyed where they are, and their memory is kept from the allocator for a while
//! ([`quarantine`]), in which a stale handle is known to be one. A handle that is unknown, or was closed longer ago, is refused if only our natives make that class
//! ([`Kind::only_ours`]); else an upstream native made it, and it is taken as it is.
// #[HotPath]

mod barrier;
pub mod callback;
mod dependents;
mod frame;
mod kind;
mod quarantine;
mod table;
mod thread;

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Weak;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

pub use dependents::Dependents;
use frame::Frame;
pub use kind::Kind;
use table::{Entry, Phase};

/// Runs an object's destructor and leaves its memory as it is.
pub type Destroy = unsafe extern "C" fn(*mut c_void);
/// Gives the memory of a destroyed object back.
pub type Free = unsafe extern "C" fn(*mut c_void);

/// A close waits this long for uses of the handle; then the last of them finishes it.
const CLOSE_DEADLINE: Duration = Duration::from_secs(30);

/// Marks the handle in a slot as used by a callback: objects lie 16 bytes apart at least.
const OF_CALLBACK: usize = 1;

/// Makes ready for uses and closes. To be called when the library is loaded, before there is a
/// handle; without it a use costs a fence.
pub fn start() {
    barrier::decide();
}

/// A handle that stands for nothing: its object is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed(pub Kind);

/// Someone who wants to know when a use of a handle that is being closed has ended.
pub trait Owner: Send + Sync {
    /// A use ended; there may be others.
    fn left(&self);
}

/// Makes the address of a new object a live handle.
pub fn register(kind: Kind, handle: usize) {
    register_for(kind, handle, 0, None);
}

/// As [`register`], for an object whose `owner` closes it, and wants to know of uses that end
/// meanwhile.
pub fn register_owned(kind: Kind, handle: usize, owner: Weak<dyn Owner>) {
    register_for(kind, handle, 0, Some(owner));
}

/// As [`register`], for an object of the database (or reader) `parent`.
pub(crate) fn register_for(
    kind: Kind,
    handle: usize,
    parent: usize,
    owner: Option<Weak<dyn Owner>>,
) {
    Entry::of(handle).revive(kind, thread::current(), parent, owner);
}

/// Whether `handle` is a live handle of this kind in the table. Tells nothing about later.
pub fn is_live(kind: Kind, handle: usize) -> bool {
    table::find(handle).is_some_and(|entry| entry.is(kind, Phase::Live))
}

/// Whether `handle` is known to be of this kind no more, or not for long.
pub(crate) fn is_closed(kind: Kind, handle: usize) -> bool {
    table::find(handle).is_some_and(|entry| {
        entry.phase() != Phase::Live && (entry.phase() != Phase::Gone || was_database(kind, entry))
    })
}

/// The database behind `handle`, of which that may be a second address; else `handle` itself.
pub fn database_of(handle: usize) -> usize {
    table::find(handle)
        .filter(|entry| is_database(entry) && entry.phase() != Phase::Gone)
        .map(Entry::parent)
        .filter(|&database| database != 0)
        .unwrap_or(handle)
}

/// Makes `handle` one more address of the database `parent`, whose `owner` is this too. The object there
/// is the database's own, and is destroyed and freed by it.
pub(crate) fn register_second(handle: usize, parent: usize, owner: Weak<dyn Owner>) {
    register_for(Kind::RocksDb, handle, parent, Some(owner));
}

/// Forgets such an address, which is shut and in use by nobody, before its object is freed: anything may
/// be there next.
pub(crate) fn forget_second(handle: usize) {
    if let Some(entry) = table::find(handle) {
        entry.change(Kind::RocksDb, Phase::Closing, Phase::Gone);
    }
}

fn is_database(entry: &Entry) -> bool {
    entry.kind() == Kind::RocksDb as usize
}

/// Whether a database was at this address, and none is known to be there now. Whoever opens databases
/// makes them known, so it is refused; but RocksDB tells listeners of one that is only being opened.
#[cold]
fn was_database(kind: Kind, entry: &Entry) -> bool {
    kind == Kind::RocksDb && is_database(entry) && !callback::is_inside()
}

/// The use of an object: while one exists, the object is not destroyed.
///
/// For the length of one native call, on one thread.
#[must_use]
pub struct Lease {
    frame: &'static Frame,
    slot: usize,
    handle: usize,
    /// None for an object that an upstream native made.
    entry: Option<&'static Entry>,
    _this_thread: PhantomData<*const ()>,
}

impl Lease {
    /// Starts using the object behind `handle`.
    #[inline(always)]
    pub fn new(kind: Kind, handle: usize) -> Result<Lease, Closed> {
        let frame = Frame::current();
        let slot = frame.enter(handle);
        let entry = table::find(handle);
        let live = match entry {
            Some(entry) => entry.is(kind, Phase::Live) && entry.admits(kind, thread::current()),
            None => false,
        };
        let mut lease = Lease {
            frame,
            slot,
            handle,
            entry,
            _this_thread: PhantomData,
        };
        if !live {
            if !may_be_upstreams(kind, entry) {
                // With its entry, so that a closer who saw this hears of its end.
                drop(lease);
                return Lease::of_callback(kind, handle).ok_or(Closed(kind));
            }
            lease.entry = None;
        }
        Ok(lease)
    }

    /// The use of an object that is closing by a thread that RocksDB called Java on.
    ///
    /// It is shown beside the uses that the closer waits for first: that one waits for RocksDB's
    /// work to end, and so for this callback, before it waits for the callback's uses.
    #[cold]
    fn of_callback(kind: Kind, handle: usize) -> Option<Lease> {
        if !callback::is_inside() {
            return None;
        }
        let entry = table::find(handle)?;
        let frame = Frame::current();
        let shown = handle | OF_CALLBACK;
        let lease = Lease {
            frame,
            slot: frame.enter(shown),
            handle: shown,
            entry: Some(entry),
            _this_thread: PhantomData,
        };
        entry.is(kind, Phase::Callbacks).then_some(lease)
    }

    /// The handle of the database or reader that this object belongs to; 0 if that is not known.
    #[inline]
    pub fn parent(&self) -> usize {
        self.entry.map_or(0, Entry::parent)
    }
}

/// Whether a handle that is not live in the table can be that of an object of an upstream native. By
/// value, and not a part of [`Lease::new`], which is to stay in registers.
#[cold]
fn may_be_upstreams(kind: Kind, entry: Option<&'static Entry>) -> bool {
    !kind.only_ours()
        && entry.is_none_or(|entry| entry.phase() == Phase::Gone && !was_database(kind, entry))
}

impl Drop for Lease {
    #[inline(always)]
    fn drop(&mut self) {
        self.frame.leave(self.slot, self.handle);
        match self.entry {
            Some(entry) if entry.phase() == Phase::Live => {}
            Some(entry) => left(entry),
            None => left_unknown(self.handle),
        }
    }
}

/// As [`left`], for an object that was not known when its use began: it is known to whoever closes it.
#[cold]
fn left_unknown(handle: usize) {
    if let Some(entry) = table::find(handle) {
        if !matches!(entry.phase(), Phase::Live | Phase::Gone) {
            left(entry);
        }
    }
}

/// The use of an object by the thread that made it, as [`Lease`] is by any.
///
/// It is counted at the object's own entry and not shown in the thread's slots, which a library in a
/// JVM finds through a call only. Worth it for natives that are called many times for each key.
#[must_use]
pub struct MakersLease {
    entry: &'static Entry,
    _this_thread: PhantomData<*const ()>,
}

impl MakersLease {
    /// Starts using the object behind `handle`. None if it is not live, or another thread made it, or
    /// the first object at its address: what [`Lease::new`] has to say of it.
    #[inline(always)]
    pub fn new(kind: Kind, handle: usize) -> Option<MakersLease> {
        let entry = table::find(handle)?;
        if !entry.enter(kind) {
            return None;
        }
        Some(MakersLease {
            entry,
            _this_thread: PhantomData,
        })
    }
}

impl Drop for MakersLease {
    #[inline(always)]
    fn drop(&mut self) {
        self.entry.leave();
        if self.entry.phase() != Phase::Live {
            left(self.entry);
        }
    }
}

/// Orders the end of a use and the wait for it.
static PARKING: Mutex<()> = Mutex::new(());
static LEFT: Condvar = Condvar::new();

/// A use of a handle that is being closed has ended.
#[cold]
fn left(entry: &'static Entry) {
    drop(PARKING.lock());
    LEFT.notify_all();
    if entry.phase() == Phase::Late && !table::in_use(entry.handle()) {
        entry.destroy(Phase::Late);
    }
    if let Some(owner) = entry.owner() {
        owner.left();
    }
}

/// Lets no new use begin. True if this call closed it. The caller passes a barrier next.
fn shut(kind: Kind, handle: usize) -> bool {
    table::find(handle).is_some_and(|entry| {
        entry.change(kind, Phase::Live, Phase::Closing)
            || entry.change(kind, Phase::Callbacks, Phase::Closing)
    })
}

/// Lets no new use begin but on threads on which RocksDB calls Java, and sees those that have:
/// `handle` alone stands for the others, [`with_callbacks`] for all.
pub(crate) fn leave_to_callbacks(kind: Kind, handle: usize) {
    if let Some(entry) = table::find(handle) {
        entry.change(kind, Phase::Live, Phase::Callbacks);
    }
    barrier::heavy();
}

/// All forms in which a handle may be in use.
pub(crate) fn with_callbacks(handles: &[usize]) -> Vec<usize> {
    let forms = handles.iter().map(|handle| [*handle, handle | OF_CALLBACK]);
    forms.flatten().collect()
}

/// Lets no new use begin, and sees those that have: what is in use after this is all there is.
pub fn shut_and_see(kind: Kind, handle: usize) {
    shut(kind, handle);
    barrier::heavy();
}

/// Waits until nobody uses any of `handles`, which are shut; no longer than `deadline`.
pub fn wait_unused(handles: &[usize], deadline: Instant) -> bool {
    let mut parked = PARKING.lock();
    while any_in_use(handles) {
        if LEFT.wait_until(&mut parked, deadline).timed_out() {
            return !any_in_use(handles);
        }
    }
    true
}

/// Whether anybody uses one of `handles`, which are shut.
pub fn any_in_use(handles: &[usize]) -> bool {
    table::any_in_use(handles)
}

/// How many threads use each of `handles`, together. Only to tell people: uses come and go.
pub(crate) fn uses(handles: &[usize]) -> usize {
    handles.iter().map(|&handle| table::uses(handle)).sum()
}

/// Closes a handle of an object that belongs to Java alone: destroys the object once nobody uses it.
/// Closing again is harmless. An object that an upstream native made is closed as ours are. The
/// object's memory was allocated by C++'s plain `new`.
///
/// Waits for uses under way on other threads no longer than half a minute; after that the last of
/// them destroys the object.
///
/// # Safety
/// `handle`, if it is not a closed one, is the address of a live object of that kind which Java
/// gives up, and `destroy` is the destructor of that kind.
pub unsafe fn close(kind: Kind, handle: usize, destroy: Destroy) {
    let known = table::find(handle).filter(|entry| entry.phase() != Phase::Gone);
    let entry = match known {
        Some(entry) => entry,
        None if kind.only_ours() => return,
        // Made by an upstream native. From here on it is closed as ours are: behind the uses that have
        // begun, and with its memory kept, so that what uses it later is refused.
        None => Entry::of(handle).introduce(kind),
    };
    if !entry.change(kind, Phase::Live, Phase::Closing) {
        return;
    }
    entry.set_destroy(destroy);
    let alone = entry.only_used_by(thread::current());
    if !alone {
        barrier::heavy();
    }
    // A use further up on this very stack cannot be waited for.
    if !table::used_here(handle)
        && (alone || wait_unused(&[handle], Instant::now() + CLOSE_DEADLINE))
    {
        entry.destroy(Phase::Closing);
        return;
    }
    if entry.change(kind, Phase::Closing, Phase::Late) && !table::in_use(handle) {
        entry.destroy(Phase::Late);
    }
}

/// Marks the handle of an object that its owner has destroyed in place, and keeps its memory for a
/// while. The object was made with plain `new`.
pub fn destroyed(handle: NonNull<c_void>) {
    destroyed_with(handle, crate::ffi::venice_block_free);
}

/// As [`destroyed`], of an object whose memory has its own way back.
pub(crate) fn destroyed_with(handle: NonNull<c_void>, free: Free) {
    let entry = Entry::of(handle.as_ptr() as usize);
    entry.set_phase(Phase::Closed);
    quarantine::keep(entry, free);
}

/// Frees the memory of all closed objects: there are no stale handles any more, for the library is
/// being unloaded.
pub fn give_back() {
    quarantine::give_back();
}

/// The parent that the live object behind `handle` was registered with; 0 for none.
pub fn parent_of(kind: Kind, handle: usize) -> usize {
    table::find(handle)
        .filter(|entry| entry.is(kind, Phase::Live))
        .map_or(0, Entry::parent)
}

/// Makes the address of a new object a live handle that is refused once `parent` is closed.
pub fn register_under(kind: Kind, handle: usize, parent: usize) {
    register_for(kind, handle, parent, None);
}

/// Ends a handle whose object its owner destroys next, with memory that goes back at once: lets no new
/// use begin, and waits for those under way. False if they outlast half a minute, or are further up
/// on this very stack: then the object has to stay.
///
/// Only for kinds that are [ours alone](Kind::only_ours), whose handles are refused once they are
/// forgotten: the address may be that of anything next.
pub fn retire(kind: Kind, handle: usize) -> Result<bool, Closed> {
    let Some(entry) = table::find(handle).filter(|_| shut(kind, handle)) else {
        return Err(Closed(kind));
    };
    barrier::heavy();
    let unused =
        !table::used_here(handle) && wait_unused(&[handle], Instant::now() + CLOSE_DEADLINE);
    entry.set_phase(Phase::Gone);
    Ok(unused)
}

/// Forgets a handle whose object another one has consumed, for example a table factory that became
/// part of options. Its address may be that of a new object at any time.
pub fn consumed(kind: Kind, handle: usize) {
    if let Some(entry) = table::find(handle) {
        entry.change(kind, Phase::Live, Phase::Gone);
    }
}

#[cfg(test)]
mod tests;
