//! What is counted together for one subject.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::cell::Sample;
use crate::dimensions::Dimension;
use crate::instruments::{Instrument, Kind};

/// The counters and histograms of a subject: a store read by a method, say. Made once, when the process
/// starts; all subjects of the kind share it.
#[derive(Debug)]
pub struct Layout {
    /// Tells layouts apart.
    pub(crate) id: u32,
    pub(crate) counters: Vec<Slot>,
    pub(crate) histograms: Vec<Slot>,
}

/// One series of a subject.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) instrument: Instrument,
    /// Those that the subject's attributes lack.
    pub(crate) attributes: Vec<(Dimension, &'static str)>,
    /// Whether there is a point before anything was counted.
    pub(crate) from_the_start: bool,
    /// Of a histogram whose values are all the same.
    pub(crate) counted: Option<Counted>,
}

/// A histogram that nobody records: it has one value, as often as some counters of its layout counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) sample: Sample,
    pub(crate) counters: Vec<CounterSlot>,
}

/// A counter's index in its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterSlot(pub(crate) u16);

/// A histogram's index in its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistogramSlot {
    pub(crate) index: u16,
    pub(crate) has_buckets: bool,
}

/// Puts a [`Layout`] together.
#[derive(Debug, Default)]
pub struct LayoutBuilder {
    counters: Vec<Slot>,
    histograms: Vec<Slot>,
}

impl Layout {
    /// Nothing is counted yet.
    pub fn builder() -> LayoutBuilder {
        LayoutBuilder::default()
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.counters.iter().chain(&self.histograms)
    }
}

impl LayoutBuilder {
    /// One more [`Kind::Counter`] or [`Kind::UpDownCounter`], with attributes that the subject
    /// lacks. It has a point once it counted something.
    ///
    /// # Panics
    ///
    /// If the instrument is of another kind, or lacks one of the dimensions.
    pub fn counter(
        &mut self,
        instrument: Instrument,
        attributes: &[(Dimension, &'static str)],
    ) -> CounterSlot {
        let kind = instrument.kind();
        assert!(
            matches!(kind, Kind::Counter | Kind::UpDownCounter),
            "{instrument:?} is a {kind:?}, no counter"
        );
        self.counters.push(slot(instrument, attributes));
        CounterSlot(self.counters.len() as u16 - 1)
    }

    /// As [`LayoutBuilder::counter`], with a point of 0 from the start: for counters that alerts watch.
    ///
    /// # Panics
    ///
    /// As [`LayoutBuilder::counter`].
    pub fn counter_from_the_start(
        &mut self,
        instrument: Instrument,
        attributes: &[(Dimension, &'static str)],
    ) -> CounterSlot {
        let counter = self.counter(instrument, attributes);
        self.counters[usize::from(counter.0)].from_the_start = true;
        counter
    }

    /// One more [`Kind::Histogram`] or [`Kind::MinMaxCountSum`], likewise.
    ///
    /// # Panics
    ///
    /// If the instrument is of another kind, or lacks one of the dimensions.
    pub fn histogram(
        &mut self,
        instrument: Instrument,
        attributes: &[(Dimension, &'static str)],
    ) -> HistogramSlot {
        let kind = instrument.kind();
        assert!(
            matches!(kind, Kind::Histogram | Kind::MinMaxCountSum),
            "{instrument:?} is a {kind:?}, no histogram"
        );
        self.histograms.push(slot(instrument, attributes));
        HistogramSlot {
            index: self.histograms.len() as u16 - 1,
            has_buckets: kind == Kind::Histogram,
        }
    }

    /// A [`Kind::Histogram`] of one `value` alone, which was there as often as `counters` count together:
    /// nothing records it, so it costs nothing until it is read.
    ///
    /// # Panics
    ///
    /// As [`LayoutBuilder::histogram`]; or if the value cannot be recorded.
    pub fn histogram_of_one_value(
        &mut self,
        instrument: Instrument,
        attributes: &[(Dimension, &'static str)],
        value: f64,
        counters: &[CounterSlot],
    ) {
        let slot = self.histogram(instrument, attributes);
        assert!(slot.has_buckets, "{instrument:?} has no buckets");
        let sample = Sample::of(value);
        assert!(sample.is_some(), "no histogram takes {value}");
        self.histograms[usize::from(slot.index)].counted = sample.map(|sample| Counted {
            sample,
            counters: counters.to_vec(),
        });
    }

    /// That is all.
    pub fn build(self) -> Layout {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Layout {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            counters: self.counters,
            histograms: self.histograms,
        }
    }
}

fn slot(instrument: Instrument, attributes: &[(Dimension, &'static str)]) -> Slot {
    let known = instrument.describe().dimensions;
    for (dimension, _) in attributes {
        assert!(
            known.contains(dimension),
            "{instrument:?} has no dimension {dimension:?}"
        );
    }
    let attributes = attributes.iter();
    Slot {
        instrument,
        attributes: attributes
            .map(|(dimension, value)| (*dimension, *value))
            .collect(),
        from_the_start: false,
        counted: None,
    }
}
