//! What a thread that reads tells the system and RocksDB of itself.

pub(crate) mod perf_context;
pub(crate) mod time_slice;
