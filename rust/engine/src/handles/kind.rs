//! The classes of `org.rocksdb` whose handles the table knows.

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

            /// Whether all natives that make such objects are ours, so that a handle that the table
            /// does not know is that of a closed object.
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
    BlockBasedTableFactory "BlockBasedTableConfig" both,
    Cache "Cache" both,
    Checkpoint "Checkpoint" ours,
    ColumnFamilyHandle "ColumnFamilyHandle" both,
    ColumnFamilyOptions "ColumnFamilyOptions" both,
    CompactRangeOptions "CompactRangeOptions" both,
    DbOptions "DBOptions" both,
    Env "Env" both,
    EnvOptions "EnvOptions" both,
    FlushOptions "FlushOptions" ours,
    IngestExternalFileOptions "IngestExternalFileOptions" both,
    Options "Options" both,
    PlainTableFactory "PlainTableConfig" both,
    RateLimiter "RateLimiter" ours,
    ReadOptions "ReadOptions" ours,
    RocksDb "RocksDB" both,
    RocksIterator "RocksIterator" both,
    Slice "Slice" both,
    Snapshot "Snapshot" both,
    SstFileManager "SstFileManager" ours,
    SstFileReader "SstFileReader" ours,
    SstFileReaderIterator "SstFileReaderIterator" ours,
    SstFileWriter "SstFileWriter" both,
    Statistics "Statistics" both,
    WriteBatch "WriteBatch" both,
    WriteBatchWithIndex "WriteBatchWithIndex" both,
    WriteBufferManager "WriteBufferManager" ours,
    WriteOptions "WriteOptions" both,
}
