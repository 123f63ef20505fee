//! For tests: the search through a block by itself, of any bytes (`cpp/testing_tables.h`).

use crate::ffi::RawSlice;

extern "C" {
    fn venice_testing_search(block: RawSlice, key: RawSlice, encoding: u8) -> u64;
}

/// Searches bytes as an index, and as a data block, for a key; the process ends if anything beyond them is read. Returns
/// how many bytes the value has that was found.
pub(crate) fn search_block(block: &[u8], key: &[u8], encoding: u8) -> Option<u64> {
    // SAFETY: rule 3.
    let found =
        unsafe { venice_testing_search(RawSlice::new(block), RawSlice::new(key), encoding) };
    (found != u64::MAX).then_some(found)
}
