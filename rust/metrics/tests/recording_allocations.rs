//! Once buckets were hit, recording takes no memory.

use std::alloc::{GlobalAlloc, Layout as Memory, System};
use std::cell::Cell;
use std::sync::Arc;

use venice_metrics::{Dimension, Instrument, Layout, Options, Registry};

thread_local! {
    static COUNTED: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Memory) -> *mut u8 {
        COUNTED.set(COUNTED.get() + 1);
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Memory) {
        // SAFETY: guaranteed by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn recording_allocates_pages_once() {
    let mut layout = Layout::builder();
    let calls = layout.counter(Instrument::ReadCallCount, &[]);
    let time = layout.histogram(Instrument::ReadCallTime, &[]);
    let registry = Registry::new(Options::default());
    let group = registry.group(&Arc::new(layout.build()), &[(Dimension::Store, "s")]);
    let writer = group.writer();
    let record = || {
        let before = COUNTED.get();
        for micros in 2..100_000u32 {
            writer.add(calls, 1);
            writer.record(time, f64::from(micros) / 1000.0);
        }
        COUNTED.get() - before
    };
    // 2 µs to 100 ms, in ms: the octaves from 2^-9 to 2^6.
    assert_eq!(record(), 16);
    assert_eq!(record(), 0);
}
