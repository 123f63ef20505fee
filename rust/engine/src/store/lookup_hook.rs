//! A hook for tests: it runs between the look-up of a store version's state and the read that uses it.

use std::cell::RefCell;

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
