//! Numbers of store versions, for who keeps something for each of them without looking names up.

use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;

/// The number of a store version while it is in this process.
///
/// `index` is small, and used again once the store version is gone; `serial` then differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoreNumber {
    /// From 0; below the number of store versions that were here at one time.
    pub index: u32,
    /// From 1, in the order in which they came.
    pub serial: u32,
}

/// Gives the index back when it goes.
pub(crate) struct Numbered(StoreNumber);

/// Slots below `used` that are free.
struct Slots {
    used: u32,
    free: Vec<u32>,
}

static SLOTS: Mutex<Slots> = Mutex::new(Slots {
    used: 0,
    free: Vec::new(),
});

impl Numbered {
    pub(crate) fn new() -> Numbered {
        static SERIALS: AtomicU32 = AtomicU32::new(1);
        let mut slots = SLOTS.lock();
        let index = slots.free.pop().unwrap_or_else(|| {
            slots.used += 1;
            slots.used - 1
        });
        Numbered(StoreNumber {
            index,
            serial: SERIALS.fetch_add(1, Ordering::Relaxed),
        })
    }

    pub(crate) fn get(&self) -> StoreNumber {
        self.0
    }
}

impl Drop for Numbered {
    fn drop(&mut self) {
        SLOTS.lock().free.push(self.0.index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_again_and_serials_are_not() {
        let (one, two) = (Numbered::new(), Numbered::new());
        assert_ne!(one.get().index, two.get().index);
        let gone = two.get();
        drop(two);
        // Other tests take slots meanwhile, so only what holds at any time is checked.
        let three = Numbered::new();
        assert_ne!(three.get().index, one.get().index);
        assert!(three.get().serial > gone.serial);
    }
}
