//! The series of one subject, and who writes them.

use std::cell::Cell as NotSync;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::cell::{Cell, Sample};
use crate::dimensions::Dimension;
use crate::layout::{Counted, CounterSlot, HistogramSlot, Layout};
use crate::merge::Merged;
use crate::model::Attribute;

/// A subject that things are counted for. Its series stay as long as somebody holds it, and a while
/// longer ([`crate::Options::linger`]).
#[derive(Clone)]
pub struct Group {
    pub(crate) handle: Arc<Handle>,
}

/// What a subject is found by: its layout and its attributes.
pub(crate) type Key = (u32, Vec<(Dimension, Arc<str>)>);

/// Who knows all groups.
pub(crate) trait Keeper: Send + Sync {
    /// Nobody holds a group any more, unless somebody asked for it anew.
    fn let_go(&self, numbers: &Numbers);

    /// A value could not be recorded.
    fn refuse_value(&self);
}

/// Takes the numbers of a group, by the indexes of its layout's slots.
pub(crate) trait Reader {
    fn counter(&mut self, index: usize, counted: u64);
    fn histogram(&mut self, index: usize, recorded: &Merged);
}

/// What all holders of a group share.
pub(crate) struct Handle {
    pub(crate) numbers: Arc<Numbers>,
    keeper: Arc<dyn Keeper>,
}

/// The numbers of a group, of all threads.
pub(crate) struct Numbers {
    pub(crate) layout: Arc<Layout>,
    /// Of each of the layout's slots, counters first.
    pub(crate) attributes: Vec<Arc<[Attribute]>>,
    pub(crate) start_unix_nanos: u64,
    /// None of what takes all that exceeds the bound on series.
    pub(crate) key: Option<Key>,
    threads: Mutex<Threads>,
}

#[derive(Default)]
struct Threads {
    writing: Vec<Block>,
    /// What those counted that write no more.
    left: Left,
}

/// Numbers of writers that are gone.
#[derive(Default)]
pub(crate) struct Left {
    pub(crate) counters: Vec<u64>,
    pub(crate) histograms: Vec<Merged>,
}

/// What one writer counted.
#[derive(Clone)]
struct Block {
    /// In two's complement, if they may fall.
    counters: Arc<[Line]>,
    histograms: Arc<[Cell]>,
}

/// Counters of one thread, on a cache line that no other thread writes.
#[derive(Default)]
#[repr(align(64))]
struct Line([AtomicU64; LINE]);

const LINE: usize = 8;

/// Counts for a group, on one thread at a time. It can be sent to another thread, but not shared.
///
/// Dropped, it leaves its numbers to the group.
pub struct Writer {
    block: Block,
    group: Group,
    // Neither Sync nor Clone: there is one writer of its cells.
    one_thread: PhantomData<NotSync<()>>,
}

impl Group {
    pub(crate) fn new(numbers: Arc<Numbers>, keeper: Arc<dyn Keeper>) -> Group {
        let handle = Handle { numbers, keeper };
        Group {
            handle: Arc::new(handle),
        }
    }

    /// A writer for the calling thread. Takes a lock and memory: get it once, and keep it.
    pub fn writer(&self) -> Writer {
        let numbers = &self.handle.numbers;
        let block = Block {
            counters: numbers
                .layout
                .counters
                .chunks(LINE)
                .map(|_| Line::default())
                .collect(),
            histograms: numbers
                .layout
                .histograms
                .iter()
                .map(|_| Cell::default())
                .collect(),
        };
        numbers.threads.lock().writing.push(block.clone());
        Writer {
            block,
            group: self.clone(),
            one_thread: PhantomData,
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.keeper.let_go(&self.numbers);
    }
}

impl Writer {
    /// Adds to a counter of the group's layout. A slot of another layout is ignored.
    #[inline]
    pub fn add(&self, counter: CounterSlot, more: u64) {
        if let Some(number) = self.block.counter(usize::from(counter.0)) {
            let sum = number.load(Ordering::Relaxed).wrapping_add(more);
            number.store(sum, Ordering::Relaxed);
        }
    }

    /// Takes from a counter of the group's layout that may fall.
    #[inline]
    pub fn subtract(&self, counter: CounterSlot, less: u64) {
        self.add(counter, less.wrapping_neg());
    }

    /// Records a value in a histogram of the group's layout. What is negative, infinite or not a
    /// number is refused, and counted as such. A slot of another layout is ignored.
    #[inline]
    pub fn record(&self, histogram: HistogramSlot, value: f64) {
        match Sample::of(value) {
            Some(sample) => self.record_sample(histogram, sample),
            None => self.group.handle.keeper.refuse_value(),
        }
    }

    /// Records a value whose bucket is known, in a histogram of the group's layout. A slot of another
    /// layout is ignored.
    #[inline]
    pub fn record_sample(&self, histogram: HistogramSlot, sample: Sample) {
        let Some(cell) = self.block.histograms.get(usize::from(histogram.index)) else {
            return;
        };
        if histogram.has_buckets {
            cell.record(sample);
        } else {
            cell.record_without_buckets(sample);
        }
    }

    /// The group that it writes for.
    pub fn group(&self) -> &Group {
        &self.group
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.group.handle.numbers.leave(&self.block);
    }
}

impl Block {
    #[inline]
    fn counter(&self, index: usize) -> Option<&AtomicU64> {
        let line = self.counters.get(index / LINE)?;
        Some(&line.0[index % LINE])
    }

    fn counted(&self, index: usize) -> u64 {
        let counter = self.counter(index);
        counter.map_or(0, |counter| counter.load(Ordering::Relaxed))
    }
}

impl Numbers {
    pub(crate) fn new(
        layout: Arc<Layout>,
        attributes: Vec<Arc<[Attribute]>>,
        start_unix_nanos: u64,
        key: Option<Key>,
    ) -> Numbers {
        let left = Left {
            counters: vec![0; layout.counters.len()],
            histograms: vec![Merged::default(); layout.histograms.len()],
        };
        let threads = Threads {
            writing: Vec::new(),
            left,
        };
        Numbers {
            layout,
            attributes,
            start_unix_nanos,
            key,
            threads: Mutex::new(threads),
        }
    }

    fn leave(&self, block: &Block) {
        let mut threads = self.threads.lock();
        let Threads { writing, left } = &mut *threads;
        writing.retain(|other| !Arc::ptr_eq(&other.counters, &block.counters));
        for (index, left) in left.counters.iter_mut().enumerate() {
            *left = left.wrapping_add(block.counted(index));
        }
        left.histograms
            .iter_mut()
            .zip(&*block.histograms)
            .for_each(|(left, recorded)| {
                recorded.add_to(left);
            });
    }

    /// Hands over every counter by its index, then every histogram that has values.
    pub(crate) fn read(&self, scratch: &mut Merged, reader: &mut impl Reader) {
        let threads = self.threads.lock();
        for (index, left) in threads.left.counters.iter().enumerate() {
            let counted = threads.writing.iter();
            let counted = counted.map(|block| block.counted(index));
            reader.counter(index, counted.fold(*left, u64::wrapping_add));
        }
        for (index, left) in threads.left.histograms.iter().enumerate() {
            scratch.clear();
            if let Some(Counted { sample, counters }) = &self.layout.histograms[index].counted {
                let times = counters.iter().map(|slot| {
                    let at = usize::from(slot.0);
                    let writing = threads.writing.iter().map(|block| block.counted(at));
                    writing.fold(threads.left.counters[at], u64::wrapping_add)
                });
                match times.sum() {
                    0 => {}
                    times => sample.add_to(scratch, times),
                }
            }
            scratch.add_all(left);
            for block in &threads.writing {
                block.histograms[index].add_to(scratch);
            }
            if !scratch.is_empty() {
                reader.histogram(index, scratch);
            }
        }
    }
}
