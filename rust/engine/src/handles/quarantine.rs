//! Memory of closed objects, kept from the allocator for a while.
//!
//! As long as the memory is here, no other object has its address, so a stale handle is known to be
//! one. What comes later in is kept, what came first goes: a handle stays known for at least
//! [`BLOCKS`] further closes.

use std::collections::VecDeque;
use std::ffi::c_void;

use parking_lot::Mutex;

use super::table::{Entry, Phase};
use super::Free;

/// Objects kept. The largest that are many, iterators, take 3 KiB each.
const BLOCKS: usize = 1024;

static KEPT: Mutex<VecDeque<(&'static Entry, Free)>> = Mutex::new(VecDeque::new());

/// Takes over the memory of a destroyed object; gives that of the oldest one back.
pub(crate) fn keep(entry: &'static Entry, free: Free) {
    let oldest = {
        let mut kept = KEPT.lock();
        kept.push_back((entry, free));
        if kept.len() <= BLOCKS {
            return;
        }
        kept.pop_front()
    };
    if let Some((oldest, free)) = oldest {
        // Before its address may be that of another object.
        oldest.set_phase(Phase::Gone);
        // SAFETY: the object is destroyed, and its memory was given up to `keep`, once.
        unsafe { free(oldest.handle() as *mut c_void) };
    }
}
