//! Reads in a loop, without a network: what is left when everything but storage is taken away.
//!
//! A line `VALUE_BYTES KEYS SECONDS` on standard input runs the loop so long on the store of such
//! values: one key is a get, more are a multi-get. Values are copied out, as an answer needs them. The
//! result is a line of JSON.

use std::error::Error;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use venice_engine::{Key, Registry, StoreVersion, Tier};
use venice_load::process::Usage;
use venice_load::store::{Draw, Store};

/// Different batches of a loop: enough that no cache of the processor holds what they ask for.
const KEYS: usize = 1 << 17;

/// Takes commands until the end of the input. `keys` has the `.partitions` of the stores.
pub(crate) fn run(registry: &Registry, keys: &Path) -> Result<(), Box<dyn Error>> {
    venice_engine::count_nothing_on_this_thread();
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
        let version = registry.store_version(&name)?;
        println!(
            "{}",
            measure(&version, &store, count, Duration::from_secs_f64(seconds))?
        );
    }
    Ok(())
}

fn number<T: FromStr>(line: &str, word: Option<&str>) -> Result<T, String> {
    let number = word.and_then(|word| word.parse().ok());
    number.ok_or_else(|| format!("{line:?}: give VALUE_BYTES KEYS SECONDS"))
}

fn measure(
    version: &StoreVersion,
    store: &Store,
    count: usize,
    time: Duration,
) -> Result<String, Box<dyn Error>> {
    let mut draw = Draw::new(2026);
    let numbers: Vec<u64> = (0..KEYS.next_multiple_of(count))
        .map(|_| draw.next() % store.len())
        .collect();
    let keys: Vec<[u8; 16]> = numbers.iter().map(|&n| store.key(n, false)).collect();
    let keys: Vec<Key<'_>> = numbers
        .iter()
        .zip(&keys)
        .map(|(&number, key)| Key {
            partition: store.partition(number).into(),
            key,
        })
        .collect();
    // Once, so that all of it is in memory.
    version.multi_get(&keys, Tier::Any, |_, _| {})?;

    let pid = std::process::id();
    let mut out = BytesMut::new();
    let mut requests = 0u64;
    let before = Usage::of(pid);
    let begin = Instant::now();
    'time: loop {
        for batch in keys.chunks_exact(count) {
            out.clear();
            let found = if let [key] = batch {
                version
                    .get(key.partition, key.key, Tier::Any, |value| {
                        value.copy_to(&mut out);
                    })?
                    .map_or(0, |()| 1)
            } else {
                let mut found = 0;
                version.multi_get(batch, Tier::Any, |_, value| {
                    if let Some(value) = value {
                        value.copy_to(&mut out);
                        found += 1;
                    }
                })?;
                found
            };
            black_box(&out);
            if found != count || out.len() != count * store.value_bytes() {
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
