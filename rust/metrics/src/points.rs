//! What is counted, put together as a snapshot.

use std::sync::Arc;

use crate::instruments::Instrument;
use crate::merge::Merged;
use crate::model::{Metric, Point, Snapshot, Total, Value};
use crate::sink::{Number, Series, Sink};

/// A snapshot that is being taken.
pub(crate) struct Points {
    most_buckets: usize,
    /// By instrument.
    points: Vec<Vec<Point>>,
    totals: Vec<Total>,
}

impl Points {
    /// None yet. Histograms are going to have `most_buckets` at most.
    pub(crate) fn new(most_buckets: usize) -> Points {
        Points {
            most_buckets,
            points: vec![Vec::new(); Instrument::ALL.len()],
            totals: Vec::with_capacity(Instrument::ALL.len()),
        }
    }

    fn add(&mut self, series: Series<'_>, value: Value) {
        self.points[series.instrument as usize].push(Point {
            attributes: series.attributes(),
            start_unix_nanos: series.start_unix_nanos,
            value,
        });
    }

    /// The snapshot of that time, with the `names` of instruments.
    pub(crate) fn finish(self, time_unix_nanos: u64, names: &[Arc<str>]) -> Snapshot {
        let points = Instrument::ALL.iter().zip(self.points);
        let points = points.filter(|(_, points)| !points.is_empty());
        let metrics = points.map(|(instrument, points)| {
            let description = instrument.describe();
            Metric {
                instrument: *instrument,
                name: Arc::clone(&names[*instrument as usize]),
                description: description.about,
                unit: description.unit.ucum(),
                kind: description.kind,
                points,
            }
        });
        Snapshot {
            time_unix_nanos,
            metrics: metrics.collect(),
            totals: self.totals,
        }
    }
}

impl Sink for Points {
    fn number(&mut self, series: Series<'_>, number: Number) {
        self.add(series, number.into());
    }

    fn recorded(&mut self, series: Series<'_>, recorded: &Merged) {
        let value = recorded.value(series.instrument.kind(), self.most_buckets);
        self.add(series, value);
    }

    fn total(&mut self, instrument: Instrument, number: Number) {
        let value = number.into();
        self.totals.push(Total { instrument, value });
    }

    fn total_recorded(&mut self, instrument: Instrument, recorded: &Merged) {
        let value = recorded.value(instrument.kind(), self.most_buckets);
        self.totals.push(Total { instrument, value });
    }
}
