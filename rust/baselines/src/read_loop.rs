//! Reads in a loop, without a network: what is left when everything but storage is taken away.
//!
//! A line `VALUE_BYTES KEYS SECONDS` on standard input runs the loop so long on the store of such
//! values. Values are copied out, as an answer needs them. The result is a line of JSON. Readers are:
//!
//! * `get`, `multi-get`: RocksDB's own calls, as its db_bench makes them, on the keys of a partition,
//!   with RocksDB's own block cache.
//! * `engine`: what the server reads with; one key is a get, more are a batch.

use std::error::Error;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use venice_engine::testing::{BlockCache, RocksCall, TestStoreVersion};
use venice_engine::{Key, StoreVersion, Tier};
use venice_load::process::Usage;
use venice_load::store::{Draw, Store};

use crate::keys::Keys;
use crate::stores::Stores;

/// Different keys of a loop: enough that no cache of the processor holds what they ask for.
const KEYS: usize = 1 << 17;

/// Who reads.
#[derive(Clone, Copy)]
pub(crate) enum ReaderName {
    Engine,
    Rocks(RocksCall),
}

impl FromStr for ReaderName {
    type Err = String;

    fn from_str(word: &str) -> Result<ReaderName, String> {
        match word {
            "engine" => Ok(ReaderName::Engine),
            "get" => Ok(ReaderName::Rocks(RocksCall::Get)),
            "multi-get" => Ok(ReaderName::Rocks(RocksCall::MultiGet)),
            _ => Err(format!("{word:?}: give get, multi-get or engine")),
        }
    }
}

/// The block cache of the stores that it reads.
pub(crate) fn cache(reader: ReaderName) -> BlockCache {
    BlockCache {
        prefetching: matches!(reader, ReaderName::Engine),
        ..BlockCache::default()
    }
}

/// Takes commands until the end of the input. `keys` has the `.partitions` of the stores.
pub(crate) fn run(stores: &Stores, keys: &Path, reader: ReaderName) -> Result<(), Box<dyn Error>> {
    venice_engine::disable_perf_counters();
    // The line that other programs say their ports in.
    println!("ready 0");
    for line in io::stdin().lines() {
        let line = line?;
        let mut words = line.split(' ');
        let value_bytes: usize = number(&line, words.next())?;
        let count: usize = number(&line, words.next())?;
        let seconds: f64 = number(&line, words.next())?;
        let name = format!("values{value_bytes}_v1");
        let store = Store::open(keys, &name, value_bytes)?;
        let version = stores.registry.store_version(&name)?;
        let open = stores.open.iter().find(|open| open.name() == name);
        let open = open.ok_or_else(|| format!("{name} is not open"))?;
        let reader = match reader {
            ReaderName::Engine => Reader::Engine(&version),
            ReaderName::Rocks(call) => Reader::Rocks(open, call),
        };
        println!(
            "{}",
            measure(&reader, &store, count, Duration::from_secs_f64(seconds))?
        );
    }
    Ok(())
}

fn number<T: FromStr>(line: &str, word: Option<&str>) -> Result<T, String> {
    let number = word.and_then(|word| word.parse().ok());
    number.ok_or_else(|| usage(line))
}

fn usage(line: &str) -> String {
    format!("{line:?}: give VALUE_BYTES, KEYS, SECONDS")
}

/// What it reads with.
enum Reader<'a> {
    Engine(&'a StoreVersion),
    Rocks(&'a TestStoreVersion, RocksCall),
}

/// The keys of one turn of the loop, as the readers want them: in the order of a request, and by
/// partition.
struct Batch<'a> {
    keys: Vec<Key<'a>>,
    partitions: Vec<(i32, Vec<&'a [u8]>)>,
}

impl<'a> Batch<'a> {
    fn new(keys: &[Key<'a>]) -> Batch<'a> {
        let mut partitions: Vec<(i32, Vec<&[u8]>)> = Vec::new();
        for key in keys {
            match partitions.iter_mut().find(|(id, _)| *id == key.partition) {
                Some((_, keys)) => keys.push(key.key),
                None => partitions.push((key.partition, vec![key.key])),
            }
        }
        Batch {
            keys: keys.to_vec(),
            partitions,
        }
    }
}

impl Reader<'_> {
    /// Reads all keys, appends their values to `out`, which has room, and tells how many were found.
    fn read(&self, batch: &Batch<'_>, out: &mut Vec<u8>) -> Result<usize, Box<dyn Error>> {
        match self {
            Reader::Rocks(store_version, call) => {
                let partitions = batch.partitions.iter();
                let found = partitions
                    .map(|(partition, keys)| store_version.read_raw(*partition, keys, *call, out));
                Ok(found.sum())
            }
            Reader::Engine(version) => {
                if let [key] = batch.keys[..] {
                    let found = version.get(key.partition, key.key, Tier::Any, |value| {
                        value.copy_to(out);
                    })?;
                    return Ok(usize::from(found.is_some()));
                }
                let mut found = 0;
                version.multi_get(&batch.keys, Tier::Any, |_, value| {
                    if let Some(value) = value {
                        value.copy_to(out);
                        found += 1;
                    }
                })?;
                Ok(found)
            }
        }
    }
}

fn measure(
    reader: &Reader<'_>,
    store: &Store,
    count: usize,
    time: Duration,
) -> Result<String, Box<dyn Error>> {
    let mut draw = Draw::new(2026);
    let keys = Keys::draw(store, &mut draw, KEYS.next_multiple_of(count));
    let keys = keys.as_read();
    let batches: Vec<Batch<'_>> = keys.chunks_exact(count).map(Batch::new).collect();
    let bytes = count * store.value_bytes();
    let mut out = Vec::with_capacity(bytes);
    // Once, so that all of it is in memory.
    for batch in &batches {
        out.clear();
        reader.read(batch, &mut out)?;
    }

    let pid = std::process::id();
    let mut requests = 0u64;
    let before = Usage::of(pid);
    let begin = Instant::now();
    'time: loop {
        for batch in &batches {
            out.clear();
            let found = reader.read(batch, &mut out)?;
            black_box(&out);
            if found != count || out.len() != bytes {
                return Err(format!("{found} of {count} keys found").into());
            }
            requests += 1;
            if begin.elapsed() >= time {
                break 'time;
            }
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let after = Usage::of(pid);
    Ok(format!(
        "{{\"rate\":{:.1},\"seconds\":{seconds:.3},\"user_seconds\":{:.2},\"system_seconds\":{:.2},\
         \"resident_kib\":{}}}",
        requests as f64 / seconds,
        after.user_seconds - before.user_seconds,
        after.system_seconds - before.system_seconds,
        after.resident_kib,
    ))
}
