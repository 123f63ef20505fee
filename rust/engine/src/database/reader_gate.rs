//! Rundown protection: counts readers, refuses new ones once a close has begun, and wakes the closer when
//! the last one has left.
//!
//! Java closes and reopens a database while requests are being answered from it, and expects its
//! files and its lock to be free when the native returns. So closing shuts the gate and waits;
//! counting is all that is needed, as reads are short and have a deadline.
//!
//! # Who writes what
//!
//! Each thread that reads counts in a *cell* of its own, by plain stores: so workers on many cores write no line of the cache that
//! another one reads or writes. A reader counts itself in, and then looks whether the gate is shut; a closer shuts it, and then looks
//! at all cells. One of the two sees the other by the barrier between these two steps, for which closers pay (the asymmetric
//! fence of `handles`). So too at the end: a reader counts itself out, and then looks whether somebody waits. Threads that have no number
//! ([`reader_number`]) share one cell, by atomic additions.
//!
//! What a reader looks at last may be the gate of a database that is gone by then: whoever waited for it has seen that it left. So
//! what a gate is made of is never freed, but kept for gates to come; a reader that is late meets one that is not shut, or wakes somebody in vain.
// #[HotPath]
// except locks: a close waits behind one; a reader takes it if the gate was shut while it was inside.

use std::marker::PhantomData;
use std::sync::atomic::{fence, AtomicBool, AtomicU64, Ordering};
use std::sync::{OnceLock, Weak};
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use crate::database::reader_number::{self, NUMBERS};
use crate::handles::{self, Owner};

/// The bits below it count readers that are inside. Those from it on count readers that came in; that number begins again at 0 after 2^32.
const CAME: u64 = 1 << 32;
/// Readers that are inside.
const INSIDE: u64 = CAME - 1;

/// Lets readers in until it is shut.
pub(crate) struct ReaderGate {
    core: &'static Core,
    /// Who came in through the gates that had it before.
    came_before: u32,
}

/// What a gate is made of.
struct Core {
    /// Only closers write it.
    shut: AtomicBool,
    /// By the numbers of threads; made for those that come.
    cells: [OnceLock<Box<Readers>>; NUMBERS],
    /// Those of all threads that have no number.
    crowd: Readers,
    /// Orders the leaving of readers and the wait for it; has whom to tell.
    waits: Mutex<Option<Weak<dyn Owner>>>,
    left: Condvar,
}

/// Readers of one thread. Alone on its cache lines: two of them, as processors fetch lines in pairs.
#[derive(Default)]
#[repr(align(128))]
struct Readers(AtomicU64);

/// Those that no gate has.
static SPARE: Mutex<Vec<&'static Core>> = Mutex::new(Vec::new());

/// A reader that is inside; out when this is dropped. It stays on its thread, which alone writes its cell.
pub(crate) struct Inside {
    core: &'static Core,
    /// `None` is the crowd's.
    cell: Option<&'static Readers>,
    of_thread: PhantomData<*const ()>,
}

impl Readers {
    /// Only for the thread whose cell it is.
    #[inline]
    fn add(&self, reader: u64) {
        let now = self.0.load(Ordering::Relaxed);
        self.0.store(now.wrapping_add(reader), Ordering::Relaxed);
    }

    /// As [`Readers::add`].
    #[inline]
    fn leave(&self) {
        let now = self.0.load(Ordering::Relaxed);
        // Release: everything this reader did with the database happens before the close.
        self.0.store(now.wrapping_sub(1), Ordering::Release);
    }
}

impl Core {
    fn new() -> Core {
        Core {
            shut: AtomicBool::new(false),
            cells: [const { OnceLock::new() }; NUMBERS],
            crowd: Readers::default(),
            waits: Mutex::new(None),
            left: Condvar::new(),
        }
    }

    #[inline]
    fn is_shut(&self) -> bool {
        self.shut.load(Ordering::Acquire)
    }

    #[inline]
    fn cell(&'static self, number: usize) -> Option<&'static Readers> {
        let cell = self.cells.get(number)?;
        Some(cell.get_or_init(Box::default))
    }

    fn all(&self) -> impl Iterator<Item = u64> + '_ {
        let cells = self.cells.iter().filter_map(OnceLock::get);
        let cells = cells.map(|cell| cell.0.load(Ordering::Acquire));
        cells.chain([self.crowd.0.load(Ordering::Acquire)])
    }

    /// Exact once the gate is shut, behind the barrier: a thread that has nobody inside then lets nobody in any more.
    fn readers(&self) -> u64 {
        self.all().map(|cell| cell & INSIDE).sum()
    }

    /// Modulo 2^32.
    fn came(&self) -> u32 {
        let came = self.all().map(|cell| (cell / CAME) as u32);
        came.fold(0, u32::wrapping_add)
    }

    /// A reader has left a gate that is shut.
    #[cold]
    fn tell(&self) {
        // Of two that leave together one sees that both have left.
        fence(Ordering::SeqCst);
        let owner = self.waits.lock().clone();
        self.left.notify_all();
        if let Some(owner) = owner.and_then(|owner| owner.upgrade()) {
            owner.left();
        }
    }
}

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        match self.cell {
            Some(cell) => cell.leave(),
            None => drop(self.core.crowd.0.fetch_sub(1, Ordering::SeqCst)),
        }
        handles::light();
        // From here on the database may be gone.
        if self.core.is_shut() {
            self.core.tell();
        }
    }
}

impl Inside {
    /// Counts one among those who came in who is inside by [`ReaderGate::look`].
    #[inline]
    pub(crate) fn count(&self) {
        match self.cell {
            Some(cell) => cell.add(CAME),
            None => drop(self.core.crowd.0.fetch_add(CAME, Ordering::Relaxed)),
        }
    }
}

impl ReaderGate {
    /// Open. `owner` is told whenever a reader has left that was inside when the gate was shut, or came then.
    pub(crate) fn new(owner: Option<Weak<dyn Owner>>) -> ReaderGate {
        let spare = SPARE.lock().pop();
        let core = spare.unwrap_or_else(|| Box::leak(Box::new(Core::new())));
        *core.waits.lock() = owner;
        ReaderGate {
            core,
            came_before: core.came(),
        }
    }

    /// Counts a reader in, unless the gate is shut.
    #[inline]
    pub(crate) fn enter(&self) -> Option<Inside> {
        self.enter_as(CAME | 1, reader_number::take())
    }

    /// [`ReaderGate::enter`] of one who reads nothing for a client, and does not count among those who came.
    #[inline]
    pub(crate) fn look(&self) -> Option<Inside> {
        self.enter_as(1, reader_number::current())
    }

    #[inline]
    fn enter_as(&self, reader: u64, number: Option<usize>) -> Option<Inside> {
        let core = self.core;
        if core.is_shut() {
            return None;
        }
        let inside = Inside {
            core,
            cell: number.and_then(|number| core.cell(number)),
            of_thread: PhantomData,
        };
        match inside.cell {
            Some(cell) => cell.add(reader),
            None => drop(core.crowd.0.fetch_add(reader, Ordering::SeqCst)),
        }
        handles::light();
        // If it was shut in between, what was counted is only a visit: it leaves, and nobody reads under it.
        (!core.is_shut()).then_some(inside)
    }

    /// Shuts the gate for good: who is inside may finish, nobody else gets in. Sees who is inside.
    pub(crate) fn shut(&self) {
        self.core.shut.store(true, Ordering::SeqCst);
        handles::heavy();
    }

    /// True once it was shut.
    #[inline]
    pub(crate) fn is_shut(&self) -> bool {
        self.core.is_shut()
    }

    /// Readers inside. Exact once [`ReaderGate::shut`] has returned.
    pub(crate) fn readers(&self) -> u64 {
        self.core.readers()
    }

    /// Readers that came in since it was made, modulo 2^32.
    pub(crate) fn came(&self) -> u32 {
        self.core.came().wrapping_sub(self.came_before)
    }

    /// Waits until nobody is inside, at the longest until `deadline`. The gate must be shut.
    pub(crate) fn wait_drained(&self, deadline: Instant) -> bool {
        let mut waits = self.core.waits.lock();
        while self.readers() != 0 {
            if self.core.left.wait_until(&mut waits, deadline).timed_out() {
                return self.readers() == 0;
            }
        }
        true
    }
}

impl Drop for ReaderGate {
    fn drop(&mut self) {
        *self.core.waits.lock() = None;
        // Nobody comes any more. If somebody is inside, which is against the rules, it is not used again.
        if self.core.readers() == 0 {
            self.core.shut.store(false, Ordering::SeqCst);
            SPARE.lock().push(self.core);
        }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
