//! A buffer that the connections of a thread lend each other: one that has nothing to read or to write needs none.
// #[HotPath]

use std::cell::Cell;
use std::thread::LocalKey;

/// A buffer is not kept that is larger.
const MAX_KEPT: usize = 512 * 1024;

/// The buffer of a thread; empty while a connection has it.
pub(super) type Spare = Cell<Vec<u8>>;

/// Keeps the larger of two buffers for the next connection.
#[inline]
pub(super) fn keep(spare: &'static LocalKey<Spare>, buffer: Vec<u8>) {
    if buffer.capacity() > MAX_KEPT {
        return;
    }
    let other = spare.take();
    let larger = if buffer.capacity() > other.capacity() {
        buffer
    } else {
        other
    };
    spare.set(larger);
}
