//! Writes a store version, in the steps of Venice's batch push.
//!
//! 1. Start of push: the metadata partition is made, and the store-version state put.
//! 2. Each partition's rows, in the order of their keys, go to table files beside its database, which takes
//!    them in by moving them (`RocksDBSstFileWriter`). Plain tables cannot be taken in, so Venice puts
//!    those rows; so does this.
//! 3. End of push: the state is put again, with the time.
//!
//! Offset records (`P_<partition>`), which ingestion goes on from, are not written: reads never look at
//! them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use venice_catalog::partition_of;
use venice_engine::{Access, Registry, StoreVersionState, METADATA_PARTITION, VERSION_METADATA};

use crate::compression::{Compressor, Strategy};
use crate::database::{Database, TableFile};
use crate::error::StorageError;
use crate::folder::{check_name, Folder, StoredVersion};
use crate::options::{OwnedOptions, TableFormat};
use crate::record_layout;
use crate::sorter::{Entry, Sorted, Sorter};
use crate::state_record;

/// Venice's writer splits a value above this size, in bytes.
const CHUNK_BYTES: usize = 950 * 1024;
/// A table file is ended at this size, as RocksDB ends those that it writes itself.
const TABLE_FILE: u64 = 64 << 20;
/// Rows that are in memory while they are sorted, in bytes.
const SORT_MEMORY: usize = 256 << 20;
/// More partitions are almost certainly a typo: each is a database of its own.
const PARTITIONS: i32 = 100_000;

/// How a store version is to be written.
#[derive(Debug, Clone)]
pub struct PushOptions {
    /// The store's name.
    pub store: String,
    /// The version's number, from 1.
    pub version: i32,
    /// How many partitions it has.
    pub partitions: i32,
    /// Their tables.
    pub format: TableFormat,
    /// How values are compressed.
    pub compression: Strategy,
    /// The zstd dictionary, if compression needs one.
    pub dictionary: Option<Vec<u8>>,
    /// Whether values may be split; then every key has a suffix.
    pub chunked: bool,
    /// Bytes of a chunk at most.
    pub chunk_bytes: usize,
    /// Whether the last of the rows of one key wins; else a key that comes twice is an error.
    pub last_wins: bool,
    /// Bytes of rows in memory while they are sorted; more go to temporary files.
    pub sort_memory: usize,
}

impl PushOptions {
    /// `<store>_v<version>` of some partitions: block-based, not compressed, not chunked.
    pub fn new(store: &str, version: i32, partitions: i32) -> PushOptions {
        PushOptions {
            store: store.to_owned(),
            version,
            partitions,
            format: TableFormat::BlockBased,
            compression: Strategy::NoOp,
            dictionary: None,
            chunked: false,
            chunk_bytes: CHUNK_BYTES,
            last_wins: false,
            sort_memory: SORT_MEMORY,
        }
    }

    fn check(&self) -> Result<(), StorageError> {
        check_name(&self.store)?;
        within("the version", self.version.into(), 1, i32::MAX.into())?;
        within(
            "the number of partitions",
            self.partitions.into(),
            1,
            PARTITIONS.into(),
        )?;
        let chunk = i64::try_from(self.chunk_bytes).unwrap_or(i64::MAX);
        within("the size of a chunk", chunk, 1, 1 << 30)
    }
}

fn within(what: &'static str, value: i64, least: i64, most: i64) -> Result<(), StorageError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(StorageError::OutOfBounds {
        what,
        value,
        least,
        most,
    })
}

/// A push under way. Dropped before its end, it removes what it wrote.
pub struct Push {
    options: PushOptions,
    folder: Folder,
    version: StoredVersion,
    compressor: Compressor,
    registry: Arc<Registry>,
    state: StoreVersionState,
    metadata: Option<Database>,
    sorter: Option<Sorter>,
    ended: bool,
    rows: u64,
    stored_bytes: u64,
}

/// What a push has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// Where it is.
    pub version: StoredVersion,
    /// Rows that were added.
    pub rows: u64,
    /// Records in the databases: a row of a large value has several.
    pub records: u64,
    /// Bytes of all values as they are stored.
    pub stored_bytes: u64,
}

impl Push {
    /// Starts a push. The folder is made if it is not there; the version must not be.
    pub fn start(folder: &Folder, options: PushOptions) -> Result<Push, StorageError> {
        options.check()?;
        let compressor = Compressor::new(options.compression, options.dictionary.as_deref())?;
        let path = folder.path_of(&options.store, options.version);
        fs::create_dir_all(folder.root()).map_err(StorageError::io("make", folder.root()))?;
        if let Err(error) = fs::create_dir(&path) {
            return Err(match error.kind() {
                io::ErrorKind::AlreadyExists => StorageError::Exists(path),
                _ => StorageError::io("make", &path)(error),
            });
        }
        let state = StoreVersionState {
            sorted: true,
            chunked: options.chunked,
            compression_strategy: options.compression.id(),
            compression_dictionary: options.dictionary.clone().map(Into::into),
            start_of_push_timestamp: now(),
            ..StoreVersionState::default()
        };
        let mut push = Push {
            folder: folder.clone(),
            version: StoredVersion {
                store: options.store.clone(),
                version: options.version,
                path: path.clone(),
                partitions: (0..options.partitions).collect(),
                has_metadata: true,
            },
            compressor,
            registry: Registry::new(),
            state,
            metadata: None,
            sorter: Some(Sorter::new(&path, options.sort_memory)),
            ended: false,
            rows: 0,
            stored_bytes: 0,
            options,
        };
        let metadata = push.version.partition_path(METADATA_PARTITION);
        let tables = OwnedOptions::for_push(TableFormat::BlockBased)?;
        push.metadata = Some(Database::open(
            &push.registry,
            &metadata,
            &tables,
            Access::ReadWrite,
        )?);
        push.write_engine_config(&metadata)?;
        push.put_state()?;
        Ok(push)
    }

    /// Where it is written to.
    pub fn path(&self) -> &Path {
        &self.version.path
    }

    /// By which a Venice server notices at a restart that a version was written in another format.
    fn write_engine_config(&self, metadata: &Path) -> Result<(), StorageError> {
        let plain = self.options.format == TableFormat::Plain;
        let path = metadata.join("rocksdbConfig");
        let text = format!("rocksdb.plain.table.format.enabled={plain}\n");
        fs::write(&path, text).map_err(StorageError::io("write", &path))
    }

    fn put_state(&self) -> Result<(), StorageError> {
        let Some(metadata) = &self.metadata else {
            return Ok(());
        };
        metadata.put(VERSION_METADATA, &state_record::encode(&self.state), true)
    }

    /// Adds a row, in any order: the key as serialized, the id of the value's writer schema, above 0, and the
    /// value as serialized, not compressed.
    pub fn add(&mut self, key: &[u8], schema_id: i32, value: &[u8]) -> Result<(), StorageError> {
        within("the schema id", schema_id.into(), 1, i32::MAX.into())?;
        let partition = partition_of(key, self.options.partitions);
        let stored = self.compressor.compress(value)?;
        self.stored_bytes += stored.len() as u64;
        let number = self.rows;
        self.rows += 1;
        let mut entries = Vec::with_capacity(1);
        let mut put = |key, value| {
            entries.push(Entry {
                partition,
                key,
                value,
            });
        };
        if self.options.chunked {
            let chunk = self.options.chunk_bytes;
            record_layout::chunked(key, schema_id, &stored, chunk, number, put);
        } else {
            put(key.to_vec(), record_layout::record(schema_id, &stored));
        }
        if let Some(sorter) = &mut self.sorter {
            for entry in entries {
                sorter.push(entry)?;
            }
        }
        Ok(())
    }

    /// Rows that were added.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the rows and ends the push. `written` is told how many records were written so far, now and then.
    pub fn finish(mut self, mut written: impl FnMut(u64)) -> Result<Pushed, StorageError> {
        let mut records = 0;
        if let Some(sorter) = self.sorter.take() {
            let mut sorted = sorter.sorted()?;
            for partition in 0..self.options.partitions {
                records += self.write_partition(partition, &mut sorted, |in_partition| {
                    written(records + in_partition);
                })?;
            }
        }
        self.state.end_of_push_timestamp = now();
        self.put_state()?;
        if let Some(metadata) = self.metadata.take() {
            metadata.flush()?;
            metadata.close()?;
        }
        self.ended = true;
        Ok(Pushed {
            version: self.version.clone(),
            rows: self.rows,
            records,
            stored_bytes: self.stored_bytes,
        })
    }

    /// Writes the entries of one partition, the next ones, and tells how many they are.
    fn write_partition(
        &self,
        partition: i32,
        sorted: &mut Sorted,
        mut written: impl FnMut(u64),
    ) -> Result<u64, StorageError> {
        let path = self.version.partition_path(partition);
        let options = OwnedOptions::for_push(self.options.format)?;
        let database = Database::open(&self.registry, &path, &options, Access::ReadWrite)?;
        let mut out = match self.options.format {
            TableFormat::Plain => Out::Puts(&database),
            _ => Out::Files(TableFiles::new(&path, &options)?),
        };
        let mut records = 0;
        while sorted
            .peek()
            .is_some_and(|next| next.partition == partition)
        {
            let Some(entry) = sorted.next()? else { break };
            let again = sorted
                .peek()
                .is_some_and(|next| (next.partition, &next.key) == (entry.partition, &entry.key));
            if again && !self.options.last_wins {
                return Err(self.duplicate(entry));
            }
            if again {
                continue;
            }
            out.put(&entry)?;
            records += 1;
            if records % 1024 == 0 {
                written(records);
            }
        }
        match out {
            Out::Puts(database) => database.flush()?,
            Out::Files(files) => files.move_into(&database)?,
        }
        database.close()?;
        written(records);
        Ok(records)
    }

    fn duplicate(&self, entry: Entry) -> StorageError {
        let mut key = entry.key;
        if self.options.chunked {
            key.truncate(key.len().saturating_sub(record_layout::TOP_LEVEL.len()));
        }
        StorageError::DuplicateKey {
            partition: entry.partition,
            key,
        }
    }
}

impl Drop for Push {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // Its files go with it, once it is closed. Who dropped it has an error to report already.
        drop(self.metadata.take());
        drop(fs::remove_dir_all(&self.version.path));
        // Only if nothing else is in it.
        drop(fs::remove_dir(self.folder.root()));
    }
}

/// Where the records of a partition go.
enum Out<'d> {
    Puts(&'d Database),
    Files(TableFiles<'d>),
}

impl Out<'_> {
    fn put(&mut self, entry: &Entry) -> Result<(), StorageError> {
        match self {
            Out::Puts(database) => database.put(&entry.key, &entry.value, false),
            Out::Files(files) => files.put(&entry.key, &entry.value),
        }
    }
}

/// The table files of a partition, `.sst_files/sst_file_<n>` beside its database.
struct TableFiles<'o> {
    folder: PathBuf,
    options: &'o OwnedOptions,
    open: Option<TableFile>,
    finished: Vec<PathBuf>,
}

impl<'o> TableFiles<'o> {
    fn new(partition: &Path, options: &'o OwnedOptions) -> Result<TableFiles<'o>, StorageError> {
        let folder = partition.join(".sst_files");
        fs::create_dir_all(&folder).map_err(StorageError::io("make", &folder))?;
        Ok(TableFiles {
            folder,
            options,
            open: None,
            finished: Vec::new(),
        })
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        let file = match &mut self.open {
            Some(file) => file,
            none => {
                let name = format!("sst_file_{}", self.finished.len());
                none.insert(TableFile::create(self.folder.join(name), self.options)?)
            }
        };
        file.put(key, value)?;
        if file.size() >= TABLE_FILE {
            self.end()?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), StorageError> {
        if let Some(file) = self.open.take() {
            self.finished.push(file.finish()?);
        }
        Ok(())
    }

    fn move_into(mut self, database: &Database) -> Result<(), StorageError> {
        self.end()?;
        if !self.finished.is_empty() {
            database.ingest(&self.finished)?;
        }
        fs::remove_dir_all(&self.folder).map_err(StorageError::io("remove", &self.folder))
    }
}

/// Milliseconds since the epoch.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(0))
}
