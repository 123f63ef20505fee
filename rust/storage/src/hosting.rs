//! A store version, open for reading.

use std::path::Path;
use std::sync::Arc;

use venice_engine::{Access, Registry, METADATA_PARTITION};

use crate::database::Database;
use crate::error::StorageError;
use crate::folder::StoredVersion;
use crate::options::{BlockCache, OwnedOptions, TableFormat};

/// A store version whose partitions are open, and so are served from their registry until this is
/// dropped. Its files stay as they are: databases are opened read-only, with the options that they were
/// written with, and without a log.
pub struct Hosted {
    version: StoredVersion,
    format: TableFormat,
    /// The data partitions, in the order of their numbers.
    partitions: Vec<(i32, Database)>,
    /// Held open for the state in it.
    _metadata: Option<Database>,
}

impl Hosted {
    /// Opens the metadata partition and all data partitions of a version that are on disk.
    pub fn open(
        registry: &Arc<Registry>,
        version: &StoredVersion,
        cache: &BlockCache,
    ) -> Result<Hosted, StorageError> {
        // First, so that no read of a partition finds the version without its state.
        let metadata = version
            .has_metadata
            .then(|| open(registry, &version.partition_path(METADATA_PARTITION), cache));
        let metadata = metadata.transpose()?.map(|(database, _)| database);
        let mut partitions = Vec::with_capacity(version.partitions.len());
        let mut format = TableFormat::Other;
        for &partition in &version.partitions {
            let path = version.partition_path(partition);
            let (database, written) = open(registry, &path, cache)?;
            format = written;
            partitions.push((partition, database));
        }
        Ok(Hosted {
            version: version.clone(),
            format,
            partitions,
            _metadata: metadata,
        })
    }

    /// What it is.
    pub fn version(&self) -> &StoredVersion {
        &self.version
    }

    /// How its last partition is written; all are alike.
    pub fn format(&self) -> TableFormat {
        self.format
    }

    /// The data partitions, by number.
    pub fn partitions(&self) -> impl Iterator<Item = (i32, &Database)> {
        let partitions = self.partitions.iter();
        partitions.map(|(partition, database)| (*partition, database))
    }
}

fn open(
    registry: &Arc<Registry>,
    path: &Path,
    cache: &BlockCache,
) -> Result<(Database, TableFormat), StorageError> {
    let options = OwnedOptions::stored(path, cache)?;
    // Records that are only in a write-ahead log are read into memory, so they are seen.
    let access = Access::ReadOnly {
        error_if_wal_file_exists: false,
    };
    let database = Database::open(registry, path, &options, access)?;
    Ok((database, options.format()))
}
