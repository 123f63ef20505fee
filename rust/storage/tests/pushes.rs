//! What a push writes, the engine reads: every table format, compression and size of value.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use venice_catalog::partition_of;
use venice_engine::{Registry, Tier};
use venice_storage::{
    train_dictionary, BlockCache, Compressor, Folder, Hosted, Push, PushOptions, StorageError,
    Strategy, TableFormat,
};

const PARTITIONS: i32 = 3;

/// Keys that are beginnings of each other, none, and many; values from nothing to several chunks.
fn rows() -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut rows = BTreeMap::new();
    rows.insert(b"".to_vec(), b"of the empty key".to_vec());
    for n in 0..2000u32 {
        let key = format!("key {n}").into_bytes();
        let length = if n % 500 == 1 {
            10_000
        } else {
            n as usize % 70
        };
        rows.insert(key, (0..length).map(|at| (at as u32 * n) as u8).collect());
    }
    rows
}

fn options(name: &str) -> PushOptions {
    PushOptions {
        // Several runs.
        sort_memory: 64 * 1024,
        ..PushOptions::new(name, 1, PARTITIONS)
    }
}

fn push(folder: &Folder, options: PushOptions, rows: &BTreeMap<Vec<u8>, Vec<u8>>) -> u64 {
    let mut push = Push::start(folder, options).unwrap();
    // Not in the order of keys.
    for (key, value) in rows.iter().rev() {
        push.add(key, 7, value).unwrap();
    }
    let mut told = 0;
    let pushed = push.finish(|records| told = records).unwrap();
    assert_eq!(pushed.rows, rows.len() as u64);
    assert_eq!(told, pushed.records);
    pushed.records
}

/// Names and times of all files below a folder.
fn files(folder: &Path) -> BTreeMap<String, SystemTime> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let changed = fs::metadata(&path).unwrap().modified().unwrap();
            all.insert(path.display().to_string(), changed);
        }
    }
    all
}

fn read_back(
    folder: &Folder,
    store: &str,
    options: &PushOptions,
    rows: &BTreeMap<Vec<u8>, Vec<u8>>,
) {
    let cache = BlockCache::new(1 << 20).unwrap();
    let registry = Registry::new();
    let stored = folder.newest(store).unwrap().unwrap();
    assert_eq!(stored.partitions, [0, 1, 2]);
    let before = files(folder.root());
    let hosted = Hosted::open(&registry, &stored, &cache).unwrap();
    assert_eq!(hosted.format(), options.format);
    let version = registry.store_version(stored.name()).unwrap();
    let state = version.state(Tier::Any).unwrap();
    assert_eq!(state.chunked, options.chunked);
    assert!(state.sorted);
    assert!(state.end_of_push_timestamp >= state.start_of_push_timestamp);
    assert_eq!(
        state.compression_dictionary.as_deref(),
        options.dictionary.as_deref()
    );
    let strategy = Strategy::of(state.compression_strategy).unwrap();
    let mut compressor =
        Compressor::new(strategy, state.compression_dictionary.as_deref()).unwrap();
    let reader = version.reader(Tier::Any).unwrap();
    for (key, value) in rows {
        let partition = partition_of(key, PARTITIONS);
        let read = reader.get(partition, key, usize::MAX, |value| {
            let mut out = Vec::new();
            value.copy_to(&mut out);
            (value.schema_id(), out)
        });
        let (schema_id, read) = read.unwrap().expect("a value");
        assert_eq!(schema_id, 7);
        assert_eq!(&compressor.decompress(&read).unwrap(), value);
        for other in (0..PARTITIONS).filter(|other| *other != partition) {
            let read = reader.get(other, key, usize::MAX, |_| ()).unwrap();
            assert_eq!(read, None, "a key is in one partition");
        }
    }
    drop(hosted);
    // Who reads leaves everything as it is.
    assert_eq!(files(folder.root()), before);
}

#[test]
fn every_form_is_read_back() {
    let rows = rows();
    let values: Vec<Vec<u8>> = rows.values().cloned().collect();
    let dictionary = train_dictionary(&values).unwrap();
    let data = tempfile::tempdir().unwrap();
    let folder = Folder::at(data.path());
    let formats = [
        TableFormat::BlockBased,
        TableFormat::Plain,
        TableFormat::Blob,
    ];
    let strategies = [Strategy::NoOp, Strategy::Gzip, Strategy::ZstdWithDict];
    for format in formats {
        for compression in strategies {
            for chunked in [false, true] {
                let name = format!("{}-{}-{chunked}", format.name(), compression.name());
                let dictionary =
                    (compression == Strategy::ZstdWithDict).then(|| dictionary.clone());
                let options = PushOptions {
                    format,
                    compression,
                    dictionary,
                    chunked,
                    chunk_bytes: 3000,
                    ..options(&name)
                };
                let records = push(&folder, options.clone(), &rows);
                // Four large values; uncompressed, each has four chunks of 3,000 bytes.
                let chunks = if chunked && compression == Strategy::NoOp {
                    4 * 4
                } else {
                    0
                };
                assert!(records >= rows.len() as u64 + chunks, "{name}: {records}");
                read_back(&folder, &name, &options, &rows);
            }
        }
    }
}

#[test]
fn records_are_walked_in_order() {
    let rows = rows();
    let data = tempfile::tempdir().unwrap();
    let folder = Folder::at(data.path());
    let cache = BlockCache::new(1 << 20).unwrap();
    for format in [TableFormat::BlockBased, TableFormat::Plain] {
        let options = PushOptions {
            format,
            ..options(format.name())
        };
        push(&folder, options, &rows);
        let stored = folder.newest(format.name()).unwrap().unwrap();
        let hosted = Hosted::open(&Registry::new(), &stored, &cache).unwrap();
        let mut walked = BTreeMap::new();
        for (partition, database) in hosted.partitions() {
            let mut records = database.records().unwrap();
            let mut last: Option<Vec<u8>> = None;
            while let Some((key, value)) = records.next().unwrap() {
                assert!(last.is_none_or(|last| last[..] < *key));
                last = Some(key.to_vec());
                assert_eq!(partition_of(key, PARTITIONS), partition);
                assert_eq!(value[..4], [0, 0, 0, 7]);
                walked.insert(key.to_vec(), value[4..].to_vec());
            }
            assert_eq!(records.next().unwrap(), None);
            let middle = walked
                .keys()
                .find(|key| partition_of(key, PARTITIONS) == partition);
            let middle = middle.unwrap().clone();
            records.seek(&middle).unwrap();
            assert_eq!(records.next().unwrap().unwrap().0, middle);
            records.seek(&[0xFF]).unwrap();
            assert_eq!(records.next().unwrap(), None);
        }
        assert_eq!(walked, rows);
    }
}

#[test]
fn a_key_that_comes_twice_is_an_error_unless_the_last_wins() {
    let data = tempfile::tempdir().unwrap();
    let folder = Folder::at(data.path());
    let add = |chunked, last_wins| {
        let options = PushOptions {
            chunked,
            last_wins,
            ..options("twice")
        };
        let mut push = Push::start(&folder, options).unwrap();
        push.add(b"key", 7, b"first").unwrap();
        push.add(b"key", 7, b"second").unwrap();
        push.finish(|_| {})
    };
    for chunked in [false, true] {
        match add(chunked, false) {
            Err(StorageError::DuplicateKey { key, .. }) => assert_eq!(key, b"key"),
            other => panic!("{other:?}"),
        }
        // Nothing is left of it.
        assert!(!folder.root().exists());
    }
    let pushed = add(false, true).unwrap();
    assert_eq!((pushed.rows, pushed.records), (2, 1));
    let rows = BTreeMap::from([(b"key".to_vec(), b"second".to_vec())]);
    read_back(&folder, "twice", &options("twice"), &rows);
}

#[test]
fn what_is_wrong_is_said_before_anything_is_written() {
    let data = tempfile::tempdir().unwrap();
    let folder = Folder::at(data.path());
    let refused = |options: PushOptions| match Push::start(&folder, options) {
        Ok(_) => panic!("it was started"),
        Err(error) => error.to_string(),
    };
    assert!(refused(options("a b")).contains("is no name of a store"));
    let versions = PushOptions {
        version: 0,
        ..options("a")
    };
    assert_eq!(refused(versions), "the version is 0; give 1 to 2147483647");
    let partitions = PushOptions {
        partitions: 0,
        ..options("a")
    };
    assert_eq!(
        refused(partitions),
        "the number of partitions is 0; give 1 to 100000"
    );
    let zstd = PushOptions {
        compression: Strategy::ZstdWithDict,
        ..options("a")
    };
    assert!(refused(zstd).contains("needs the dictionary"));
    assert!(!folder.root().exists());

    push(&folder, options("a"), &BTreeMap::new());
    assert!(refused(options("a")).ends_with("is there already; give another version, or remove it"));
    let stored = folder.newest("a").unwrap();
    assert!(stored.is_some(), "the refused push removed what was there");
}
