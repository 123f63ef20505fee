//! Reads in one go, and a way to step between a look-up of a state and the read by it.

use std::cell::RefCell;

use crate::{each, Key, ReadError, StoreVersion, Tier, Value};

type Hook = Box<dyn FnMut()>;

thread_local! {
    static AFTER_STATE_LOOKUP: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

/// Has `hook` run behind each look-up of a state that this thread makes from now on, but for its own.
pub fn after_state_lookup(hook: impl FnMut() + 'static) {
    AFTER_STATE_LOOKUP.set(Some(Box::new(hook)));
}

pub(crate) fn state_was_looked_up() {
    if let Some(mut hook) = AFTER_STATE_LOOKUP.take() {
        hook();
        AFTER_STATE_LOOKUP.set(Some(hook));
    }
}

impl StoreVersion {
    /// One get, by the state as of now, of a value of any size.
    pub fn get<R>(
        &self,
        partition: i32,
        key: &[u8],
        tier: Tier,
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        self.reader(tier)?.get(partition, key, usize::MAX, found)
    }

    /// One batch, by the state as of now, of values of any size.
    pub fn multi_get(
        &self,
        keys: &[Key<'_>],
        tier: Tier,
        found: impl FnMut(usize, Option<Value<'_>>),
    ) -> Result<(), ReadError> {
        self.reader(tier)?.multi_get(keys, &mut each(found))
    }
}
