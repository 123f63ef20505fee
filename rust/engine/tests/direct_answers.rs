//! A get that is answered by what was found ahead of it has the answer of `DB::Get`: databases of random shape and
//! history, each key and many that are not there, in turns, alone, and in batches.
//!
//! `VENICE_DIRECT_DATABASES=N` has it make N databases instead of some; `VENICE_DIRECT_SEED=N` begins elsewhere, or
//! makes that of a failure again.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use venice_engine::testing::{answered_directly, Change, Table, TestStoreVersion};
use venice_engine::{
    each, Access, Ahead, Found, Key, ReadError, Reader, Registry, StoreVersion, StoreVersionState,
    Tier, Value, GETS_AHEAD,
};

const DATABASES: u64 = 100;
const CHANGES: u64 = 250;
/// RocksDB's CompressionType: none, Snappy, LZ4, ZSTD.
const COMPRESSIONS: [u8; 4] = [0, 1, 4, 7];
/// `kMaxKey` of `cpp/super_versions.h`.
const LONGEST_KEY: usize = 120;

struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    /// 1, one time of so many.
    fn seldom(&mut self, of: u64) -> u8 {
        (self.below(of) == 0).into()
    }
}

fn table(draw: &mut Draw) -> Table {
    let plain = draw.seldom(3);
    Table {
        plain,
        block_size: draw.of(&[1, 64, 256, 4096, 16 * 1024]),
        restart_interval: draw.of(&[1, 2, 16, 16, 64]),
        index_restart_interval: draw.of(&[1, 1, 1, 4]),
        format_version: draw.of(&[2, 2, 4, 5, 6]),
        compression: draw.of(&COMPRESSIONS),
        // Binary search, hash, two levels, with the first key.
        index_type: draw.of(&[0, 0, 0, 0, 2, 3]),
        hash_in_blocks: draw.seldom(6),
        filter: draw.seldom(3),
        cache_index: 1 - draw.seldom(8),
        delta_encoding: 1 - draw.seldom(6),
        protection_bytes: draw.seldom(10),
        index_sparseness: draw.of(&[0, 1, 2, 16]),
        prefix_encoding: plain & draw.seldom(4),
        bloom_bits: draw.of(&[0, 10]),
        prefix: draw.of(if plain == 1 { &[1, 3, 16, 16] } else { &[0, 3] }),
        statistics: draw.seldom(10),
        row_cache: draw.seldom(10),
        reverse_order: if plain == 1 { 0 } else { draw.seldom(10) },
        levels: draw.of(&[2, 4, 7]),
        target_file_size: draw.of(&[0, 0, 1024, 8 * 1024]),
    }
}

/// Whether a database may answer at all.
fn may_answer(table: &Table) -> bool {
    table.statistics + table.row_cache + table.reverse_order == 0
}

/// Whether what it has in files may.
fn files_may_answer(table: &Table) -> bool {
    let blocks = table.index_type == 0
        && table.hash_in_blocks == 0
        && table.protection_bytes == 0
        && table.cache_index == 1;
    may_answer(table)
        && match table.plain {
            0 => blocks,
            _ => table.prefix_encoding == 0,
        }
}

/// Whether it answers whatever it has once in its files. A restart point behind each entry of an index is looked for,
/// and a search goes through so many records only.
fn answers_all(table: &Table) -> bool {
    let short_way = table.index_restart_interval == 1 && table.restart_interval <= 16;
    files_may_answer(table) && (table.plain == 1 || short_way)
}

/// Of few bytes, so that keys are beginnings of others, and of others with what RocksDB has behind keys.
fn key(draw: &mut Draw, plain: bool) -> Vec<u8> {
    let length = match draw.below(20) {
        0 => u64::from(plain),
        1 => 118 + draw.below(6),
        2..=5 => 9 + draw.below(14),
        _ => 1 + draw.below(5),
    };
    let common = draw.below(length + 1);
    let byte = |at| match at < common {
        true => b'k',
        false => draw.of(&[0, 0, 1, b'a', b'k', 0xFF]),
    };
    (0..length).map(byte).collect()
}

/// A record of a value, different each time.
fn record(draw: &mut Draw, number: u64) -> Vec<u8> {
    let mut record = vec![0, 0, 0, 1];
    record.extend_from_slice(&number.to_be_bytes());
    let length = draw.of(&[0, 0, 5, 100, 3000]);
    record.resize(record.len() + length, number as u8);
    record
}

type Read = Result<Option<Vec<u8>>, ReadError>;

fn read(reader: &Reader<'_>, key: &[u8], ahead: Option<Option<Found<'_>>>) -> Read {
    reader.get_with(0, key, usize::MAX, ahead, |value| bytes_of(&value))
}

/// Schema and payload.
fn bytes_of(value: &Value<'_>) -> Vec<u8> {
    let mut out = value.schema_id().to_be_bytes().to_vec();
    value.copy_to(&mut out);
    out
}

/// Reads keys as a batch, and compares with what gets answered. Returns how many were answered directly.
fn compare_batch(
    reader: &Reader<'_>,
    keys: &[Vec<u8>],
    expected: &[Read],
    what: &dyn Fn() -> String,
) -> usize {
    let before = answered_directly();
    let batch: Vec<Key<'_>> = keys.iter().map(|key| Key::new(0, key)).collect();
    let mut taken = Vec::new();
    let mut take = each(|position, value: Option<Value<'_>>| {
        assert_eq!(position, taken.len());
        taken.push(value.map(|value| bytes_of(&value)));
    });
    let read = reader.multi_get(&batch, &mut take);
    let first_error = expected.iter().find_map(|read| read.as_ref().err());
    assert_eq!(read.is_err(), first_error.is_some(), "{}", what());
    for ((taken, expected), key) in taken.iter().zip(expected).zip(keys) {
        if let Ok(expected) = expected {
            assert_eq!(taken, expected, "{key:?} in a batch, {}", what());
        }
    }
    if first_error.is_none() {
        assert_eq!(taken.len(), keys.len(), "{}", what());
    }
    answered_directly() - before
}

/// Reads keys by `DB::Get`, in turns, alone, and as batches. Returns how many are there, and how many have an answer, of keys that
/// are short enough; and how many gets were answered directly in turns, and alone.
fn compare(version: &StoreVersion, keys: &[Vec<u8>], what: &dyn Fn() -> String) -> [usize; 4] {
    let reader = version.reader(Tier::Memory).unwrap();
    let on_disk = version.reader(Tier::Any).unwrap();
    for key in keys {
        let _ = read(&on_disk, key, Some(None));
    }
    let expected: Vec<Read> = keys
        .iter()
        .map(|key| read(&reader, key, Some(None)))
        .collect();
    let before = answered_directly();
    for (keys, expected) in keys.chunks(GETS_AHEAD).zip(expected.chunks(GETS_AHEAD)) {
        let mut ahead = Ahead::default();
        let turn: Vec<Key<'_>> = keys.iter().map(|key| Key::new(0, key)).collect();
        assert_eq!(reader.fetch_ahead(&turn, &mut ahead), 0);
        for (place, (key, expected)) in keys.iter().zip(expected).enumerate() {
            let read = read(&reader, key, Some(ahead.found(place)));
            assert_eq!(&read, expected, "{key:?} in a turn, {}", what());
        }
    }
    let in_turns = answered_directly() - before;
    for (key, expected) in keys.iter().zip(&expected) {
        let read = read(&reader, key, None);
        assert_eq!(&read, expected, "{key:?} alone, {}", what());
    }
    let alone = answered_directly() - before - in_turns;
    // An error ends a batch, here and there.
    let whole = |reader: &Reader<'_>| compare_batch(reader, keys, &expected, what);
    let (in_memory, of_any) = (whole(&reader), whole(&on_disk));
    assert!(of_any <= keys.len(), "{}", what());
    IN_BATCHES.fetch_add(in_memory, Ordering::Relaxed);
    // Most keys of these are found, so none goes by MultiGet.
    let are_there = keys.iter().cloned().zip(expected.iter().cloned());
    let are_there = are_there.filter(|(_, read)| matches!(read, Ok(Some(_))));
    let (there, values): (Vec<_>, Vec<_>) = are_there.unzip();
    compare_batch(&on_disk, &there, &values, what);
    let short = keys.iter().zip(&expected);
    let short = short.filter(|(key, _)| key.len() <= LONGEST_KEY);
    let short: Vec<&Read> = short.map(|(_, read)| read).collect();
    let there = short.iter().filter(|read| matches!(read, Ok(Some(_))));
    let known = short.iter().filter(|read| read.is_ok());
    [there.count(), known.count(), in_turns, alone]
}

struct Subject {
    registry: Arc<Registry>,
    store: TestStoreVersion,
    table: Table,
    keys: Vec<Vec<u8>>,
    changes: u64,
    /// Whether something is surely in memtables.
    in_memtables: bool,
    waits: bool,
}

impl Drop for Subject {
    fn drop(&mut self) {
        if self.waits {
            // A check failed: what was told to wait would hold up the close for good.
            let _ = self.store.change(0, Change::GoOn, b"", b"");
        }
    }
}

impl Subject {
    fn change(&mut self, draw: &mut Draw) {
        let key = self.keys[draw.below(self.keys.len() as u64) as usize].clone();
        let other = self.keys[draw.below(self.keys.len() as u64) as usize].clone();
        self.changes += 1;
        let mut value = record(draw, self.changes);
        let plain = self.table.plain == 1;
        let change = match draw.below(100) {
            0..=54 => Change::Put,
            55..=64 => Change::Delete,
            65..=68 => Change::Merge,
            // RocksDB does not do it with a row cache.
            69 if !plain && self.table.row_cache == 0 => Change::DeleteRange,
            70..=71 if !plain => Change::PutEntity,
            72..=79 => Change::Flush,
            80..=81 => Change::Compact,
            // RocksDB takes none of plain tables in.
            82..=86 if !plain && self.table.reverse_order == 0 => Change::Ingest,
            87..=88 if !self.waits => Change::SwitchMemtable,
            89..=92 => Change::GoOn,
            93..=94 => Change::Snapshot,
            95..=96 => Change::ReleaseSnapshots,
            _ => Change::Put,
        };
        let key = match change {
            Change::DeleteRange => {
                let (key, to) = if (key < other) != (self.table.reverse_order == 1) {
                    (key, other)
                } else {
                    (other, key)
                };
                value = to;
                key
            }
            _ => key,
        };
        match change {
            Change::GoOn if !self.waits => return,
            // Would wait for what was told to wait.
            Change::Flush | Change::Compact | Change::Ingest if self.waits => return,
            Change::SwitchMemtable => self.waits = true,
            Change::GoOn => self.waits = false,
            _ => {}
        }
        let changed = self.store.change(0, change, &key, &value);
        changed.unwrap_or_else(|status| panic!("{change:?} of {key:?}: {status}"));
        self.in_memtables = match change {
            Change::Flush | Change::Compact | Change::GoOn => false,
            // Flushes what overlaps.
            Change::Ingest => false,
            Change::SwitchMemtable | Change::Snapshot | Change::ReleaseSnapshots => {
                self.in_memtables
            }
            _ => true,
        };
    }

    /// Brings all into files that are at rest.
    fn settle(&mut self) {
        if std::mem::take(&mut self.waits) {
            self.store.change(0, Change::GoOn, b"", b"").unwrap();
        }
        for change in [Change::ReleaseSnapshots, Change::Flush] {
            self.store.change(0, change, b"", b"").unwrap();
        }
        self.in_memtables = false;
    }
}

/// Gets that were answered directly while something was in memtables.
static BESIDE_MEMTABLES: AtomicUsize = AtomicUsize::new(0);
/// Keys of batches that were answered directly on the worker's terms.
static IN_BATCHES: AtomicUsize = AtomicUsize::new(0);

/// How many gets were answered directly.
fn check_database(seed: u64) -> usize {
    let mut draw = Draw(seed.wrapping_mul(0xD134_2543_DE82_EF95));
    let table = table(&mut draw);
    let registry = Registry::new();
    let store = TestStoreVersion::create_with_table(&registry, "store_v1", &table);
    store.open(0);
    let keys = (0..20 + draw.below(200)).map(|_| key(&mut draw, table.plain == 1));
    // With this encoding RocksDB itself reads freed memory for longer ones.
    let longest = if table.prefix_encoding == 1 { 30 } else { 200 };
    let mut keys: Vec<_> = keys.filter(|key| key.len() <= longest).collect();
    keys.sort();
    keys.dedup();
    // Asked for, as others that are not there, and keys that come twice in a turn.
    let others = (0..100).map(|_| key(&mut draw, table.plain == 1));
    let others = others.filter(|key| key.len() <= longest);
    let mut asked: Vec<_> = others.chain(keys.iter().cloned()).collect();
    asked.extend(keys.iter().step_by(3).cloned());
    for at in 1..asked.len() {
        asked.swap(at, draw.below(at as u64 + 1) as usize);
    }
    let mut subject = Subject {
        registry: Arc::clone(&registry),
        store,
        table,
        keys,
        changes: 0,
        in_memtables: false,
        waits: false,
    };
    let version = subject.registry.store_version("store_v1").unwrap();
    let mut direct = 0;
    let check = |subject: &Subject, step: &str| {
        // Compactions have other blocks read, which are in no cache then.
        subject.store.change(0, Change::Rest, b"", b"").unwrap();
        let what = || format!("{step} of seed {seed}, {:?}", subject.table);
        let [there, known, in_turns, alone] = compare(&version, &asked, &what);
        if !may_answer(&subject.table) {
            assert_eq!([in_turns, alone], [0, 0], "{}", what());
        }
        assert!(in_turns <= known && alone <= known, "{}", what());
        if subject.in_memtables {
            BESIDE_MEMTABLES.fetch_add(in_turns, Ordering::Relaxed);
        }
        [there, known, in_turns]
    };
    for number in 0..CHANGES {
        subject.change(&mut draw);
        if draw.below(12) == 0 {
            if !subject.waits && draw.below(2) == 0 {
                subject.store.flush(0);
                subject.in_memtables = false;
            }
            direct += check(&subject, &format!("change {number}"))[2];
            // Nothing depends on what tells where blocks are.
            subject.store.mislead(0, draw.of(&[-1, 1, 1]));
            check(&subject, &format!("change {number}, misled"));
        }
    }
    subject.settle();
    direct += check(&subject, "files")[2];
    // Once more, of this opening alone.
    subject.store.close(0).unwrap();
    let access = Access::ReadOnly {
        error_if_wal_file_exists: false,
    };
    subject.store.try_open(0, access).unwrap();
    direct += check(&subject, "read-only")[2];
    subject.store.close(0).unwrap();
    subject.store.open(0);
    subject.store.change(0, Change::Compact, b"", b"").unwrap();
    // Each value is alone, in one file of its level; and where blocks are is found out for the first gets.
    check(&subject, "all compacted");
    let [there, known, found] = check(&subject, "all compacted, again");
    if !files_may_answer(&table) {
        // But for those of which the range of a file says that they are not there.
        assert!(found <= known - there, "{found} of seed {seed}, {table:?}");
    }
    if answers_all(&table) {
        let what = format!("seed {seed}, {:?}", subject.table);
        let known = subject.store.mislead(0, 0);
        assert!(
            there < 20 || table.plain == 1 || known > 0,
            "{known} known, {what}"
        );
        // Those of wide columns stay such.
        assert!(found * 10 >= there * 8, "{found} of {there}, {what}");
    }
    direct + found
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn what_is_answered_directly_is_what_rocksdb_answers() {
    let first = number("VENICE_DIRECT_SEED").unwrap_or(1);
    let count = number("VENICE_DIRECT_DATABASES").unwrap_or(DATABASES);
    let direct: usize = (first..first + count).map(check_database).sum();
    eprintln!("{count} databases, {direct} gets answered directly");
    assert!(count < 20 || direct as u64 > 100 * count);
    let beside = BESIDE_MEMTABLES.load(Ordering::Relaxed);
    assert!(count < 20 || beside as u64 > 100 * count, "{beside}");
    let in_batches = IN_BATCHES.load(Ordering::Relaxed);
    assert!(
        count < 20 || in_batches as u64 > 100 * count,
        "{in_batches}"
    );
}

/// The payload under `key`.
fn get(version: &StoreVersion, tier: Tier, ahead: Option<Option<Found<'_>>>) -> Vec<u8> {
    let reader = version.reader(tier).unwrap();
    read(&reader, b"key", ahead).unwrap().unwrap()[4..].to_vec()
}

#[test]
fn a_key_of_another_state_is_read_again() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.open(0);
    store.put_unchunked(0, b"key", 1, b"with suffix");
    store.put(0, b"key", 1, b"without");
    store.flush(0);
    let version = registry.store_version("store_v1").unwrap();
    let state = |chunked, compression_strategy| StoreVersionState {
        chunked,
        compression_strategy,
        ..Default::default()
    };
    let before = answered_directly();
    for (state, answer) in [
        (state(false, 0), &b"without"[..]),
        (state(true, 0), b"with suffix"),
    ] {
        store.put_state(&state);
        assert_eq!(get(&version, Tier::Any, None), answer);
        let mut ahead = Ahead::default();
        let reader = version.reader(Tier::Memory).unwrap();
        reader.fetch_ahead(&[Key::new(0, b"key")], &mut ahead);
        assert_eq!(get(&version, Tier::Memory, Some(ahead.found(0))), answer);
    }
    assert_eq!(answered_directly() - before, 2);
    // What was found for one state does not answer by another.
    store.put_state(&state(false, 0));
    let mut ahead = Ahead::default();
    let reader = version.reader(Tier::Memory).unwrap();
    reader.fetch_ahead(&[Key::new(0, b"key")], &mut ahead);
    assert!(ahead.found(0).is_some());
    for (state, answer) in [
        (state(true, 0), &b"with suffix"[..]),
        (state(false, 3), b"without"),
    ] {
        store.put_state(&state);
        assert_eq!(get(&version, Tier::Memory, Some(ahead.found(0))), answer);
    }
    assert_eq!(answered_directly() - before, 2);
    // Nor another key.
    let reader = version.reader(Tier::Memory).unwrap();
    store.put_state(&state(false, 0));
    assert_eq!(read(&reader, b"other", Some(ahead.found(0))), Ok(None));
}
