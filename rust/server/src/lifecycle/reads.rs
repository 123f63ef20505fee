//! How much store versions are read, as metrics: what [`Registry::version_reads`] tells, which reads pay nothing for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use venice_engine::{Registry, VersionReads};
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer};
use venice_wire::store_name::store_name;

/// What was told of the store versions of a registry.
pub(super) struct Reads {
    registry: Arc<Registry>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    versions: HashMap<Box<str>, Version>,
    /// Reads of store versions that are gone: a total does not fall.
    gone: u64,
}

/// What was told of a store version last.
struct Version {
    reads: u64,
    /// When it came, as far as looks tell: nanoseconds since 1970.
    since: u64,
    is_here: bool,
}

impl Reads {
    pub(super) fn of(registry: &Arc<Registry>) -> Reads {
        Reads {
            registry: Arc::clone(registry),
            told: Mutex::default(),
        }
    }

    /// Tells the reads of each store version that was read, and how long ago the last of them was.
    pub(super) fn observe(&self, observer: &mut Observer<'_>) {
        let now = SystemTime::now();
        let mut told = self.told.lock();
        for version in self.registry.version_reads() {
            told.observe(version, now, observer);
        }
        told.leave();
        observer.add_to_total(Instrument::StoreVersionReadCount, told.gone);
    }
}

impl Told {
    fn observe(&mut self, version: VersionReads, now: SystemTime, observer: &mut Observer<'_>) {
        let VersionReads {
            store_version,
            reads,
            last_read,
        } = version;
        // What nobody reads is no series.
        let Some(last_read) = last_read else { return };
        let since = self.since(&store_version, reads, now);
        let store = store_name(&store_version).unwrap_or(&store_version);
        let number = store_version.get(store.len() + "_v".len()..).unwrap_or("");
        let of = [(Dimension::Store, store), (Dimension::Version, number)];
        let count = Instrument::StoreVersionReadCount;
        observer.observe_since(count, &of, since, Value::U64(reads));
        let age = now.duration_since(last_read).unwrap_or_default();
        let age = Value::F64(age.as_secs_f64());
        observer.observe(Instrument::StoreVersionLastReadAge, &of, age);
    }

    /// Since when the reads are counted. One that was dropped and came back between two looks begins anew.
    fn since(&mut self, store_version: &str, reads: u64, now: SystemTime) -> u64 {
        if let Some(known) = self.versions.get_mut(store_version) {
            known.is_here = true;
            if reads < known.reads {
                self.gone += known.reads;
                known.since = nanos(now);
            }
            known.reads = reads;
            return known.since;
        }
        let version = Version {
            reads,
            since: nanos(now),
            is_here: true,
        };
        let since = version.since;
        self.versions.insert(store_version.into(), version);
        since
    }

    /// Forgets those that were not told this time.
    fn leave(&mut self) {
        let Told { versions, gone } = self;
        versions.retain(|_, version| {
            let is_here = std::mem::take(&mut version.is_here);
            if !is_here {
                *gone += version.reads;
            }
            is_here
        });
    }
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    since.as_nanos() as u64
}
