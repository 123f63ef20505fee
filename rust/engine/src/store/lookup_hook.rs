//! Hooks for tests: one runs between the look-up of a store version's state and the read that uses it; two
//! count what was fetched ahead, and what was answered by it.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering};

type Hook = Box<dyn FnMut()>;

thread_local! {
    static AFTER_STATE_LOOKUP: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

/// Has `hook` run behind each look-up of a state that this thread makes from now on, but for its own.
pub fn after_state_lookup(hook: impl FnMut() + 'static) {
    AFTER_STATE_LOOKUP.set(Some(Box::new(hook)));
}

pub(super) fn state_was_looked_up() {
    if let Some(mut hook) = AFTER_STATE_LOOKUP.take() {
        hook();
        AFTER_STATE_LOOKUP.set(Some(hook));
    }
}

static FETCHED_AHEAD: AtomicUsize = AtomicUsize::new(0);

/// Blocks, and records of plain tables, that were fetched ahead in this process.
pub fn fetched_ahead() -> usize {
    FETCHED_AHEAD.load(Ordering::Relaxed)
}

pub(super) fn was_fetched_ahead(found: usize) {
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

/// Gets of this thread that were answered by a record that was found ahead, without `DB::Get`.
pub fn answered_directly() -> usize {
    ANSWERED_DIRECTLY.get()
}

pub(super) fn was_answered_directly() {
    ANSWERED_DIRECTLY.set(ANSWERED_DIRECTLY.get() + 1);
    ALL_ANSWERED_DIRECTLY.fetch_add(1, Ordering::Relaxed);
}
