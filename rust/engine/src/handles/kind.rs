//! The classes of `org.rocksdb` whose handles the table knows.

use std::ffi::c_void;

macro_rules! kinds {
    ($($kind:ident $class:literal $makers:ident,)+) => {
        /// What a handle stands for, by the Java class that holds it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Kind {
            $(
                #[doc = concat!("`org.rocksdb.", $class, "`.")]
                $kind,
            )+
        }

        impl Kind {
            /// How many kinds there are.
            pub(crate) const COUNT: usize = [$(Kind::$kind),+].len();

            /// The Java class, without its package.
            pub const fn class(self) -> &'static str {
                match self {
                    $(Kind::$kind => $class,)+
                }
            }

            /// Whether all natives that make such objects are ours, or upstream's that make theirs known
            /// here, so that a handle that the table does not know is that of a closed object.
            pub const fn only_ours(self) -> bool {
                match self {
                    $(Kind::$kind => kinds!(@ $makers),)+
                }
            }
        }
    };
    (@ ours) => { true };
    (@ both) => { false };
}

kinds! {
    BackupEngine "BackupEngine" ours,
    BackupEngineOptions "BackupEngineOptions" both,
    BlockBasedTableFactory "BlockBasedTableConfig" both,
    Cache "Cache" both,
    Checkpoint "Checkpoint" ours,
    ColumnFamilyHandle "ColumnFamilyHandle" both,
    ColumnFamilyOptions "ColumnFamilyOptions" both,
    CompactionFilter "AbstractCompactionFilter" both,
    CompactionFilterFactory "AbstractCompactionFilterFactory" both,
    CompactionJobInfo "CompactionJobInfo" both,
    CompactionJobStats "CompactionJobStats" both,
    CompactionOptions "CompactionOptions" both,
    CompactionOptionsFifo "CompactionOptionsFIFO" both,
    CompactionOptionsUniversal "CompactionOptionsUniversal" both,
    CompactRangeOptions "CompactRangeOptions" ours,
    ComparatorOptions "ComparatorOptions" both,
    CompressionOptions "CompressionOptions" both,
    ConcurrentTaskLimiter "ConcurrentTaskLimiter" both,
    ConfigOptions "ConfigOptions" both,
    DbOptions "DBOptions" both,
    Env "Env" both,
    EnvOptions "EnvOptions" both,
    EventListener "AbstractEventListener" both,
    ExportImportFilesMetaData "ExportImportFilesMetaData" both,
    Filter "Filter" both,
    FlushOptions "FlushOptions" ours,
    ImportColumnFamilyOptions "ImportColumnFamilyOptions" both,
    IngestExternalFileOptions "IngestExternalFileOptions" both,
    Logger "Logger" both,
    MergeOperator "MergeOperator" both,
    OptimisticTransactionOptions "OptimisticTransactionOptions" both,
    Options "Options" both,
    PersistentCache "PersistentCache" both,
    PlainTableFactory "PlainTableConfig" both,
    RateLimiter "RateLimiter" ours,
    ReadOptions "ReadOptions" ours,
    RestoreOptions "RestoreOptions" both,
    RocksDb "RocksDB" both,
    RocksIterator "RocksIterator" ours,
    Slice "Slice" both,
    Snapshot "Snapshot" ours,
    SstFileManager "SstFileManager" ours,
    SstFileReader "SstFileReader" ours,
    SstFileReaderIterator "SstFileReaderIterator" ours,
    SstFileWriter "SstFileWriter" both,
    SstPartitionerFactory "SstPartitionerFactory" both,
    Statistics "Statistics" both,
    Transaction "Transaction" ours,
    TransactionDbOptions "TransactionDBOptions" both,
    TransactionLogIterator "TransactionLogIterator" ours,
    TransactionOptions "TransactionOptions" both,
    WbwiRocksIterator "WBWIRocksIterator" both,
    WriteBatch "WriteBatch" both,
    WriteBatchWithIndex "WriteBatchWithIndex" both,
    WriteBufferManager "WriteBufferManager" ours,
    WriteOptions "WriteOptions" both,
}

/// Runs an object's destructor and leaves its memory as it is.
pub type Destroy = unsafe extern "C" fn(*mut c_void);
/// Gives the memory of a destroyed object back.
pub type Free = unsafe extern "C" fn(*mut c_void);

/// A handle that stands for nothing: its object is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed(pub Kind);

/// Someone who wants to know when a use of a handle that is being closed has ended.
pub trait Owner: Send + Sync {
    /// A use ended; there may be others.
    fn left(&self);
}
