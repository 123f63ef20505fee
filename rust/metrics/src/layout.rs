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
    pub(crate) sample: Option<Sample>,
    /// Of what nobody counts or records: the histograms of its layout that tell how often there was one.
    pub(crate) by: Vec<HistogramSlot>,
    /// Whether such slots are told by this histogram.
    pub(crate) tells: bool,
}

impl Slot {
    /// Of a histogram.
    pub(crate) fn has_buckets(&self) -> bool {
        self.instrument.kind() == Kind::Histogram
    }
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

/// Histograms that lie beside each other in their layout, with buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbours<const N: usize> {
    pub(crate) first: u16,
}

impl<const N: usize> Neighbours<N> {
    /// One of them.
    ///
    /// # Panics
    ///
    /// If there are not as many.
    pub fn slot(&self, index: usize) -> HistogramSlot {
        assert!(index < N, "there are {N} neighbours, and not {index}");
        HistogramSlot {
            index: self.first + index as u16,
            has_buckets: true,
        }
    }
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

    /// A [`Kind::Counter`] of how often `histograms` together recorded: nothing counts it, so it costs nothing until it is read.
    ///
    /// # Panics
    ///
    /// As [`LayoutBuilder::counter`]; or if there is no such histogram yet.
    pub fn counter_of_records(
        &mut self,
        instrument: Instrument,
        attributes: &[(Dimension, &'static str)],
        histograms: &[HistogramSlot],
    ) {
        let counter = self.counter(instrument, attributes);
        self.counters[usize::from(counter.0)].by = histograms.to_vec();
        self.have_tell(histograms);
    }

    /// A [`Kind::Histogram`] of one `value` alone, which was there as often as `histograms` recorded together, likewise.
    ///
    /// # Panics
    ///
    /// As [`LayoutBuilder::histogram`]; if there is no such histogram yet; or if the value cannot be recorded.
    pub fn histogram_of_one_value(
        &mut self,
        instrument: Instrument,
        attributes: &[(Dimension, &'static str)],
        value: f64,
        histograms: &[HistogramSlot],
    ) {
        self.have_tell(histograms);
        let slot = self.histogram(instrument, attributes);
        assert!(slot.has_buckets, "{instrument:?} has no buckets");
        let sample = Sample::of(value);
        assert!(sample.is_some(), "no histogram takes {value}");
        let slot = &mut self.histograms[usize::from(slot.index)];
        slot.sample = sample;
        slot.by = histograms.to_vec();
    }

    fn have_tell(&mut self, histograms: &[HistogramSlot]) {
        for histogram in histograms {
            let known = self.histograms.get_mut(usize::from(histogram.index));
            assert!(known.is_some(), "the layout has no such histogram yet");
            if let Some(known) = known {
                known.tells = true;
            }
        }
    }

    /// Histograms of whole numbers of which each is recorded as often as the others, by
    /// [`Writer::record_wholes`](crate::Writer::record_wholes).
    ///
    /// # Panics
    ///
    /// As [`LayoutBuilder::histogram`]; or if one has no buckets.
    pub fn neighbours<const N: usize>(
        &mut self,
        histograms: [(Instrument, &[(Dimension, &'static str)]); N],
    ) -> Neighbours<N> {
        let first = self.histograms.len() as u16;
        for (instrument, attributes) in histograms {
            let slot = self.histogram(instrument, attributes);
            assert!(slot.has_buckets, "{instrument:?} has no buckets");
        }
        Neighbours { first }
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
        sample: None,
        by: Vec::new(),
        tells: false,
    }
}
