//! The table itself: one entry for each address that was ever a handle.
//!
//! Entries are never freed and never move, so finding one takes no lock, and a thread may hold one as
//! long as it likes. There are as many as different addresses: the allocator gives the same ones
//! again and again, and an entry is 128 bytes.
// #[HotPath]
// except locks: for a new handle, and for what closes alone ask of one.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU16, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::handles::barrier;
use crate::handles::hazard_slots;
use crate::handles::kind::{Destroy, Kind, Owner};
use crate::handles::thread_id;

/// How far an object's life has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Not a handle, or its memory is the allocator's again: anything may be there.
    Gone,
    /// In use by Java.
    Live,
    /// No new use begins; the closer waits for those under way.
    Closing,
    /// As `Closing`, and the closer waits no more: the last use destroys the object.
    Late,
    /// The destructor runs or has run; nothing else is at this address.
    Closed,
    /// Before `Closing`: new uses begin only on threads on which RocksDB calls Java.
    Callbacks,
    /// The destructor ran when the parent was closed. Java has still to close the handle, and nothing else is at this
    /// address until it does.
    Orphaned,
}

impl Phase {
    #[inline]
    fn from_bits(bits: u16) -> Phase {
        match bits & 0xFF {
            1 => Phase::Live,
            2 => Phase::Closing,
            3 => Phase::Late,
            4 => Phase::Closed,
            5 => Phase::Callbacks,
            6 => Phase::Orphaned,
            _ => Phase::Gone,
        }
    }
}

#[derive(Default)]
struct ColdFields {
    destroy: Option<Destroy>,
    owner: Option<Weak<dyn Owner>>,
}

/// Whether a use by the object's first thread has begun.
pub(crate) enum Entered {
    Yes,
    No,
    /// It has not, and whoever closes the object may have seen it, and waits until it hears otherwise.
    Seen,
}

/// What is known of one address. All that a use needs is in its first cache line.
#[repr(C, align(64))]
pub(crate) struct Entry {
    handle: usize,
    next: *const Entry,
    /// The thread that made the first object here, for the entry's life: `counted` is its own.
    first: usize,
    /// The thread that made the object.
    home: AtomicUsize,
    parent: AtomicUsize,
    /// Where the object is in its parent's list.
    index: AtomicU32,
    /// Uses under way by `first` that are in no slot. Only that thread writes it.
    counted: AtomicU32,
    /// Kind and phase in one word, so that both are read at once.
    state: AtomicU16,
    /// Whether a thread other than `home` ever used the object.
    shared: AtomicBool,
    rare: Mutex<ColdFields>,
}

// SAFETY: `handle` and `next` are written before the entry is published; the rest is atomic or
// locked.
unsafe impl Sync for Entry {}
// SAFETY: as above: an entry belongs to no thread.
unsafe impl Send for Entry {}

const BUCKETS: usize = 1 << 16;

/// Entries that are made at once: they lie side by side, as the objects they stand for are often used one
/// after the other.
const AT_ONCE: usize = 64;

/// Room for entries that nobody has yet.
static FRESH: Mutex<&mut [MaybeUninit<Entry>]> = Mutex::new(&mut []);

static TABLE: [AtomicPtr<Entry>; BUCKETS] = [const { AtomicPtr::new(ptr::null_mut()) }; BUCKETS];

#[inline]
fn bucket(handle: usize) -> &'static AtomicPtr<Entry> {
    // Objects lie 16 bytes apart at least; the multiplier is 2^64 by the golden ratio.
    let mixed = (handle as u64 >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    &TABLE[(mixed >> (64 - BUCKETS.trailing_zeros())) as usize]
}

/// The entry of an address that was a handle at some time.
#[inline]
pub(crate) fn find(handle: usize) -> Option<&'static Entry> {
    find_from(bucket(handle).load(Ordering::Acquire), handle)
}

#[inline]
fn find_from(head: *const Entry, handle: usize) -> Option<&'static Entry> {
    let mut next = head;
    loop {
        // SAFETY: entries are published once they are whole, and never freed.
        let entry = unsafe { next.as_ref() }?;
        if entry.handle == handle {
            return Some(entry);
        }
        next = entry.next;
    }
}

/// Calls `visit` with every entry.
pub(crate) fn each(mut visit: impl FnMut(&'static Entry)) {
    for bucket in &TABLE {
        let mut next = bucket.load(Ordering::Acquire).cast_const();
        // SAFETY: as in `find_from`.
        while let Some(entry) = unsafe { next.as_ref() } {
            visit(entry);
            next = entry.next;
        }
    }
}

/// Whether any thread uses `handle`. True for certain only of uses that began before a
/// [`barrier::heavy`] that the caller has behind it.
pub(crate) fn in_use(handle: usize) -> bool {
    find(handle).is_some_and(Entry::is_counted) || hazard_slots::any_uses(handle)
}

/// Whether any thread uses one of `handles`, as [`in_use`] says it.
pub(crate) fn any_in_use(handles: &[usize]) -> bool {
    match handles {
        [] => false,
        [handle] => in_use(*handle),
        _ => {
            // A database may have a hundred thousand iterators; what is in slots is little.
            let used = hazard_slots::all_used();
            handles.iter().any(|&handle| {
                find(handle).is_some_and(Entry::is_counted) || used.binary_search(&handle).is_ok()
            })
        }
    }
}

/// How many threads use `handle`.
pub(crate) fn uses(handle: usize) -> usize {
    let counted = find(handle).is_some_and(Entry::is_counted);
    usize::from(counted) + hazard_slots::uses(handle)
}

/// Whether this thread uses `handle`.
pub(crate) fn used_here(handle: usize) -> bool {
    let counted =
        find(handle).is_some_and(|entry| entry.first == thread_id::current() && entry.is_counted());
    counted || hazard_slots::HazardSlots::current().uses(handle)
}

#[inline]
const fn state(kind: Kind, phase: Phase) -> u16 {
    (kind as u16) << 8 | phase as u16
}

impl Entry {
    /// The entry of an address, made if there is none.
    pub(crate) fn of(handle: usize) -> &'static Entry {
        let bucket = bucket(handle);
        let mut head = bucket.load(Ordering::Acquire);
        if let Some(entry) = find_from(head, handle) {
            return entry;
        }
        // Behind this lock nobody else makes one.
        let mut fresh = FRESH.lock();
        head = bucket.load(Ordering::Acquire);
        if let Some(entry) = find_from(head, handle) {
            return entry;
        }
        if fresh.is_empty() {
            *fresh = Box::leak(Box::new_uninit_slice(AT_ONCE));
        }
        let rest = std::mem::take(&mut *fresh);
        let Some((room, rest)) = rest.split_first_mut() else {
            unreachable!("there were made {AT_ONCE} just now");
        };
        *fresh = rest;
        let entry = room.write(Entry {
            handle,
            next: head,
            first: thread_id::current(),
            home: AtomicUsize::new(0),
            parent: AtomicUsize::new(0),
            index: AtomicU32::new(0),
            counted: AtomicU32::new(0),
            state: AtomicU16::new(0),
            shared: AtomicBool::new(false),
            rare: Mutex::default(),
        });
        bucket.store(entry, Ordering::Release);
        entry
    }

    /// Where the object is in its parent's list; guarded by that one's lock.
    pub(crate) fn index(&self) -> u32 {
        self.index.load(Ordering::Relaxed)
    }

    pub(crate) fn set_index(&self, index: u32) {
        self.index.store(index, Ordering::Relaxed);
    }

    pub(crate) fn handle(&self) -> usize {
        self.handle
    }

    pub(crate) fn parent(&self) -> usize {
        self.parent.load(Ordering::Relaxed)
    }

    pub(crate) fn owner(&self) -> Option<Arc<dyn Owner>> {
        self.rare.lock().owner.as_ref()?.upgrade()
    }

    /// A new object is at this address.
    pub(crate) fn reset_live(
        &self,
        kind: Kind,
        home: usize,
        parent: usize,
        owner: Option<Weak<dyn Owner>>,
    ) {
        *self.rare.lock() = ColdFields {
            destroy: None,
            owner,
        };
        self.home.store(home, Ordering::Relaxed);
        self.parent.store(parent, Ordering::Relaxed);
        self.shared.store(false, Ordering::Relaxed);
        self.state.store(state(kind, Phase::Live), Ordering::SeqCst);
    }

    /// An object that an upstream native made is at this address, and used by any thread. Several
    /// closers may say so.
    pub(crate) fn introduce(&'static self, kind: Kind) -> &'static Entry {
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock();
        if self.phase() == Phase::Gone {
            self.reset_live(kind, 0, 0, None);
            self.shared.store(true, Ordering::SeqCst);
        }
        self
    }

    #[inline]
    pub(crate) fn is(&self, kind: Kind, phase: Phase) -> bool {
        self.state.load(Ordering::Acquire) == state(kind, phase)
    }

    #[inline]
    pub(crate) fn phase(&self) -> Phase {
        Phase::from_bits(self.state.load(Ordering::Acquire))
    }

    /// The last [`Kind`] of object that was here, as a number.
    pub(crate) fn kind(&self) -> usize {
        usize::from(self.state.load(Ordering::Relaxed) >> 8)
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        let kind = self.state.load(Ordering::Relaxed) & 0xFF00;
        self.state.store(kind | phase as u16, Ordering::SeqCst);
    }

    pub(crate) fn change(&self, kind: Kind, from: Phase, to: Phase) -> bool {
        let (from, to) = (state(kind, from), state(kind, to));
        self.state
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed)
            .is_ok()
    }

    pub(crate) fn set_destroy(&self, destroy: Destroy) {
        self.rare.lock().destroy = Some(destroy);
    }

    /// Shows a use by this thread to closers, if it is the one that made the first object here and also
    /// the present one. Every success needs one [`Entry::leave`].
    ///
    /// As a slot of the thread's [`hazard_slots`] does, but found without it: who makes an object mostly uses
    /// it too, an iterator four times for each key.
    #[inline(always)]
    pub(crate) fn enter(&'static self, kind: Kind) -> Entered {
        let me = thread_id::current();
        if self.first != me {
            return Entered::No;
        }
        let before = self.counted.load(Ordering::Relaxed);
        self.counted.store(before + 1, Ordering::Relaxed);
        barrier::light();
        // The maker is read behind the state: a new object at the address of a stale handle has one of
        // its own, whose close need not look for others.
        if self.is(kind, Phase::Live) && self.home.load(Ordering::Relaxed) == me {
            return Entered::Yes;
        }
        self.counted.store(before, Ordering::Release);
        match self.phase() {
            Phase::Live => Entered::No,
            _ => Entered::Seen,
        }
    }

    /// Ends the use that [`Entry::enter`] began.
    #[inline(always)]
    pub(crate) fn leave(&self) {
        let before = self.counted.load(Ordering::Relaxed);
        // Release: all that was done with the object comes before the closer sees it unused.
        self.counted.store(before - 1, Ordering::Release);
        barrier::light();
    }

    /// Whether its first thread uses the object without a slot.
    fn is_counted(&self) -> bool {
        self.counted.load(Ordering::Acquire) > 0
    }

    /// Notes the first use by a thread other than the maker's: from then on a closer has to look at
    /// all threads. False if the object was closed before that could be noted.
    #[inline]
    pub(crate) fn note_sharing(&self, kind: Kind, thread: usize) -> bool {
        self.home.load(Ordering::Relaxed) == thread
            || self.shared.load(Ordering::Relaxed)
            || self.share(kind)
    }

    #[cold]
    fn share(&self, kind: Kind) -> bool {
        // Either this sees the closer's mark, or the closer sees this one.
        self.shared.swap(true, Ordering::SeqCst);
        self.state.load(Ordering::SeqCst) == state(kind, Phase::Live)
    }

    /// Whether no thread but this one ever used the object. Asked behind a `change`.
    pub(crate) fn only_used_by(&self, thread: usize) -> bool {
        !self.shared.load(Ordering::SeqCst) && self.home.load(Ordering::Relaxed) == thread
    }

    /// Marks the object as destroyed, unless another thread is at it, and hands out its destructor, if
    /// it has one: who gets it runs it, once.
    pub(crate) fn begin_destroy(&self, from: Phase) -> Option<Destroy> {
        let before = self.state.load(Ordering::SeqCst);
        if Phase::from_bits(before) != from {
            return None;
        }
        let after = before & 0xFF00 | Phase::Closed as u16;
        self.state
            .compare_exchange(before, after, Ordering::SeqCst, Ordering::Relaxed)
            .ok()?;
        self.rare.lock().destroy.take()
    }
}
