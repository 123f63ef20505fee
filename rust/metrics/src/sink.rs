//! Where all that is counted goes when it is read: into a snapshot, or straight into bytes for another language.

use std::sync::Arc;

use crate::attributes::{are, attributes, overflow_attributes};
use crate::dimensions::Dimension;
use crate::instruments::Instrument;
use crate::merge::Merged;
use crate::model::{Attribute, Value};
use crate::options::Options;

/// Takes series, in an order that stays the same as long as none comes or goes; then totals, of each instrument that is no
/// gauge, in the order of [`Instrument::ALL`].
pub(crate) trait Sink {
    /// What a counter counted, or a source told.
    fn number(&mut self, series: Series<'_>, number: Number);

    /// What was recorded in a histogram or a summary.
    fn recorded(&mut self, series: Series<'_>, recorded: &Merged);

    /// All that a counter ever counted.
    fn total(&mut self, instrument: Instrument, number: Number);

    /// All that was ever recorded by a histogram or a summary.
    fn total_recorded(&mut self, instrument: Instrument, recorded: &Merged);
}

/// A value that is one number.
#[derive(Clone, Copy)]
pub(crate) enum Number {
    U64(u64),
    I64(i64),
    F64(f64),
}

impl Number {
    /// `None` if it is many.
    pub(crate) fn of(value: &Value) -> Option<Number> {
        match value {
            Value::U64(number) => Some(Number::U64(*number)),
            Value::I64(number) => Some(Number::I64(*number)),
            Value::F64(number) => Some(Number::F64(*number)),
            Value::Histogram(_) | Value::Summary(_) => None,
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Value {
        match number {
            Number::U64(number) => Value::U64(number),
            Number::I64(number) => Value::I64(number),
            Number::F64(number) => Value::F64(number),
        }
    }
}

/// Which series a value is of.
#[derive(Clone, Copy)]
pub(crate) struct Series<'a> {
    pub(crate) instrument: Instrument,
    pub(crate) labels: Labels<'a>,
    pub(crate) start_unix_nanos: u64,
}

/// The attributes of a series.
#[derive(Clone, Copy)]
pub(crate) enum Labels<'a> {
    /// Of a group.
    Known(&'a Arc<[Attribute]>),
    /// As a source gives them.
    Given(&'a [(Dimension, &'a str)], &'a Options),
    /// Of all that exceeds the bound on series.
    Overflow,
}

impl Series<'_> {
    /// Whether these are its attributes.
    pub(crate) fn has(&self, known: &Arc<[Attribute]>) -> bool {
        match self.labels {
            Labels::Known(own) => Arc::ptr_eq(own, known) || own == known,
            Labels::Given(given, options) => are(known, self.instrument, given, options),
            Labels::Overflow => *known == overflow_attributes(),
        }
    }

    pub(crate) fn attributes(&self) -> Arc<[Attribute]> {
        match self.labels {
            Labels::Known(own) => Arc::clone(own),
            Labels::Given(given, options) => attributes(self.instrument, given, options),
            Labels::Overflow => overflow_attributes(),
        }
    }
}
