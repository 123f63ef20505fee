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
    use venice_mutation::{fuzz, seeds};

    #[test]
    fn descriptions_of_any_bytes() {
        fuzz("store_description", 10_000, description);
        let seeds = seeds("store_description");
        let read = seeds.iter().filter(|seed| Store::from_json(seed).is_ok());
        assert!(read.count() >= 2);
    }
}
