//! Counters for tests: what was fetched ahead, and what was answered by it.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

static FETCHED_AHEAD: AtomicUsize = AtomicUsize::new(0);

/// Blocks, and records of plain tables, that were fetched ahead in this process.
pub fn fetched_ahead() -> usize {
    FETCHED_AHEAD.load(Ordering::Relaxed)
}

pub(crate) fn was_fetched_ahead(found: usize) {
    FETCHED_AHEAD.fetch_add(found, Ordering::Relaxed);
}

static ALL_ANSWERED_DIRECTLY: AtomicUsize = AtomicUsize::new(0);

/// [`answered_directly`] of all threads.
pub fn all_answered_directly() -> usize {
    ALL_ANSWERED_DIRECTLY.load(Ordering::Relaxed)
}

thread_local! {
    static ANSWERED_DIRECTLY: Cell<usize> = const { Cell::new(0) };
}

/// Gets of this thread, and keys of batches, that were answered by a record that was found ahead, without `DB::Get` and
/// MultiGet.
pub fn answered_directly() -> usize {
    ANSWERED_DIRECTLY.get()
}

pub(crate) fn was_answered_directly() {
    ANSWERED_DIRECTLY.set(ANSWERED_DIRECTLY.get() + 1);
    ALL_ANSWERED_DIRECTLY.fetch_add(1, Ordering::Relaxed);
}
