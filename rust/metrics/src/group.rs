//! The series of one subject, and who writes them.

use std::cell::Cell as NotSync;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::cell::{Cell, Sample};
use crate::dimensions::Dimension;
use crate::layout::{CounterSlot, HistogramSlot, Layout, Neighbours, Slot};
use crate::merge::Merged;
use crate::model::Attribute;
use crate::run::{Run, Runs, RUNS};
use crate::sink::{Labels, Series};

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
    /// What those record that write for another group, and for this one, too.
    shared: Vec<Shared>,
    /// What those counted that write no more.
    left: Left,
}

/// Numbers of writers that are gone.
#[derive(Default)]
struct Left {
    counters: Vec<u64>,
    /// None before the first writer goes.
    histograms: Vec<Merged>,
}

impl Left {
    /// Those of each of the layout's histograms.
    fn histograms(&mut self, layout: &Layout) -> &mut [Merged] {
        let number = layout.histograms.len();
        self.histograms.resize_with(number, Merged::default);
        &mut self.histograms
    }
}

/// What one writer counted.
#[derive(Clone)]
struct Block {
    /// In two's complement, if they may fall.
    counters: Arc<[Line]>,
    histograms: Arc<[Cell]>,
    /// Of each histogram.
    runs: Arc<[Runs]>,
}

/// A histogram of one group that is a histogram of another, too.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    theirs: HistogramSlot,
    ours: HistogramSlot,
    thousandths: bool,
}

impl Pair {
    /// What is recorded in `one` is read from `other`.
    pub fn same(one: HistogramSlot, other: HistogramSlot) -> Pair {
        Pair {
            theirs: one,
            ours: other,
            thousandths: false,
        }
    }

    /// The thousandths of what [`Writer::record_with_thousandth`] records in `one`, as milliseconds, are read from
    /// `other`, as seconds. Values are in the buckets that their thousandths would be recorded in.
    pub fn thousandths(one: HistogramSlot, other: HistogramSlot) -> Pair {
        Pair {
            thousandths: true,
            ..Pair::same(one, other)
        }
    }
}

type Pairs = Arc<[Pair]>;

/// Histograms of a writer of another group.
struct Shared {
    block: Block,
    pairs: Pairs,
}

/// Memory to read numbers in.
#[derive(Default)]
pub(crate) struct Scratch {
    merged: Merged,
    spare: Merged,
    /// Of each histogram of a layout, how many values it has, if other slots are told by it.
    counts: Vec<u64>,
}

impl Shared {
    /// Adds what is of the histogram `index` here.
    fn add_to(&self, index: usize, merged: &mut Merged, spare: &mut Merged) {
        for pair in &*self.pairs {
            let Pair {
                theirs,
                ours,
                thousandths,
            } = pair;
            if usize::from(ours.index) != index || theirs.has_buckets != ours.has_buckets {
                continue;
            }
            let theirs = usize::from(theirs.index);
            if !thousandths {
                self.block.add_to(theirs, ours.has_buckets, merged, spare);
            } else if let Some(cell) = self.block.histograms.get(theirs) {
                cell.add_thousandths_to(merged);
            }
        }
    }
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
    /// The other group that has some of its histograms.
    shared_with: Option<Group>,
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
        self.new_writer(None)
    }

    /// As [`Group::writer`], with histograms that are those of `other`, too: what is recorded in the first of a
    /// pair is read from the second, as well, where others record, and costs nothing more. A pair whose
    /// histograms are not both with buckets, or both without, is ignored.
    pub fn writer_shared_with(&self, other: &Group, pairs: &Arc<[Pair]>) -> Writer {
        self.new_writer(Some((other, pairs)))
    }

    fn new_writer(&self, shared: Option<(&Group, &Pairs)>) -> Writer {
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
            runs: numbers
                .layout
                .histograms
                .chunks(RUNS)
                .map(|_| Runs::default())
                .collect(),
        };
        numbers.threads.lock().writing.push(block.clone());
        if let Some((other, pairs)) = shared {
            let shared = Shared {
                block: block.clone(),
                pairs: Arc::clone(pairs),
            };
            other.handle.numbers.threads.lock().shared.push(shared);
        }
        Writer {
            block,
            group: self.clone(),
            shared_with: shared.map(|(other, _)| other.clone()),
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

    /// As [`Writer::record`], so many `times`, of a value whose thousandth is read from another group, too
    /// ([`Pair::thousandths`]). The histogram has buckets.
    #[inline]
    pub fn record_with_thousandth(&self, histogram: HistogramSlot, value: f64, times: u16) {
        let cell = self.block.histograms.get(usize::from(histogram.index));
        match (Sample::of(value), cell) {
            (Some(sample), Some(cell)) => cell.record_with_thousandth(sample, times),
            (None, _) => self.group.handle.keeper.refuse_value(),
            (Some(_), None) => {}
        }
    }

    /// Records a whole number, which is often the one before: bytes of keys, say. Then it takes a fifth of the
    /// time. A slot that is the first of a pair of thousandths is not recorded so.
    #[inline]
    pub fn record_whole(&self, histogram: HistogramSlot, value: u32) {
        self.record_whole_times(histogram, value, 1);
    }

    /// As [`Writer::record_whole`], so many times.
    #[inline]
    pub fn record_whole_times(&self, histogram: HistogramSlot, value: u32, times: u16) {
        let index = usize::from(histogram.index);
        let Some(runs) = self.block.runs.get(index / RUNS) else {
            return;
        };
        let run = &runs.0[index % RUNS];
        self.count_whole(run, (index, histogram.has_buckets), value, times);
    }

    /// As [`Writer::record_whole`] of each.
    #[inline]
    pub fn record_wholes<const N: usize>(&self, histograms: Neighbours<N>, values: [u32; N]) {
        self.record_wholes_times(histograms, values, 1);
    }

    /// As [`Writer::record_wholes`], so many times.
    #[inline]
    pub fn record_wholes_times<const N: usize>(
        &self,
        histograms: Neighbours<N>,
        values: [u32; N],
        times: u16,
    ) {
        let first = usize::from(histograms.first);
        let (line, at) = (first / RUNS, first % RUNS);
        let runs = self.block.runs.get(line);
        match runs.and_then(|runs| runs.0.get(at..at + N)) {
            Some(runs) => {
                for (index, (run, value)) in runs.iter().zip(values).enumerate() {
                    self.count_whole(run, (first + index, true), value, times);
                }
            }
            None => self.record_apart(histograms, values, times),
        }
    }

    /// Their runs are on two lines.
    #[inline(never)]
    fn record_apart<const N: usize>(
        &self,
        histograms: Neighbours<N>,
        values: [u32; N],
        times: u16,
    ) {
        for (index, value) in values.into_iter().enumerate() {
            self.record_whole_times(histograms.slot(index), value, times);
        }
    }

    /// A number came that is not the one before.
    #[inline(never)]
    fn turn(&self, run: &Run, (index, has_buckets): (usize, bool), value: u32) {
        if let Some(cell) = self.block.histograms.get(index) {
            run.turn(cell, has_buckets, value);
        }
    }

    #[inline]
    fn count_whole(&self, run: &Run, histogram: (usize, bool), value: u32, times: u16) {
        if !run.count(value, times) {
            self.turn(run, histogram, value);
            if times > 1 {
                // There is room, as it has just come for the first time.
                run.count(value, times - 1);
            }
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
        if let Some(other) = &self.shared_with {
            other.handle.numbers.leave_shared(&self.block);
        }
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

    /// Adds what was recorded in a histogram, if there is one of that index.
    #[inline]
    fn add_to(&self, index: usize, has_buckets: bool, merged: &mut Merged, spare: &mut Merged) {
        let runs = self.runs.get(index / RUNS);
        if let (Some(cell), Some(runs)) = (self.histograms.get(index), runs) {
            let run = &runs.0[index % RUNS];
            // Most histograms of a subject are never recorded by most threads.
            if !run.is_empty() || cell.has_values() {
                run.add_to(has_buckets, merged, spare, |merged| cell.add_to(merged));
            }
        }
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
            histograms: Vec::new(),
        };
        let threads = Threads {
            writing: Vec::new(),
            shared: Vec::new(),
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

    /// One of its slots, of which `index` are before it.
    pub(crate) fn series(&self, slot: &Slot, index: usize) -> Series<'_> {
        Series {
            instrument: slot.instrument,
            labels: Labels::Known(&self.attributes[index]),
            start_unix_nanos: self.start_unix_nanos,
        }
    }

    fn leave(&self, block: &Block) {
        let mut threads = self.threads.lock();
        let Threads { writing, left, .. } = &mut *threads;
        writing.retain(|other| !Arc::ptr_eq(&other.counters, &block.counters));
        for (index, left) in left.counters.iter_mut().enumerate() {
            *left = left.wrapping_add(block.counted(index));
        }
        let mut spare = Merged::default();
        let slots = self.layout.histograms.iter();
        let histograms = left.histograms(&self.layout).iter_mut();
        for (index, (left, slot)) in histograms.zip(slots).enumerate() {
            block.add_to(index, slot.has_buckets(), left, &mut spare);
        }
    }

    fn leave_shared(&self, block: &Block) {
        let mut threads = self.threads.lock();
        let Threads { shared, left, .. } = &mut *threads;
        let is_of = |shared: &Shared| Arc::ptr_eq(&shared.block.histograms, &block.histograms);
        let Some(at) = shared.iter().position(is_of) else {
            return;
        };
        let gone = shared.swap_remove(at);
        let mut spare = Merged::default();
        let histograms = left.histograms(&self.layout).iter_mut();
        for (index, left) in histograms.enumerate() {
            gone.add_to(index, left, &mut spare);
        }
    }

    /// Hands over every histogram that has values by its index, then every counter.
    pub(crate) fn read(&self, scratch: &mut Scratch, reader: &mut impl Reader) {
        let Scratch {
            merged,
            spare,
            counts,
        } = scratch;
        let threads = self.threads.lock();
        let Layout {
            counters,
            histograms,
            ..
        } = &*self.layout;
        counts.clear();
        let told = |slot: &Slot, counts: &[u64]| -> u64 {
            let by = slot.by.iter();
            by.map(|slot| counts[usize::from(slot.index)]).sum()
        };
        for (index, slot) in histograms.iter().enumerate() {
            merged.clear();
            if let (Some(sample), times @ 1..) = (slot.sample, told(slot, counts)) {
                sample.add_to(true, merged, times);
            }
            if let Some(left) = threads.left.histograms.get(index) {
                merged.add_all(left);
            }
            for block in &threads.writing {
                block.add_to(index, slot.has_buckets(), merged, spare);
            }
            for shared in &threads.shared {
                shared.add_to(index, merged, spare);
            }
            counts.push(if slot.tells { merged.count() } else { 0 });
            if !merged.is_empty() {
                reader.histogram(index, merged);
            }
        }
        for (index, (left, slot)) in threads.left.counters.iter().zip(counters).enumerate() {
            let counted = if slot.by.is_empty() {
                let counted = threads.writing.iter();
                let counted = counted.map(|block| block.counted(index));
                counted.fold(*left, u64::wrapping_add)
            } else {
                told(slot, counts)
            };
            reader.counter(index, counted);
        }
    }
}
