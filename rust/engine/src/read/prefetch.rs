//! Software prefetch: memory that will be read soon is fetched into the processor's cache ahead of the read.
// #[HotPath]

use crate::cache_line::{prefetch_line, LINE};
use crate::ffi;

/// Longer memory the processor fetches ahead by itself, once it is read from the beginning.
const MAX: usize = 2048;

/// Keys that are fetched at once. About as many as a processor has misses under way, and few enough for its first
/// cache.
pub(crate) const KEYS_AT_ONCE: usize = ffi::PREFETCHED_AT_ONCE;

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
