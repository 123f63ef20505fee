//! Hazard slots: what each thread is using right now, where closers can see it.
//!
//! A thread writes the handle it is about to use into a slot of its own, and only then looks whether
//! the handle is live; a closer marks the handle first, and only then looks at the slots. One of the
//! two sees the other by the barriers between the two steps ([`barrier`]), for which closers pay
//! where the system lets them: then a use costs two plain stores.
// #[HotPath]
// except locks: for more uses at a time than a thread has slots; closes look behind it too.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::handles::barrier;

/// Handles that one thread can use at a time without taking a lock.
const SLOTS: usize = 8;

/// The slots of one thread. Frames are never freed: a thread that ends leaves its own to another.
#[repr(align(128))]
pub(crate) struct HazardSlots {
    slots: [AtomicUsize; SLOTS],
    /// One bit for each free slot. Only its thread touches it.
    free: Cell<u8>,
    /// What does not fit into the slots, for example a multi-get's many column families.
    crowded: AtomicBool,
    rest: Mutex<Vec<usize>>,
    taken: AtomicBool,
    next: AtomicPtr<HazardSlots>,
}

// SAFETY: `free` is touched by the thread that has `taken` the frame only; the rest is atomic or
// locked.
unsafe impl Sync for HazardSlots {}

/// Every frame there ever was.
static FRAMES: AtomicPtr<HazardSlots> = AtomicPtr::new(ptr::null_mut());

/// Gives the frame back when its thread ends.
struct Attached(&'static HazardSlots);

thread_local! {
    static CURRENT: Cell<Option<&'static HazardSlots>> = const { Cell::new(None) };
    static ATTACHED: Cell<Option<Attached>> = const { Cell::new(None) };
}

impl Drop for Attached {
    fn drop(&mut self) {
        CURRENT.set(None);
        self.0.taken.store(false, Ordering::Release);
    }
}

impl HazardSlots {
    /// The calling thread's.
    #[inline]
    pub(crate) fn current() -> &'static HazardSlots {
        match CURRENT.get() {
            Some(frame) => frame,
            None => HazardSlots::attach(),
        }
    }

    #[cold]
    fn attach() -> &'static HazardSlots {
        let frame = all()
            .find(|frame| {
                frame
                    .taken
                    .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
            })
            .unwrap_or_else(HazardSlots::publish);
        CURRENT.set(Some(frame));
        // Fails in a thread that is past its end, whose frame then stays its own.
        let _ = ATTACHED.try_with(|attached| attached.set(Some(Attached(frame))));
        frame
    }

    fn publish() -> &'static HazardSlots {
        let frame: &'static HazardSlots = Box::leak(Box::new(HazardSlots {
            slots: Default::default(),
            free: Cell::new(u8::MAX),
            crowded: AtomicBool::new(false),
            rest: Mutex::default(),
            taken: AtomicBool::new(true),
            next: AtomicPtr::new(ptr::null_mut()),
        }));
        let published = ptr::from_ref(frame).cast_mut();
        let mut head = FRAMES.load(Ordering::Acquire);
        loop {
            frame.next.store(head, Ordering::Relaxed);
            match FRAMES.compare_exchange(head, published, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return frame,
                Err(other) => head = other,
            }
        }
    }

    /// Tells one thread from another, among those that are running.
    #[cfg(any(
        test,
        not(all(
            target_os = "linux",
            any(target_arch = "x86_64", target_arch = "aarch64")
        ))
    ))]
    pub(crate) fn id(&self) -> usize {
        ptr::from_ref(self) as usize
    }

    /// Shows the use of a handle to closers; what is read after this is read behind the barrier.
    /// Every result needs one [`HazardSlots::leave`]. Only for the frame of the calling thread.
    #[inline]
    pub(crate) fn enter(&self, handle: usize) -> usize {
        let free = self.free.get();
        if free == 0 {
            self.enter_crowded(handle);
            barrier::light();
            return SLOTS;
        }
        let slot = free.trailing_zeros() as usize;
        self.free.set(free & (free - 1));
        self.slots[slot].store(handle, Ordering::Relaxed);
        barrier::light();
        slot
    }

    /// Ends the use that [`HazardSlots::enter`] put into `slot`.
    #[inline]
    pub(crate) fn leave(&self, slot: usize, handle: usize) {
        if slot == SLOTS {
            self.leave_crowded(handle);
        } else {
            // Release: all that was done with the object comes before the closer sees it unused.
            self.slots[slot].store(0, Ordering::Release);
            self.free.set(self.free.get() | 1 << slot);
        }
        barrier::light();
    }

    #[cold]
    fn enter_crowded(&self, handle: usize) {
        self.rest.lock().push(handle);
        self.crowded.store(true, Ordering::Relaxed);
    }

    #[cold]
    fn leave_crowded(&self, handle: usize) {
        let mut rest = self.rest.lock();
        if let Some(found) = rest.iter().rposition(|&other| other == handle) {
            rest.swap_remove(found);
        }
        self.crowded.store(!rest.is_empty(), Ordering::Relaxed);
    }

    /// Whether this thread uses `handle`.
    pub(crate) fn uses(&self, handle: usize) -> bool {
        let in_slots = self
            .slots
            .iter()
            .any(|slot| slot.load(Ordering::Acquire) == handle);
        in_slots || (self.crowded.load(Ordering::Acquire) && self.rest.lock().contains(&handle))
    }
}

fn all() -> impl Iterator<Item = &'static HazardSlots> {
    let mut next = FRAMES.load(Ordering::Acquire);
    std::iter::from_fn(move || {
        // SAFETY: frames are published once they are whole, and never freed.
        let frame = unsafe { next.as_ref() }?;
        next = frame.next.load(Ordering::Relaxed);
        Some(frame)
    })
}

/// Whether any thread has `handle` in its slots. True for certain only of uses that began before a
/// [`barrier::heavy`] that the caller has behind it.
pub(crate) fn any_uses(handle: usize) -> bool {
    all().any(|frame| frame.uses(handle))
}

/// All handles that are in slots, in their order; for who asks for many.
pub(crate) fn all_used() -> Vec<usize> {
    let mut used = Vec::new();
    for frame in all() {
        let slots = frame.slots.iter().map(|slot| slot.load(Ordering::Acquire));
        used.extend(slots.filter(|&handle| handle != 0));
        if frame.crowded.load(Ordering::Acquire) {
            used.extend_from_slice(&frame.rest.lock());
        }
    }
    used.sort_unstable();
    used
}

/// How many threads have `handle` in their slots.
pub(crate) fn uses(handle: usize) -> usize {
    all().filter(|frame| frame.uses(handle)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_seen_until_it_ends() {
        let frame = HazardSlots::current();
        let slot = frame.enter(0xF00);
        assert!(any_uses(0xF00));
        assert!(!any_uses(0xF10));
        frame.leave(slot, 0xF00);
        assert!(!any_uses(0xF00));
    }

    #[test]
    fn more_uses_than_slots_are_seen_too() {
        let frame = HazardSlots::current();
        let handles: Vec<usize> = (1..=3 * SLOTS).map(|i| 0xA0_0000 + i).collect();
        let slots: Vec<usize> = handles.iter().map(|&handle| frame.enter(handle)).collect();
        assert!(handles.iter().all(|&handle| any_uses(handle)));
        for (&slot, &handle) in slots.iter().zip(&handles) {
            frame.leave(slot, handle);
            assert!(!any_uses(handle));
        }
        assert_eq!(frame.free.get(), u8::MAX);
    }

    #[test]
    fn a_frame_outlives_its_thread_and_is_taken_again() {
        let count = || all().count();
        std::thread::spawn(|| HazardSlots::current().id())
            .join()
            .unwrap();
        let before = count();
        for _ in 0..20 {
            std::thread::spawn(|| HazardSlots::current().id())
                .join()
                .unwrap();
        }
        // Other tests run meanwhile, each with a frame of its own.
        assert!(count() < before + 20);
    }
}
