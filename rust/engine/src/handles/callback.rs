//! Whether this thread is inside a call of RocksDB's into Java: a listener, a logger, a comparator,
//! or whatever else an application hands to RocksDB.
//!
//! Such a thread works for the database. It may use it while it closes, until RocksDB's work is
//! done, as `DB::Close` does parts of that work itself: a flush with its listeners. And it must not
//! be the one that closes, because a close waits for the work.

use std::cell::Cell;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// RocksDB is about to call Java on this thread. Needs one [`end`].
pub fn begin() {
    DEPTH.set(DEPTH.get().saturating_add(1));
}

/// Java has returned.
pub fn end() {
    DEPTH.set(DEPTH.get().saturating_sub(1));
}

/// Whether RocksDB called Java on this thread, and Java has not returned.
pub fn is_inside() -> bool {
    DEPTH.get() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_nest_and_belong_to_their_thread() {
        assert!(!is_inside());
        begin();
        begin();
        end();
        assert!(is_inside());
        assert!(!std::thread::spawn(is_inside).join().unwrap());
        end();
        assert!(!is_inside());
        end();
        assert!(!is_inside());
    }
}
