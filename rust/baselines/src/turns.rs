//! Single gets of one turn of a worker, read in several ways, without a network: what fetching ahead is
//! worth. All ways read the same random keys, and take turns on one thread; a ratio is made of two that ran
//! one after the other. Values are copied out, as an answer needs them.
//!
//! * `gets`: one after the other, from memory, by RocksDB's Get.
//! * `ahead`: the same, behind [`venice_engine::Reader::fetch_ahead`], and answered by what that found, as the server
//!   makes them.
//! * `multi-get`: one batch, read as on a disk thread, which the engine gives to RocksDB's MultiGet, a
//!   partition at a time (of plain tables: gets behind a prefetch).
//! * `again`: the gets made once more: what they take when all of it is in the processor's caches.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use venice_engine::{Ahead, Key, StoreVersion, Tier, Value, GETS_AHEAD};
use venice_load::store::{Draw, Store};

use crate::keys::Keys;
use crate::stores::Stores;

/// Sizes of turns.
const SIZES: [usize; 6] = [1, 2, 4, 8, 16, 32];
/// Rounds of a size; in each, every way reads so many keys.
const ROUNDS: usize = 31;
const KEYS_OF_ROUND: usize = 16_384;

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Gets,
    Ahead,
    MultiGet,
    Again,
}

const WAYS: [(Way, &str); 4] = [
    (Way::Gets, "gets"),
    (Way::Ahead, "ahead"),
    (Way::MultiGet, "multi-get"),
    (Way::Again, "again"),
];

/// Prints a line for each size of a turn and each way: nanoseconds a key, and the ratio of the gets' time to
/// it (the median of the rounds, the least, the greatest).
///
/// With `only`, a size and a way, nothing else is read: for profiles.
pub(crate) fn run(
    stores: &Stores,
    keys: &Path,
    value_bytes: &str,
    only: Option<(&str, &str)>,
) -> Result<(), Box<dyn Error>> {
    venice_engine::disable_perf_counters();
    let name = format!("values{value_bytes}_v1");
    let store = Store::open(keys, &name, value_bytes.parse()?)?;
    let version = stores.registry.store_version(&name)?;
    warm(&version, &store)?;
    let mut draw = Draw::new(2026);
    if let Some((size, name)) = only {
        let size = size.parse()?;
        let way = WAYS.iter().find(|(_, known)| *known == name);
        let &(way, _) =
            way.ok_or_else(|| format!("{name:?}: give gets, ahead, multi-get or again"))?;
        let nanos = (0..10 * ROUNDS).map(|_| time(&version, &store, &mut draw, size, way));
        let (median, ..) = spread(nanos.collect::<Result<_, _>>()?);
        println!("{size},{name},{median:.0}");
        return Ok(());
    }
    println!("keys of a turn,way,ns a key,gets' time to it,least,greatest");
    for size in SIZES {
        let mut nanos: Vec<Vec<f64>> = vec![Vec::new(); WAYS.len()];
        for round in 0..ROUNDS {
            for at in 0..WAYS.len() {
                // The order changes.
                let way = (at + round) % WAYS.len();
                nanos[way].push(time(&version, &store, &mut draw, size, WAYS[way].0)?);
            }
        }
        for (way, (_, name)) in WAYS.iter().enumerate() {
            let ratios = nanos[0].iter().zip(&nanos[way]);
            let (ratio, least, greatest) = spread(ratios.map(|(gets, way)| gets / way).collect());
            let (time, ..) = spread(nanos[way].clone());
            println!("{size},{name},{time:.0},{ratio:.2},{least:.2},{greatest:.2}");
        }
    }
    Ok(())
}

/// Median, least, greatest.
fn spread(mut all: Vec<f64>) -> (f64, f64, f64) {
    all.sort_by(f64::total_cmp);
    (all[all.len() / 2], all[0], all[all.len() - 1])
}

/// Reads everything once.
fn warm(version: &StoreVersion, store: &Store) -> Result<(), Box<dyn Error>> {
    for number in 0..store.len() {
        let (partition, key) = (store.partition(number).into(), store.key(number, false));
        let found = version.get(partition, &key, Tier::Any, |value| value.len())?;
        if found != Some(store.value_bytes()) {
            return Err(format!("key {number} is {found:?}").into());
        }
    }
    Ok(())
}

/// Nanoseconds that a key takes.
fn time(
    version: &StoreVersion,
    store: &Store,
    draw: &mut Draw,
    size: usize,
    way: Way,
) -> Result<f64, Box<dyn Error>> {
    let keys = Keys::draw(store, draw, KEYS_OF_ROUND);
    let keys = keys.as_read();
    let mut out = Vec::with_capacity(size * store.value_bytes());
    let mut spent = 0;
    for turn in keys.chunks_exact(size) {
        if way == Way::Again {
            read(version, turn, Way::Gets, &mut out)?;
        }
        let begin = Instant::now();
        read(version, turn, way, &mut out)?;
        spent += begin.elapsed().as_nanos();
    }
    Ok(spent as f64 / KEYS_OF_ROUND as f64)
}

fn read(
    version: &StoreVersion,
    turn: &[Key<'_>],
    way: Way,
    out: &mut Vec<u8>,
) -> Result<(), Box<dyn Error>> {
    out.clear();
    let mut found = 0;
    if way == Way::MultiGet {
        version.multi_get(turn, Tier::Any, |_, value| {
            if let Some(value) = value {
                value.copy_to(out);
                found += 1;
            }
        })?;
    } else {
        for turn in turn.chunks(GETS_AHEAD) {
            let mut ahead = Ahead::default();
            let looks = way == Way::Ahead && turn.len() > 1;
            if looks {
                version.reader(Tier::Memory)?.fetch_ahead(turn, &mut ahead);
            }
            for (place, key) in turn.iter().enumerate() {
                let ahead = match way {
                    Way::Ahead => looks.then(|| ahead.found(place)),
                    _ => Some(None),
                };
                let reader = version.reader(Tier::Memory)?;
                let copy = |value: Value<'_>| value.copy_to(out);
                let value = reader.get_with(key.partition, key.key, usize::MAX, ahead, copy)?;
                found += usize::from(value.is_some());
            }
        }
    }
    black_box(&out);
    if found != turn.len() {
        return Err(format!("{found} of {} keys found", turn.len()).into());
    }
    Ok(())
}
