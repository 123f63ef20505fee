//! Buffers that the connections of a thread lend each other: one that has nothing to read or to write needs none.
// #[HotPath]

use std::cell::RefCell;
use std::thread::LocalKey;

/// Connections that are answered together at most, each with a buffer to write into.
pub(super) const MEMBERS: usize = 16;
/// A buffer is not kept that is larger.
const MAX_KEPT: usize = 512 * 1024;
/// None is kept beside the largest that is larger: what a few small calls are answered by.
const MAX_FEW: usize = 8 * 1024;

/// The buffers of a thread.
#[derive(Debug)]
pub(super) struct Buffers {
    largest: Vec<u8>,
    few: Vec<Vec<u8>>,
    /// How many of these are kept.
    most: usize,
}

pub(super) type Spare = RefCell<Buffers>;

/// None; so many will be kept beside the largest, for connections that have one each at a time.
pub(super) const fn nothing(most: usize) -> Spare {
    RefCell::new(Buffers {
        largest: Vec::new(),
        few: Vec::new(),
        most,
    })
}

/// The largest that is there, or an empty one.
#[inline]
pub(super) fn take(spare: &'static LocalKey<Spare>) -> Vec<u8> {
    spare.with_borrow_mut(|buffers| {
        if buffers.largest.capacity() > 0 {
            return std::mem::take(&mut buffers.largest);
        }
        buffers.few.pop().unwrap_or_default()
    })
}

/// Keeps a buffer for the next connection.
#[inline]
pub(super) fn keep(spare: &'static LocalKey<Spare>, buffer: Vec<u8>) {
    spare.with_borrow_mut(|buffers| buffers.keep(buffer));
}

impl Buffers {
    #[inline]
    fn keep(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() > MAX_KEPT {
            return;
        }
        if buffer.capacity() > self.largest.capacity() {
            std::mem::swap(&mut buffer, &mut self.largest);
        }
        let is_one = 0 < buffer.capacity() && buffer.capacity() <= MAX_FEW;
        if is_one && self.few.len() < self.most {
            self.few.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: usize = 5;

    thread_local! {
        static SPARE: Spare = const { nothing(FEW) };
        static ALONE: Spare = const { nothing(0) };
    }

    fn of(bytes: usize) -> Vec<u8> {
        Vec::with_capacity(bytes)
    }

    #[test]
    fn the_largest_is_lent_first_and_no_more_than_a_few_are_kept() {
        assert_eq!(take(&SPARE).capacity(), 0);
        for bytes in [100, MAX_KEPT + 1, MAX_FEW + 1, 200, MAX_KEPT, 300] {
            keep(&SPARE, of(bytes));
        }
        for expected in [MAX_KEPT, 300, 200, 100, 0] {
            assert_eq!(take(&SPARE).capacity(), expected);
        }
        for _ in 0..10 * FEW {
            keep(&SPARE, of(1024));
        }
        let kept = (0..).take_while(|_| take(&SPARE).capacity() > 0).count();
        assert_eq!(kept, FEW + 1);
        for bytes in [100, 300, 200] {
            keep(&ALONE, of(bytes));
        }
        let kept = [(); 2].map(|()| take(&ALONE).capacity());
        assert_eq!(kept, [300, 0]);
    }
}
