//! The bound on series, and what is asked for rather than counted.

use crate::dimensions::Dimension;
use crate::group::Numbers;
use crate::instruments::{Instrument, Kind};
use crate::merge::Merged;
use crate::model::Value;
use crate::options::Options;
use crate::sink::{Labels, Number, Series, Sink};

/// Knows numbers that are not counted through writers: gauges, and what is counted elsewhere.
pub trait Source: Send + Sync {
    /// Tells them. Called at each snapshot, by the thread that takes it; it must not wait for long.
    fn observe(&self, observer: &mut Observer<'_>);
}

/// Takes what a [`Source`] knows.
pub struct Observer<'a> {
    pub(crate) options: &'a Options,
    pub(crate) start_unix_nanos: u64,
    pub(crate) bound: &'a mut Bound,
    pub(crate) sink: &'a mut dyn Sink,
}

/// What exceeds the bound on series, and what sources told, while all is read. By instrument.
pub(crate) struct Bound {
    of: Vec<Beyond>,
}

#[derive(Default)]
struct Beyond {
    /// Since when it was counted, and the sum.
    counted: Option<(u64, u64)>,
    recorded: Option<(u64, Box<Merged>)>,
    /// Series that sources told of.
    told: usize,
    /// What sources told of a counter.
    total: Option<Number>,
}

impl Observer<'_> {
    /// The value of a series now. Counters are [`Value::U64`] or, with fractions, [`Value::F64`], and must
    /// not fall while their source is there; gauges are [`Value::I64`] or [`Value::F64`]. Others are ignored.
    ///
    /// Past the bound on series, counters are added up, and gauges left out.
    pub fn observe(&mut self, instrument: Instrument, given: &[(Dimension, &str)], value: Value) {
        self.observe_since(instrument, given, self.start_unix_nanos, value);
    }

    /// As [`Observer::observe`], of a counter that began later than its process did.
    pub fn observe_since(
        &mut self,
        instrument: Instrument,
        given: &[(Dimension, &str)],
        start_unix_nanos: u64,
        value: Value,
    ) {
        let Some(number) = Number::of(&value) else {
            return;
        };
        let beyond = self.bound.of(instrument);
        beyond.told += 1;
        let is_counter = instrument.kind() == Kind::Counter;
        if is_counter {
            beyond.total = Some(sum(beyond.total, number));
        }
        if beyond.told > self.options.max_series {
            if let (Number::U64(number), true) = (number, is_counter) {
                beyond.count(self.start_unix_nanos, number);
            }
            return;
        }
        let series = Series {
            instrument,
            labels: Labels::Given(given, self.options),
            start_unix_nanos,
        };
        self.sink.number(series, number);
    }

    /// What a counter counted of series that are told no more: it stays in the total
    /// ([`Snapshot::totals`](crate::model::Snapshot::totals)).
    pub fn add_to_total(&mut self, instrument: Instrument, gone: u64) {
        let total = &mut self.bound.of(instrument).total;
        if gone > 0 && instrument.kind() == Kind::Counter {
            *total = Some(sum(*total, Number::U64(gone)));
        }
    }
}

impl Beyond {
    fn count(&mut self, start_unix_nanos: u64, number: u64) {
        let (_, sum) = self.counted.get_or_insert((start_unix_nanos, 0));
        *sum = sum.wrapping_add(number);
    }
}

impl Bound {
    pub(crate) fn new() -> Bound {
        let mut of = Vec::new();
        of.resize_with(Instrument::ALL.len(), Beyond::default);
        Bound { of }
    }

    fn of(&mut self, instrument: Instrument) -> &mut Beyond {
        &mut self.of[instrument as usize]
    }

    /// Hands over a series of a group: what a counter counted.
    pub(crate) fn counted(
        &mut self,
        numbers: &Numbers,
        index: usize,
        number: u64,
        sink: &mut impl Sink,
    ) {
        let slot = &numbers.layout.counters[index];
        if number == 0 && !slot.from_the_start {
            return;
        }
        if numbers.key.is_none() {
            let beyond = self.of(slot.instrument);
            beyond.count(numbers.start_unix_nanos, number);
        } else {
            let series = numbers.series(slot, index);
            sink.number(series, count(slot.instrument, number));
        }
    }

    /// Hands over a series of a group: what a histogram recorded.
    pub(crate) fn recorded(
        &mut self,
        numbers: &Numbers,
        index: usize,
        recorded: &Merged,
        sink: &mut impl Sink,
    ) {
        let slot = &numbers.layout.histograms[index];
        if numbers.key.is_none() {
            let start = numbers.start_unix_nanos;
            let beyond = &mut self.of(slot.instrument).recorded;
            let (_, sum) = beyond.get_or_insert_with(|| (start, Box::default()));
            sum.add_all(recorded);
        } else {
            let index = numbers.layout.counters.len() + index;
            sink.recorded(numbers.series(slot, index), recorded);
        }
    }

    /// Hands over what exceeds the bound.
    pub(crate) fn finish(&mut self, sink: &mut impl Sink) {
        for (instrument, beyond) in Instrument::ALL.iter().zip(&mut self.of) {
            let series = |start_unix_nanos| Series {
                instrument: *instrument,
                labels: Labels::Overflow,
                start_unix_nanos,
            };
            if let Some((start, number)) = beyond.counted.take() {
                sink.number(series(start), count(*instrument, number));
            }
            if let Some((start, recorded)) = beyond.recorded.take() {
                sink.recorded(series(start), &recorded);
            }
            beyond.told = 0;
        }
    }

    /// What a counter counted by writers, and sources told of it.
    pub(crate) fn total(&mut self, instrument: Instrument, counted: u64) -> Number {
        let counted = count(instrument, counted);
        match self.of(instrument).total.take() {
            Some(told) => sum(Some(counted), told),
            None => counted,
        }
    }
}

/// Numbers of one counter together.
fn sum(so_far: Option<Number>, more: Number) -> Number {
    match (so_far, more) {
        (None, more) => more,
        (Some(Number::U64(sum)), Number::U64(more)) => Number::U64(sum.wrapping_add(more)),
        (Some(Number::U64(sum)), Number::F64(more)) => Number::F64(sum as f64 + more),
        (Some(Number::F64(sum)), Number::F64(more)) => Number::F64(sum + more),
        (Some(Number::F64(sum)), Number::U64(more)) => Number::F64(sum + more as f64),
        (Some(sum), _) => sum,
    }
}

fn count(instrument: Instrument, number: u64) -> Number {
    if instrument.kind() == Kind::UpDownCounter {
        Number::I64(number.cast_signed())
    } else {
        Number::U64(number)
    }
}
