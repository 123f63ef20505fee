//! Software prefetch: memory that will be read soon is fetched into the processor's cache ahead of the read.
// #[HotPath]

use smallvec::SmallVec;

use crate::cache_line::{prefetch_line, LINE};
use crate::database::ReadGuard;
use crate::ffi::{self, Db, RawSlice};

/// Longer memory the processor fetches ahead by itself, once it is read from the beginning.
const MAX: usize = 2048;

/// Keys that are fetched at once: `VENICE_PREFETCHED_AT_ONCE`. About as many as a processor has misses
/// under way, and few enough for its first cache.
pub(crate) const KEYS_AT_ONCE: usize = 16;

/// Begins to fetch what reads of the next [`KEYS_AT_ONCE`] of `keys` need, which are of plain tables. Tells in how
/// many tables it looks for them.
pub(crate) fn prefetch_plain<'k>(keys: impl Iterator<Item = (&'k ReadGuard, &'k [u8])>) -> usize {
    // SAFETY: as `with` says.
    with(keys, |count, dbs, keys| unsafe {
        ffi::venice_prefetch_plain(count, dbs, keys)
    })
}

/// The same of block-based tables, as far as the block cache has what they need. Tells how many blocks it found.
pub(crate) fn prefetch_blocks<'k>(keys: impl Iterator<Item = (&'k ReadGuard, &'k [u8])>) -> usize {
    // SAFETY: as `with` says.
    with(keys, |count, dbs, keys| unsafe {
        ffi::venice_prefetch_blocks(count, dbs, keys)
    })
}

/// Calls `fetch` with so many databases and their keys, if there are any: the databases stay open (rule 1, the
/// guards), both arrays have so many elements, and the keys live.
fn with<'k>(
    keys: impl Iterator<Item = (&'k ReadGuard, &'k [u8])>,
    fetch: impl FnOnce(usize, *const *mut Db, *const RawSlice) -> usize,
) -> usize {
    let keys = keys.take(KEYS_AT_ONCE);
    let (dbs, keys): (SmallVec<[_; KEYS_AT_ONCE]>, SmallVec<[_; KEYS_AT_ONCE]>) = keys
        .map(|(guard, key)| (guard.db(), RawSlice::new(key)))
        .unzip();
    if dbs.is_empty() {
        return 0;
    }
    fetch(dbs.len(), dbs.as_ptr(), keys.as_ptr())
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
