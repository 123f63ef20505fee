//! What can go wrong with store versions on disk.

use std::io;
use std::path::{Path, PathBuf};

use venice_engine::{ReadError, Status};

use crate::compression::CompressionError;

/// Why a store version cannot be written, opened or read.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The system refused something.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// RocksDB refused something.
    #[error("cannot {what} {}: {status}", path.display())]
    Rocks {
        /// What was tried.
        what: &'static str,
        /// With which database.
        path: PathBuf,
        /// What RocksDB said.
        status: Status,
    },
    /// There is nothing of Venice's in a folder.
    #[error(
        "there is no store version in {}; give the folder that has rocksdb/<store>_v<N>, or make one with `venice load`",
        .0.display()
    )]
    NoStoreVersions(PathBuf),
    /// A store version is there already.
    #[error("{} is there already; give another version, or remove it", .0.display())]
    Exists(PathBuf),
    /// A name that no store version can have.
    #[error("{name:?} is no name of a store; give letters, digits, `-` and `_`, 1 to 128 of them")]
    BadName {
        /// The name, or its beginning.
        name: String,
    },
    /// A number out of its bounds.
    #[error("{what} is {value}; give {least} to {most}")]
    OutOfBounds {
        /// Of what.
        what: &'static str,
        /// As given.
        value: i64,
        /// The smallest that is taken.
        least: i64,
        /// The largest that is taken.
        most: i64,
    },
    /// A key comes twice.
    #[error("a key of {} bytes comes twice in partition {partition}", key.len())]
    DuplicateKey {
        /// Where.
        partition: i32,
        /// Which, as serialized.
        key: Vec<u8>,
    },
    /// A key or value is longer than a record may be.
    #[error("a record of {0} bytes is longer than the 4,294,967,295 that a table has room for")]
    RecordTooLong(usize),
    /// A value cannot be compressed.
    #[error(transparent)]
    Compression(#[from] CompressionError),
    /// The engine cannot read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No memory for an object of RocksDB's.
    #[error("there is no memory left for {0}")]
    NoMemory(&'static str),
}

impl StorageError {
    /// What the system said of a file.
    pub(crate) fn io<'a>(
        what: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> StorageError + 'a {
        move |source| StorageError::Io {
            what,
            path: path.to_owned(),
            source,
        }
    }

    /// What RocksDB said of a database.
    pub(crate) fn rocks<'a>(
        what: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(Status) -> StorageError + 'a {
        move |status| StorageError::Rocks {
            what,
            path: path.to_owned(),
            status,
        }
    }
}
