//! All groups of a process, the bound on them, and snapshots.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use crate::attributes::{attributes, named, overflow_attributes};
use crate::dimensions::Dimension;
use crate::group::{Group, Handle, Keeper, Key, Numbers, Reader, Scratch};
use crate::instruments::{Instrument, Kind};
use crate::layout::Layout;
use crate::merge::Merged;
use crate::model::{Snapshot, Value};
use crate::observer::{Bound, Observer, Source};
use crate::options::Options;
use crate::points::Points;
use crate::sink::Sink;

/// All that a process counts. Clones are the same registry.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options,
    /// By instrument.
    names: Vec<Arc<str>>,
    start_unix_nanos: u64,
    refused_values: AtomicU64,
    /// Subjects that found no room for their series, each time that one asked.
    overflowed: AtomicU64,
    state: Mutex<State>,
    sources: Mutex<Vec<Weak<dyn Source>>>,
    /// What was used when all was read last.
    workshop: Mutex<Option<Workshop>>,
}

struct State {
    groups: HashMap<Key, Entry>,
    /// Those that nobody holds, by when their last holder let go, and by their numbers: what goes next comes first, so that
    /// nobody looks at all groups.
    ending: BTreeMap<(Instant, u64), Arc<Numbers>>,
    /// Groups that there ever were.
    made: u64,
    /// By layout: where that is counted which exceeds the bound.
    overflows: HashMap<u32, Arc<Numbers>>,
    /// Series by instrument.
    series: Vec<usize>,
    /// What series counted that are gone, by instrument.
    gone: Gone,
}

struct Entry {
    handle: Weak<Handle>,
    numbers: Arc<Numbers>,
    /// Another for each group.
    number: u64,
    /// When its last holder let go: then it is among those that end.
    since: Option<Instant>,
}

struct Gone {
    counters: Vec<u64>,
    histograms: Vec<Merged>,
}

/// Memory that is needed only while all is read.
struct Workshop {
    groups: Vec<Arc<Numbers>>,
    totals: Gone,
    scratch: Scratch,
    bound: Bound,
}

impl Gone {
    fn new() -> Gone {
        Gone {
            counters: vec![0; Instrument::ALL.len()],
            histograms: vec![Merged::default(); Instrument::ALL.len()],
        }
    }

    /// Becomes the same as `other`.
    fn copy(&mut self, other: &Gone) {
        self.counters.copy_from_slice(&other.counters);
        for (mine, other) in self.histograms.iter_mut().zip(&other.histograms) {
            mine.clear();
            mine.add_all(other);
        }
    }
}

/// Adds the numbers of a group to the totals, and hands them over, if somebody takes them: read once, as reading
/// is what takes the time.
struct Adding<'a, S> {
    numbers: &'a Numbers,
    totals: &'a mut Gone,
    taker: Option<(&'a mut Bound, &'a mut S)>,
}

impl<S: Sink> Reader for Adding<'_, S> {
    fn counter(&mut self, index: usize, counted: u64) {
        let instrument = self.numbers.layout.counters[index].instrument;
        let sum = &mut self.totals.counters[instrument as usize];
        *sum = sum.wrapping_add(counted);
        if let Some((bound, sink)) = &mut self.taker {
            bound.counted(self.numbers, index, counted, *sink);
        }
    }

    fn histogram(&mut self, index: usize, recorded: &Merged) {
        let instrument = self.numbers.layout.histograms[index].instrument;
        self.totals.histograms[instrument as usize].add_all(recorded);
        if let Some((bound, sink)) = &mut self.taker {
            bound.recorded(self.numbers, index, recorded, *sink);
        }
    }
}

impl Registry {
    /// An empty one.
    pub fn new(options: Options) -> Registry {
        let all = Instrument::ALL;
        let names = all.iter();
        let names = names.map(|instrument| instrument.full_name(&options.prefix).into());
        let state = State {
            groups: HashMap::new(),
            ending: BTreeMap::new(),
            made: 0,
            overflows: HashMap::new(),
            series: vec![0; all.len()],
            gone: Gone::new(),
        };
        let shared = Shared {
            names: names.collect(),
            options,
            start_unix_nanos: now_unix_nanos(),
            refused_values: AtomicU64::new(0),
            overflowed: AtomicU64::new(0),
            state: Mutex::new(state),
            sources: Mutex::new(Vec::new()),
            workshop: Mutex::new(None),
        };
        Registry {
            shared: Arc::new(shared),
        }
    }

    /// The group of a subject, which is made if there is none. Takes a lock: do it once for a subject,
    /// and keep it.
    ///
    /// If one of the layout's metrics has no room for the subject's series, it is the group of all such
    /// subjects. The one subject without attributes is not bounded.
    pub fn group(&self, layout: &Arc<Layout>, attributes: &[(Dimension, &str)]) -> Group {
        let shared = &self.shared;
        let mut state = shared.state.lock();
        state.sweep(Instant::now(), shared.options.linger);
        let named = attributes
            .iter()
            .map(|(dimension, value)| (*dimension, named(value).into()));
        let key: Key = (layout.id, named.collect());
        let State { groups, ending, .. } = &mut *state;
        if let Some(entry) = groups.get_mut(&key) {
            if let Some(handle) = entry.handle.upgrade() {
                return Group { handle };
            }
            // Nobody holds it, and it is still here: it goes on.
            let group = Group::new(Arc::clone(&entry.numbers), shared.clone());
            entry.handle = Arc::downgrade(&group.handle);
            entry.end(None, ending);
            return group;
        }
        if !attributes.is_empty() && !state.has_room(layout, shared.options.max_series) {
            shared.overflowed.fetch_add(1, Ordering::Relaxed);
            let overflow = state.overflows.entry(layout.id);
            let numbers = overflow.or_insert_with(|| Arc::new(shared.overflow(layout)));
            return Group::new(Arc::clone(numbers), shared.clone());
        }
        state.count_series(layout, 1);
        let numbers = Arc::new(shared.numbers(layout, &key));
        let group = Group::new(Arc::clone(&numbers), shared.clone());
        let entry = Entry {
            handle: Arc::downgrade(&group.handle),
            numbers,
            number: state.made,
            since: None,
        };
        state.made += 1;
        state.groups.insert(key, entry);
        group
    }

    /// When counting began, in nanoseconds since 1970.
    pub fn start_unix_nanos(&self) -> u64 {
        self.shared.start_unix_nanos
    }

    /// What names have between `venice.` and their own.
    pub fn prefix(&self) -> &str {
        &self.shared.options.prefix
    }

    /// From now on `source` is asked at every snapshot, until it is dropped by its owner.
    pub fn add_source(&self, source: &Arc<dyn Source>) {
        let mut sources = self.shared.sources.lock();
        sources.retain(|source| source.strong_count() > 0);
        sources.push(Arc::downgrade(source));
    }

    /// The metrics now, with histograms of `most_buckets` at most. Stops nobody who counts; only who asks
    /// for a new group may wait for a moment.
    pub fn snapshot(&self, most_buckets: usize) -> Snapshot {
        let mut points = Points::new(most_buckets);
        let time_unix_nanos = self.read(&mut points);
        points.finish(time_unix_nanos, &self.shared.names)
    }

    /// The name of an instrument, with the prefix.
    pub(crate) fn name(&self, instrument: Instrument) -> &Arc<str> {
        &self.shared.names[instrument as usize]
    }

    /// Hands over all that was counted until now, and returns when that was.
    pub(crate) fn read(&self, sink: &mut impl Sink) -> u64 {
        let shared = &self.shared;
        let time_unix_nanos = now_unix_nanos();
        // Before the groups are read: what goes meanwhile is in its group, and not yet in these.
        let mut workshop = shared.groups();
        let Workshop {
            groups,
            totals,
            scratch,
            bound,
        } = &mut workshop;
        for numbers in groups.drain(..) {
            let mut adding = Adding {
                numbers: &numbers,
                totals,
                taker: Some((&mut *bound, &mut *sink)),
            };
            numbers.read(scratch, &mut adding);
        }
        self.ask_sources(bound, sink);
        bound.finish(sink);
        for instrument in Instrument::ALL.iter().copied() {
            let at = instrument as usize;
            match instrument.kind() {
                Kind::Gauge => {}
                Kind::Counter | Kind::UpDownCounter => {
                    sink.total(instrument, bound.total(instrument, totals.counters[at]));
                }
                Kind::Histogram | Kind::MinMaxCountSum => {
                    sink.total_recorded(instrument, &totals.histograms[at]);
                }
            }
        }
        *shared.workshop.lock() = Some(workshop);
        time_unix_nanos
    }

    fn ask_sources(&self, bound: &mut Bound, sink: &mut dyn Sink) {
        let sources: Vec<_> = {
            let sources = self.shared.sources.lock();
            sources.iter().filter_map(Weak::upgrade).collect()
        };
        let mut observer = Observer {
            options: &self.shared.options,
            start_unix_nanos: self.shared.start_unix_nanos,
            bound,
            sink,
        };
        for source in sources {
            source.observe(&mut observer);
        }
        self.observe_itself(&mut observer);
    }

    fn observe_itself(&self, observer: &mut Observer<'_>) {
        let refused = self.shared.refused_values.load(Ordering::Relaxed);
        observer.observe(
            Instrument::MetricsRefusedValueCount,
            &[],
            Value::U64(refused),
        );
        let overflowed = self.shared.overflowed.load(Ordering::Relaxed);
        observer.observe(
            Instrument::MetricsOverflowCount,
            &[],
            Value::U64(overflowed),
        );
        let series: usize = self.shared.state.lock().series.iter().sum();
        observer.observe(
            Instrument::MetricsSeriesCount,
            &[],
            Value::I64(series as i64),
        );
    }
}

impl Entry {
    /// It ends since then, or not any more.
    fn end(&mut self, since: Option<Instant>, ending: &mut BTreeMap<(Instant, u64), Arc<Numbers>>) {
        if let Some(before) = self.since {
            ending.remove(&(before, self.number));
        }
        if let Some(since) = since {
            ending.insert((since, self.number), Arc::clone(&self.numbers));
        }
        self.since = since;
    }
}

impl State {
    fn has_room(&self, layout: &Layout, max_series: usize) -> bool {
        layout.slots().all(|slot| {
            let same = layout
                .slots()
                .filter(|other| other.instrument == slot.instrument);
            self.series[slot.instrument as usize] + same.count() <= max_series
        })
    }

    fn count_series(&mut self, layout: &Layout, change: isize) {
        for slot in layout.slots() {
            let series = &mut self.series[slot.instrument as usize];
            *series = series.saturating_add_signed(change);
        }
    }

    /// Takes away what nobody holds since `linger`.
    fn sweep(&mut self, now: Instant, linger: Duration) {
        let mut scratch = None;
        while let Some(first) = self.ending.first_entry() {
            let (since, _) = *first.key();
            if now < since + linger {
                return;
            }
            let numbers = first.remove();
            if let Some(key) = &numbers.key {
                self.groups.remove(key);
            }
            let mut adding: Adding<'_, Points> = Adding {
                numbers: &numbers,
                totals: &mut self.gone,
                taker: None,
            };
            numbers.read(scratch.get_or_insert_with(Scratch::default), &mut adding);
            self.count_series(&numbers.layout, -1);
        }
    }
}

impl Keeper for Shared {
    fn let_go(&self, numbers: &Numbers) {
        let Some(key) = &numbers.key else {
            return; // what exceeds the bound stays
        };
        let mut state = self.state.lock();
        let now = Instant::now();
        let State { groups, ending, .. } = &mut *state;
        if let Some(entry) = groups.get_mut(key) {
            if entry.handle.strong_count() == 0 {
                entry.end(Some(now), ending);
            }
        }
        state.sweep(now, self.options.linger);
    }

    fn refuse_value(&self) {
        self.refused_values.fetch_add(1, Ordering::Relaxed);
    }
}

impl Shared {
    /// All groups, and what those counted that are gone.
    fn groups(&self) -> Workshop {
        // Whoever takes another snapshot meanwhile has a new one.
        let spare = self.workshop.lock().take();
        let mut workshop = spare.unwrap_or_else(|| Workshop {
            groups: Vec::new(),
            totals: Gone::new(),
            scratch: Scratch::default(),
            bound: Bound::new(),
        });
        let mut state = self.state.lock();
        state.sweep(Instant::now(), self.options.linger);
        let groups = state.groups.values().map(|entry| &entry.numbers);
        let groups = groups.chain(state.overflows.values()).cloned();
        workshop.groups.extend(groups);
        workshop.totals.copy(&state.gone);
        workshop
    }

    fn numbers(&self, layout: &Arc<Layout>, key: &Key) -> Numbers {
        let slots = layout.slots();
        let attributes = slots.map(|slot| {
            let mut given: Vec<(Dimension, &str)> = slot.attributes.clone();
            given.extend(
                key.1
                    .iter()
                    .map(|(dimension, value)| (*dimension, &**value)),
            );
            attributes(slot.instrument, &given, &self.options)
        });
        let attributes = attributes.collect();
        Numbers::new(
            Arc::clone(layout),
            attributes,
            now_unix_nanos(),
            Some(key.clone()),
        )
    }

    fn overflow(&self, layout: &Arc<Layout>) -> Numbers {
        let attributes = overflow_attributes();
        let attributes = layout.slots().map(|_| Arc::clone(&attributes)).collect();
        Numbers::new(Arc::clone(layout), attributes, now_unix_nanos(), None)
    }
}

fn now_unix_nanos() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}
