//! Whether connections of a worker become readable together: counted between two sleeps of its thread.
// #[HotPath]

use std::cell::Cell;

thread_local! {
    /// Times that bytes came since the thread slept last, and between the two sleeps before.
    static NOW: Cell<u32> = const { Cell::new(0) };
    static BEFORE: Cell<u32> = const { Cell::new(0) };
}

/// Notes that bytes came on a connection of this thread. Whether others came or are likely to come beside them: then it pays to
/// look whether they did.
#[inline]
pub(crate) fn comes() -> bool {
    let now = NOW.get().saturating_add(1);
    NOW.set(now);
    now > 1 || BEFORE.get() > 1
}

/// The thread has slept, or had nothing to do.
#[inline]
pub(crate) fn woke() {
    BEFORE.set(NOW.take());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_has_no_company() {
        woke();
        woke();
        for _ in 0..3 {
            assert!(!comes());
            woke();
        }
        // The second knows of the first, and the next ones of them both.
        assert!(!comes() && comes());
        woke();
        assert!(comes());
        woke();
        assert!(!comes());
    }
}
