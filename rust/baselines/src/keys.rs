//! Keys at random of a store of the benchmark, as the engine reads them.

use venice_engine::Key;
use venice_load::store::{Draw, Store};

/// Partitions and bytes of keys.
pub(crate) struct Keys(Vec<(i32, [u8; 16])>);

impl Keys {
    /// So many that the store has; one may be there more than once.
    pub(crate) fn draw(store: &Store, draw: &mut Draw, count: usize) -> Keys {
        let key = |_| {
            let number = draw.next() % store.len();
            (store.partition(number).into(), store.key(number, false))
        };
        Keys((0..count).map(key).collect())
    }

    pub(crate) fn as_read(&self) -> Vec<Key<'_>> {
        let keys = self.0.iter();
        keys.map(|(partition, key)| Key::new(*partition, key))
            .collect()
    }
}
