//! RocksDB's counters of what a thread does (`rocksdb/perf_context.h`).

use crate::ffi;

/// Disables the counters of `PerfContext` on the calling thread, for a thread that only reads for us:
/// nobody can ask for them.
///
/// RocksDB counts on every thread unless it is told otherwise (`PerfLevel::kEnableCount`), some dozen
/// times for each key. In a library that a JVM loads, each of them finds the thread's counters by
/// three calls. Statistics, which are those of a database, count on.
pub fn disable_perf_counters() {
    // SAFETY: no arguments; sets a variable of the thread's own.
    unsafe { ffi::venice_count_nothing() };
}
