//! The store versions that a baseline reads.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use venice_engine::testing::{BlockCache, TableFormat, TestStoreVersion};
use venice_engine::Registry;

/// As `tests/bench/server/BenchStore.java` makes them.
pub(crate) const PARTITIONS: i32 = 4;

/// The stores of one folder, open.
pub(crate) struct Stores {
    pub(crate) registry: Arc<Registry>,
    /// Closed with it.
    pub(crate) open: Vec<TestStoreVersion>,
}

impl Stores {
    pub(crate) fn open(
        folder: &str,
        table: &str,
        cache: BlockCache,
        value_bytes: &[String],
    ) -> Result<Stores, Box<dyn Error>> {
        let format = table_format(table)?;
        let registry = Registry::new();
        let root = Path::new(folder).join("rocksdb");
        let open = value_bytes.iter().map(|bytes| {
            let name = format!("values{bytes}_v1");
            TestStoreVersion::open_existing(&registry, &root, &name, format, cache, PARTITIONS)
        });
        let open = open.collect();
        Ok(Stores { registry, open })
    }
}

pub(crate) fn table_format(name: &str) -> Result<TableFormat, String> {
    match name {
        "BLOCK_BASED" => Ok(TableFormat::BlockBased),
        "PLAIN" => Ok(TableFormat::Plain),
        _ => Err(format!("{name}: give BLOCK_BASED or PLAIN")),
    }
}
