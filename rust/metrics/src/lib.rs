//! What the read server counts, for whoever exports it.
//!
//! * [`Instrument`] is the list of all metrics: names, units, dimensions, and the Java server's name
//!   beside each.
//! * A [`Layout`] says which counters and histograms are kept together for one subject (a store, a
//!   method, ...); a [`Group`] is such a subject with its attributes, found or made by
//!   [`Registry::group`], once.
//! * A thread counts through a [`Writer`] of its own: plain loads and stores, no lock, no hash and,
//!   once a bucket was hit, no allocation. Its type sees to it that it has one thread at a time.
//! * [`Registry::snapshot`] adds up what all writers counted, as OpenTelemetry's data model
//!   ([`model`]), and stops nobody.
//!
//! [`LogThrottle`] counts for the log, which says now and then what happens all the time.
//!
//! What it is not: it knows neither servers, nor databases, nor exporters.
//!
//! Invariants: the count of a histogram is the sum of its buckets; cumulative values of a series
//! with the same start time never fall; what was counted once stays in [`model::Snapshot::totals`], also
//! when its writer, its series or its subject is gone.
#![forbid(unsafe_code)]

mod attributes;
pub mod binary;
mod cell;
mod dimensions;
mod group;
mod index;
mod instruments;
mod layout;
mod log_throttle;
mod merge;
pub mod model;
mod moment;
mod observer;
mod options;
mod points;
mod registry;
mod run;
mod sink;

pub use cell::Sample;
pub use dimensions::Dimension;
pub use group::{Group, Pair, Writer};
pub use index::SCALE;
pub use instruments::{Description, Instrument, Java, Kind, Unit};
pub use layout::{CounterSlot, HistogramSlot, Layout, LayoutBuilder, Neighbours};
pub use log_throttle::LogThrottle;
pub use moment::Moment;
pub use observer::{Observer, Source};
pub use options::Options;
pub use registry::Registry;
