//! RocksDB's own numbers of the open databases, asked for when metrics are read: by Venice's names
//! (`RocksDBMemoryOtelMetricEntity`, `RocksDBStatsOtelMetricEntity`).

use std::ffi::CStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use venice_engine::{DatabaseNumbers, Registry};
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer};

/// Properties that are added up over the databases.
const SUMS: &[(Instrument, &CStr)] = &[
    (
        Instrument::RocksDbMemtableImmutableUnflushedCount,
        c"rocksdb.num-immutable-mem-table",
    ),
    (
        Instrument::RocksDbMemtableImmutableFlushPending,
        c"rocksdb.mem-table-flush-pending",
    ),
    (
        Instrument::RocksDbMemtableActiveSize,
        c"rocksdb.cur-size-active-mem-table",
    ),
    (
        Instrument::RocksDbMemtableActiveAndUnflushedImmutableSize,
        c"rocksdb.cur-size-all-mem-tables",
    ),
    (
        Instrument::RocksDbMemtableAllSize,
        c"rocksdb.size-all-mem-tables",
    ),
    (
        Instrument::RocksDbMemtableActiveEntryCount,
        c"rocksdb.num-entries-active-mem-table",
    ),
    (
        Instrument::RocksDbMemtableImmutableEntryCount,
        c"rocksdb.num-entries-imm-mem-tables",
    ),
    (
        Instrument::RocksDbMemtableActiveDeleteCount,
        c"rocksdb.num-deletes-active-mem-table",
    ),
    (
        Instrument::RocksDbMemtableImmutableDeleteCount,
        c"rocksdb.num-deletes-imm-mem-tables",
    ),
    (
        Instrument::RocksDbCompactionPending,
        c"rocksdb.compaction-pending",
    ),
    (
        Instrument::RocksDbCompactionEstimatedPendingBytes,
        c"rocksdb.estimate-pending-compaction-bytes",
    ),
    (
        Instrument::RocksDbCompactionRunningCount,
        c"rocksdb.num-running-compactions",
    ),
    (
        Instrument::RocksDbFlushRunningCount,
        c"rocksdb.num-running-flushes",
    ),
    (
        Instrument::RocksDbBackgroundErrors,
        c"rocksdb.background-errors",
    ),
    (
        Instrument::RocksDbKeysEstimatedCount,
        c"rocksdb.estimate-num-keys",
    ),
    (
        Instrument::RocksDbTableReadersEstimatedMemory,
        c"rocksdb.estimate-table-readers-mem",
    ),
    (Instrument::RocksDbSnapshotsCount, c"rocksdb.num-snapshots"),
    (
        Instrument::RocksDbVersionsLiveCount,
        c"rocksdb.num-live-versions",
    ),
    (
        Instrument::RocksDbDataEstimatedLiveSize,
        c"rocksdb.estimate-live-data-size",
    ),
    (
        Instrument::RocksDbMinLogNumberToKeep,
        c"rocksdb.min-log-number-to-keep",
    ),
    (
        Instrument::RocksDbActualDelayedWriteRate,
        c"rocksdb.actual-delayed-write-rate",
    ),
    (
        Instrument::RocksDbSstTotalSize,
        c"rocksdb.total-sst-files-size",
    ),
    (
        Instrument::RocksDbSstLiveSize,
        c"rocksdb.live-sst-files-size",
    ),
    (Instrument::RocksDbBlobFileCount, c"rocksdb.num-blob-files"),
    (
        Instrument::RocksDbBlobTotalSize,
        c"rocksdb.total-blob-file-size",
    ),
    (
        Instrument::RocksDbBlobLiveSize,
        c"rocksdb.live-blob-file-size",
    ),
    (
        Instrument::RocksDbBlobGarbageSize,
        c"rocksdb.live-blob-file-garbage-size",
    ),
];

/// Properties of the block cache, which databases share: read of one of them, as Venice does.
const SHARED: &[(Instrument, &CStr)] = &[
    (
        Instrument::RocksDbBlockCacheCapacity,
        c"rocksdb.block-cache-capacity",
    ),
    (
        Instrument::RocksDbBlockCacheUsage,
        c"rocksdb.block-cache-usage",
    ),
    (
        Instrument::RocksDbBlockCachePinnedUsage,
        c"rocksdb.block-cache-pinned-usage",
    ),
];

type Of = &'static [(Dimension, &'static str)];

const INDEX: Of = &[(Dimension::BlockCacheComponent, "index")];
const FILTER: Of = &[(Dimension::BlockCacheComponent, "filter")];
const DATA: Of = &[(Dimension::BlockCacheComponent, "data")];
const DICT: Of = &[(Dimension::BlockCacheComponent, "compression_dict")];
const LEVEL_0: Of = &[(Dimension::RocksDbLevel, "level_0")];
const LEVEL_1: Of = &[(Dimension::RocksDbLevel, "level_1")];
const LEVEL_2: Of = &[(Dimension::RocksDbLevel, "level_2_and_up")];

/// Tickers, if the databases have statistics (`rocksdb.statistics.enabled`).
const TICKERS: &[(Instrument, Of, &CStr)] = &[
    (
        Instrument::RocksDbBlockCacheMissCount,
        INDEX,
        c"rocksdb.block.cache.index.miss",
    ),
    (
        Instrument::RocksDbBlockCacheMissCount,
        FILTER,
        c"rocksdb.block.cache.filter.miss",
    ),
    (
        Instrument::RocksDbBlockCacheMissCount,
        DATA,
        c"rocksdb.block.cache.data.miss",
    ),
    (
        Instrument::RocksDbBlockCacheMissCount,
        DICT,
        c"rocksdb.block.cache.compression.dict.miss",
    ),
    (
        Instrument::RocksDbBlockCacheHitCount,
        INDEX,
        c"rocksdb.block.cache.index.hit",
    ),
    (
        Instrument::RocksDbBlockCacheHitCount,
        FILTER,
        c"rocksdb.block.cache.filter.hit",
    ),
    (
        Instrument::RocksDbBlockCacheHitCount,
        DATA,
        c"rocksdb.block.cache.data.hit",
    ),
    (
        Instrument::RocksDbBlockCacheHitCount,
        DICT,
        c"rocksdb.block.cache.compression.dict.hit",
    ),
    (
        Instrument::RocksDbBlockCacheAddCount,
        INDEX,
        c"rocksdb.block.cache.index.add",
    ),
    (
        Instrument::RocksDbBlockCacheAddCount,
        FILTER,
        c"rocksdb.block.cache.filter.add",
    ),
    (
        Instrument::RocksDbBlockCacheAddCount,
        DATA,
        c"rocksdb.block.cache.data.add",
    ),
    (
        Instrument::RocksDbBlockCacheAddCount,
        DICT,
        c"rocksdb.block.cache.compression.dict.add",
    ),
    (
        Instrument::RocksDbBlockCacheBytesInserted,
        INDEX,
        c"rocksdb.block.cache.index.bytes.insert",
    ),
    (
        Instrument::RocksDbBlockCacheBytesInserted,
        FILTER,
        c"rocksdb.block.cache.filter.bytes.insert",
    ),
    (
        Instrument::RocksDbBlockCacheBytesInserted,
        DATA,
        c"rocksdb.block.cache.data.bytes.insert",
    ),
    (
        Instrument::RocksDbBlockCacheBytesInserted,
        DICT,
        c"rocksdb.block.cache.compression.dict.bytes.insert",
    ),
    (
        Instrument::RocksDbBlockCacheAddFailureCount,
        &[],
        c"rocksdb.block.cache.add.failures",
    ),
    (
        Instrument::RocksDbBlockCacheBytesRead,
        &[],
        c"rocksdb.block.cache.bytes.read",
    ),
    (
        Instrument::RocksDbBlockCacheBytesWritten,
        &[],
        c"rocksdb.block.cache.bytes.write",
    ),
    (
        Instrument::RocksDbBloomFilterUsefulCount,
        &[],
        c"rocksdb.bloom.filter.useful",
    ),
    (
        Instrument::RocksDbMemtableHitCount,
        &[],
        c"rocksdb.memtable.hit",
    ),
    (
        Instrument::RocksDbMemtableMissCount,
        &[],
        c"rocksdb.memtable.miss",
    ),
    (Instrument::RocksDbGetHitCount, LEVEL_0, c"rocksdb.l0.hit"),
    (Instrument::RocksDbGetHitCount, LEVEL_1, c"rocksdb.l1.hit"),
    (
        Instrument::RocksDbGetHitCount,
        LEVEL_2,
        c"rocksdb.l2andup.hit",
    ),
    (
        Instrument::RocksDbCompactionCancelledCount,
        &[],
        c"rocksdb.compaction.cancelled",
    ),
];

/// Their quotient is the read amplification.
const READ_AND_USED: [&CStr; 2] = [
    c"rocksdb.read.amp.total.read.bytes",
    c"rocksdb.read.amp.estimate.useful.bytes",
];

/// Asks RocksDB, now and then.
pub(crate) struct Databases {
    registry: Arc<Registry>,
    state: Mutex<State>,
}

struct State {
    /// How long an answer is told again.
    interval: Duration,
    last: Option<(Instant, DatabaseNumbers)>,
}

impl Databases {
    /// Those of `registry`; asked once in `interval` at most, and never if it is 0.
    pub(crate) fn of(registry: &Arc<Registry>, interval: Duration) -> Databases {
        Databases {
            registry: Arc::clone(registry),
            state: Mutex::new(State {
                interval,
                last: None,
            }),
        }
    }

    /// Asks so often from now on.
    pub(crate) fn set_interval(&self, interval: Duration) {
        self.state.lock().interval = interval;
    }

    /// Tells what RocksDB said last, and asks it anew if that is old.
    pub(crate) fn observe(&self, observer: &mut Observer<'_>) {
        let mut state = self.state.lock();
        let State { interval, last } = &mut *state;
        if interval.is_zero() {
            return;
        }
        let fresh = |(at, _): &(Instant, DatabaseNumbers)| at.elapsed() < *interval;
        let (_, numbers) = match last.take().filter(fresh) {
            Some(known) => last.insert(known),
            None => last.insert((Instant::now(), self.ask())),
        };
        if numbers.databases == 0 {
            return;
        }
        for ((instrument, _), sum) in SUMS.iter().zip(&numbers.sums) {
            observer.observe(*instrument, &[], whole(*sum));
        }
        for ((instrument, _), value) in SHARED.iter().zip(&numbers.shared) {
            if let Some(value) = value {
                observer.observe(*instrument, &[], whole(*value));
            }
        }
        let Some(tickers) = &numbers.tickers else {
            return;
        };
        for ((instrument, of, _), count) in TICKERS.iter().zip(tickers) {
            observer.observe(*instrument, of, whole(*count));
        }
        if let [.., read, used] = tickers[..] {
            if used > 0 {
                let ratio = Value::F64(read as f64 / used as f64);
                observer.observe(Instrument::RocksDbReadAmplificationFactor, &[], ratio);
            }
        }
    }

    fn ask(&self) -> DatabaseNumbers {
        let sums: Vec<&CStr> = SUMS.iter().map(|(_, name)| *name).collect();
        let shared: Vec<&CStr> = SHARED.iter().map(|(_, name)| *name).collect();
        let tickers = TICKERS.iter().map(|(_, _, name)| *name);
        let tickers: Vec<&CStr> = tickers.chain(READ_AND_USED).collect();
        self.registry.database_numbers(&sums, &shared, &tickers)
    }
}

fn whole(number: u64) -> Value {
    Value::I64(i64::try_from(number).unwrap_or(i64::MAX))
}
