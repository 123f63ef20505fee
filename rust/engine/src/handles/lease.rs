//! The use of an object, for the length of one native call.
// #[HotPath]

use std::marker::PhantomData;

use crate::handles::callback;
use crate::handles::close::{use_ended, OF_CALLBACK};
use crate::handles::hazard_slots::HazardSlots;
use crate::handles::kind::{Closed, Kind};
use crate::handles::register::was_database;
use crate::handles::table::{self, Entered, Entry, Phase};
use crate::handles::thread_id;

/// The use of an object: while one exists, the object is not destroyed.
///
/// For the length of one native call, on one thread.
#[must_use]
pub struct Lease {
    frame: &'static HazardSlots,
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
        let frame = HazardSlots::current();
        let slot = frame.enter(handle);
        let entry = table::find(handle);
        let live = match entry {
            Some(entry) => {
                entry.is(kind, Phase::Live) && entry.note_sharing(kind, thread_id::current())
            }
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
        let frame = HazardSlots::current();
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
            Some(entry) => use_ended(entry),
            None => left_unknown(self.handle),
        }
    }
}

/// As [`use_ended`], for an object that was not known when its use began: it is known to whoever closes it.
#[cold]
fn left_unknown(handle: usize) {
    if let Some(entry) = table::find(handle) {
        if !matches!(entry.phase(), Phase::Live | Phase::Gone) {
            use_ended(entry);
        }
    }
}

/// The use of an object by the thread that made it, as [`Lease`] is by any.
///
/// It is counted at the object's own entry and not shown in the thread's slots, which a library in a
/// JVM finds through a call only. Worth it for natives that are called many times for each key.
#[must_use]
pub struct OwnerThreadLease {
    entry: &'static Entry,
    _this_thread: PhantomData<*const ()>,
}

impl OwnerThreadLease {
    /// Starts using the object behind `handle`. None if it is not live, or another thread made it, or
    /// the first object at its address: what [`Lease::new`] has to say of it.
    #[inline(always)]
    pub fn new(kind: Kind, handle: usize) -> Option<OwnerThreadLease> {
        let entry = table::find(handle)?;
        match entry.enter(kind) {
            Entered::Yes => Some(OwnerThreadLease {
                entry,
                _this_thread: PhantomData,
            }),
            Entered::No => None,
            Entered::Seen => {
                use_ended(entry);
                None
            }
        }
    }
}

impl Drop for OwnerThreadLease {
    #[inline(always)]
    fn drop(&mut self) {
        self.entry.leave();
        if self.entry.phase() != Phase::Live {
            use_ended(self.entry);
        }
    }
}
