//! The end of a handle: no new use begins, those under way are waited for, the object is destroyed, and its
//! memory is kept for a while.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::ffi;
use crate::handles::barrier;
use crate::handles::kind::{Closed, Destroy, Free, Kind};
use crate::handles::quarantine;
use crate::handles::table::{self, Entry, Phase};
use crate::handles::thread_id;

/// A close waits this long for uses of the handle; then the last of them finishes it.
const CLOSE_DEADLINE: Duration = Duration::from_secs(30);

/// Marks the handle in a slot as used by a callback: objects lie 16 bytes apart at least.
pub(super) const OF_CALLBACK: usize = 1;

/// Orders the end of a use and the wait for it.
static PARKING: Mutex<()> = Mutex::new(());
static LEFT: Condvar = Condvar::new();

/// A use of a handle that is being closed has ended.
#[cold]
pub(super) fn use_ended(entry: &'static Entry) {
    drop(PARKING.lock());
    LEFT.notify_all();
    if entry.phase() == Phase::Late && !table::in_use(entry.handle()) {
        destroy_now(entry, Phase::Late);
    }
    if let Some(owner) = entry.owner() {
        owner.left();
    }
}

/// Lets no new use begin. True if this call closed it. The caller passes a barrier next.
pub(super) fn shut(kind: Kind, handle: usize) -> bool {
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
    if entry.change(kind, Phase::Orphaned, Phase::Closed) {
        quarantine::keep(entry, ffi::venice_block_free);
        return;
    }
    if !entry.change(kind, Phase::Live, Phase::Closing) {
        return;
    }
    entry.set_destroy(destroy);
    let alone = entry.only_used_by(thread_id::current());
    if !alone {
        barrier::heavy();
    }
    // A use further up on this very stack cannot be waited for.
    if !table::used_here(handle)
        && (alone || wait_unused(&[handle], Instant::now() + CLOSE_DEADLINE))
    {
        destroy_now(entry, Phase::Closing);
        return;
    }
    if entry.change(kind, Phase::Closing, Phase::Late) && !table::in_use(handle) {
        destroy_now(entry, Phase::Late);
    }
}

/// Marks the handle of an object that its owner has destroyed in place, and keeps its memory for a
/// while. The object was made with plain `new`.
pub fn destroyed(handle: NonNull<c_void>) {
    destroyed_with(handle, ffi::venice_block_free);
}

/// As [`destroyed`], of an object that was destroyed with its parent. A handle of a kind that upstream makes too, and
/// which is not known, would be taken for a live one when Java closes it: its memory stays until then, however many
/// others there are.
pub(super) fn destroyed_with_parent(kind: Kind, handle: NonNull<c_void>) {
    if kind.only_ours() {
        destroyed(handle);
    } else {
        Entry::of(handle.as_ptr() as usize).set_phase(Phase::Orphaned);
    }
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
    table::each(|entry| {
        if entry.phase() == Phase::Orphaned {
            entry.set_phase(Phase::Closed);
            quarantine::keep(entry, ffi::venice_block_free);
        }
    });
    quarantine::give_back();
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

/// Destroys the object, unless another thread is at it. Nobody uses it.
fn destroy_now(entry: &'static Entry, from: Phase) {
    if let Some(destroy) = entry.begin_destroy(from) {
        // SAFETY: whoever closed the handle gave its word for it; this is the one call.
        unsafe { destroy(entry.handle() as *mut c_void) };
        quarantine::keep(entry, ffi::venice_block_free);
    }
}
