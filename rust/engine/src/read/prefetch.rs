//! Software prefetch: memory that will be read soon is fetched into the processor's cache ahead of the read.
// #[HotPath]

use std::ptr;

use smallvec::SmallVec;

use crate::cache_line::{prefetch_line, LINE};
use crate::database::ReadGuard;
use crate::ffi::{self, RawSlice, RawSought};

/// Longer memory the processor fetches ahead by itself, once it is read from the beginning.
const MAX: usize = 2048;

/// Keys that are fetched at once. About as many as a processor has misses under way, and few enough for its first
/// cache.
pub(crate) const KEYS_AT_ONCE: usize = ffi::PREFETCHED_AT_ONCE;

/// Begins to fetch what reads of the next [`KEYS_AT_ONCE`] of `keys` need, which are of plain tables.
pub(crate) fn prefetch_plain<'k>(keys: impl Iterator<Item = (&'k ReadGuard, &'k [u8])>) {
    let keys = keys.take(KEYS_AT_ONCE).map(|(guard, key)| RawSought {
        db: guard.db(),
        key: RawSlice::new(key),
        may_answer: 0,
    });
    let keys: SmallVec<[_; KEYS_AT_ONCE]> = keys.collect();
    // SAFETY: rule 1 (the guards) and 3: so many keys, which live; nothing is asked for.
    unsafe {
        ffi::venice_prefetch_plain(keys.len(), keys.as_ptr(), ptr::null_mut(), ptr::null_mut());
    }
}

/// Begins to fetch `bytes`.
#[inline]
pub(crate) fn prefetch(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(MAX)];
    for line in bytes.chunks(LINE) {
        prefetch_line(line.as_ptr());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_memory_may_be_named() {
        prefetch(&[]);
        prefetch(&[7]);
        prefetch(&vec![7; 3 * MAX + 1]);
        prefetch_line(std::ptr::null());
    }
}
