//! Hooks for tests: one runs between the look-up of a store version's state and the read that uses it; one
//! counts what was fetched ahead.

use std::cell::RefCell;
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
