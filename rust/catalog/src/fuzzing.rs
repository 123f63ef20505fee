//! Descriptions of any bytes: for `rust/fuzz` and for the tests below.

use crate::limits::DESCRIPTION_BYTES;
use crate::{Catalog, Store};

/// A description. What is read of it holds no more than it had, nearly, and a catalog takes it.
///
/// # Panics
///
/// If that is not so.
pub fn description(bytes: &[u8]) {
    let store = match Store::from_json(bytes) {
        Ok(store) => store,
        Err(error) => {
            assert!(error.to_string().len() < 8192, "{error}");
            return;
        }
    };
    assert!(bytes.len() <= DESCRIPTION_BYTES);
    assert!(store.bytes() <= 4096 + 1024 * bytes.len());
    if let Some(version) = store.current() {
        if let Ok(partitioner) = version.partitioner.computed() {
            let partition = partitioner.partition_of(b"key", version.partition_count);
            assert!((0..version.partition_count).contains(&partition));
        }
    }
    let catalog = Catalog::default();
    catalog.put(store.clone()).expect("one store has room");
    assert_eq!(catalog.store(&store.name).as_deref(), Some(&store));
    assert!(catalog.remove(&store.name));
    assert_eq!(catalog.bytes(), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    /// Changes of each seed.
    const CHANGES: usize = 3000;

    #[test]
    fn descriptions_of_any_bytes() {
        let corpus = std::env::var_os("FUZZ_CORPUS").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus")),
            PathBuf::from,
        );
        let folder =
            fs::read_dir(corpus.join("store_description")).expect("the corpus has this target");
        let mut files: Vec<PathBuf> = folder.map(|file| file.unwrap().path()).collect();
        files.sort();
        assert!(files.len() >= 3, "{} seeds", files.len());
        let mut state = 1u64;
        let mut draw = |most: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as usize % most.max(1)
        };
        let mut read = 0;
        for seed in files.iter().map(|file| fs::read(file).unwrap()) {
            description(&seed);
            read += usize::from(Store::from_json(&seed).is_ok());
            for _ in 0..CHANGES {
                let mut bytes = seed.clone();
                for _ in 0..=draw(3) {
                    let at = draw(bytes.len() + 1);
                    match draw(5) {
                        0 => bytes.truncate(at),
                        1 if at < bytes.len() => bytes[at] ^= 1 << draw(8),
                        2 if at < bytes.len() => drop(bytes.remove(at)),
                        3 => bytes.insert(at, b"{}[]\",:0-9e\\u\xff"[draw(14)]),
                        _ => bytes.extend_from_slice(&seed[draw(seed.len())..]),
                    }
                }
                description(&bytes);
            }
        }
        assert!(read >= 2, "{read} seeds are descriptions");
    }
}
