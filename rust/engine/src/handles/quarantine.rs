//! Memory of closed objects, kept from the allocator for a while.
//!
//! As long as the memory is here, no other object has its address, so a stale handle is known to be
//! one. Each kind has a queue of its own, so that short-lived objects do not push out databases: a
//! stale handle stays known until [`BLOCKS`] more of its kind are closed, [`ITERATORS`] of iterators.

use std::collections::VecDeque;
use std::ffi::c_void;
use std::ptr;

use parking_lot::Mutex;

use crate::cache_line::prefetch_line;
use crate::handles::kind::{Free, Kind};
use crate::handles::table::{Entry, Phase};

/// Objects kept of each kind.
const BLOCKS: usize = 1024;
/// Iterators kept. They take 2.5 KiB each, and all of that is written when one is made: with more, a scan
/// finds its iterator's memory in no cache of its core, which costs more than what it reads.
const ITERATORS: usize = 128;
/// Databases kept: a `rocksdb::DBImpl` takes some 10 KiB.
const DATABASES: usize = 256;

/// Where the heap keeps the length of a block, before it.
const HEAP_HEADER: usize = 16;

type Queue = Mutex<VecDeque<(&'static Entry, Free)>>;

static KEPT: [Queue; Kind::COUNT] = [const { Mutex::new(VecDeque::new()) }; Kind::COUNT];

/// Takes over the memory of a destroyed object; gives that of the oldest one back.
pub(crate) fn keep(entry: &'static Entry, free: Free) {
    let kind = entry.kind();
    let most = if kind == Kind::RocksDb as usize {
        DATABASES
    } else if kind == Kind::RocksIterator as usize || kind == Kind::SstFileReaderIterator as usize {
        ITERATORS
    } else {
        BLOCKS
    };
    let oldest = {
        let mut kept = KEPT[kind].lock();
        kept.push_back((entry, free));
        if kept.len() <= most {
            return;
        }
        let oldest = kept.pop_front();
        // The next one's memory has not been touched for long, and its heap looks in front of it.
        if let Some((next, _)) = kept.front() {
            prefetch_line(ptr::from_ref(*next).cast());
            prefetch_line((next.handle() - HEAP_HEADER) as *const u8);
        }
        oldest
    };
    if let Some((oldest, free)) = oldest {
        give(oldest, free);
    }
}

/// Gives all memory back.
pub(crate) fn give_back() {
    for queue in &KEPT {
        for (entry, free) in std::mem::take(&mut *queue.lock()) {
            give(entry, free);
        }
    }
}

fn give(entry: &Entry, free: Free) {
    // Before its address may be that of another object.
    entry.set_phase(Phase::Gone);
    // SAFETY: the object is destroyed, and its memory was given up to `keep`, once.
    unsafe { free(entry.handle() as *mut c_void) };
}
