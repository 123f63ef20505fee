//! Why a read has no answer, in the words of Venice's Java server.

use crate::status::Status;

/// Why a read failed. The text is the message of the Java server's exception, and
/// [`ReadError::java_class`] the class it has there: the two are what a client sees.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// [`Tier::Memory`](crate::Tier::Memory) was not enough; ask again with `Tier::Any`.
    #[error("the read needs the disk")]
    WouldBlock,
    /// No partition of this store version was ever opened, or all were destroyed.
    #[error("Store: {0} does not exist.")]
    NoStore(Box<str>),
    /// The store version is here, the partition never was
    /// (`AbstractStorageEngine#getRWLockForPartitionOrThrow`).
    #[error("Failed to get read-write lock for partition: {partition}, store: {store_version}")]
    NeverOpened {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// As asked for.
        partition: i32,
    },
    /// The partition was here and is destroyed (`AbstractStorageEngine#getPartitionOrThrow`).
    #[error("Partition: {partition} of store: {store_version} does not exist")]
    Removed {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// As asked for.
        partition: i32,
    },
    /// The partition's database is closed or closing; Java may open it again at once
    /// (`RocksDBStoragePartition#makeSureRocksDBIsStillOpen`).
    #[error(
        "RocksDB has been closed for replica: {store_version}-{partition}, partition id: \
         {partition}, any further operation is disallowed"
    )]
    Closed {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// As asked for.
        partition: i32,
    },
    /// RocksDB could not read (`RocksDBStoragePartition#get`); Java's text, and what RocksDB said.
    #[error("Failed to get value from RocksDB: {store_version}-{partition}: {status}")]
    Rocks {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// As asked for.
        partition: i32,
        /// What RocksDB said.
        status: Status,
    },
    /// A value of a schema id that values do not have (`ChunkingUtils#getFromStorage`).
    #[error("Found a record with invalid schema ID: {0}")]
    InvalidSchemaId(i32),
    /// A record without room for its schema id.
    #[error(
        "Found a record of {length} bytes in store-version: {store_version}, partition: \
         {partition}, which is shorter than the schema ID header of 4 bytes."
    )]
    ShortRecord {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// As asked for.
        partition: i32,
        /// Bytes of the record.
        length: usize,
    },
    /// The manifest of a chunked value is no Avro record.
    #[error(
        "Failed to decode a ChunkedValueManifest of store-version: {store_version}, \
         partition: {partition}: {reason}"
    )]
    BadManifest {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// As asked for.
        partition: i32,
        /// Where and why decoding stopped.
        reason: Box<str>,
    },
    /// A chunk that the manifest names is missing, also after reading the manifest again.
    #[error(
        "Chunk not found in store-version: {store_version}, partition: {partition}, \
         chunk index: {chunk_index}."
    )]
    ChunkNotFound {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// As asked for.
        partition: i32,
        /// Position in the manifest.
        chunk_index: usize,
    },
    /// Something else stands where a chunk should be.
    #[error(
        "Did not get the chunk schema ID while attempting to retrieve a chunk! Instead, got \
         schema ID: {schema_id} from store-version: {store_version}, partition: {partition}, \
         chunk index: {chunk_index}."
    )]
    NotAChunk {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// As asked for.
        partition: i32,
        /// Position in the manifest.
        chunk_index: usize,
        /// What the record has in place of -10.
        schema_id: i32,
    },
    /// The chunks together are not as long as the manifest says.
    #[error(
        "The fully assembled large value does not have the expected size! actualSize: \
         {at_least}{actual_size}, chunkedValueManifest.size: {manifest_size}, store-version: \
         {store_version}, partition: {partition}.",
        at_least = if *.cut_off { "at least " } else { "" }
    )]
    WrongSize {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// As asked for.
        partition: i32,
        /// Bytes of all chunks that were read.
        actual_size: usize,
        /// There are more chunks, which were not read: those before are too many already.
        cut_off: bool,
        /// Bytes according to the manifest.
        manifest_size: i32,
    },
    /// The manifest of a chunked value announces more bytes than the caller has room for; none of its
    /// chunks was read.
    #[error("a chunked value of {size} bytes is larger than there is room for")]
    NoRoom {
        /// Bytes according to the manifest.
        size: usize,
    },
    /// `VERSION_METADATA` is no store-version state.
    #[error("Failed to decode the StoreVersionState of {store_version}: {reason}")]
    BadState {
        /// `<store>_v<N>`.
        store_version: Box<str>,
        /// Where and why decoding stopped.
        reason: Box<str>,
    },
}

impl ReadError {
    /// The class of the Java server's exception for this failure, with its package.
    pub fn java_class(&self) -> &'static str {
        match self {
            ReadError::NoStore(_) => "com.linkedin.venice.exceptions.VeniceNoStoreException",
            ReadError::Removed { .. } => {
                "com.linkedin.venice.exceptions.PersistenceFailureException"
            }
            // Where Java lets an index go out of bounds, or Avro's decoder throw, we say the same
            // in words.
            _ => "com.linkedin.venice.exceptions.VeniceException",
        }
    }
}
