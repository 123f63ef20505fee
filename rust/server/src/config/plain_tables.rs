//! Settings of the pages of plain tables.

use std::time::Duration;

use crate::config::names::{PLAIN_TABLES_LOCK, PLAIN_TABLES_POPULATE};
use crate::config::reasons::STARTED_THREADS;
use crate::config::setting::{choice, flag, millis, settings, Choice, Field, Setting, DAY};

/// Whether pages of plain tables are read ahead of the reads that need them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Populate {
    /// They are not.
    Off,
    /// As long as all tables fit into memory.
    Auto,
    /// Always.
    On,
}

impl Choice for Populate {
    const ALL: &'static [(&'static str, Populate)] = &[
        ("off", Populate::Off),
        ("auto", Populate::Auto),
        ("on", Populate::On),
    ];
}

settings! {
    /// What is done about the pages of plain tables, which RocksDB reads where their files are mapped.
    pub struct PlainTableSettings {
        /// How often the system is asked at most which pages of plain tables are in memory: a read that would meet
        /// one that is not goes to a disk thread, where it may wait. It takes a fiftieth of one processor at
        /// most, so for very many tables the question comes less often: some 5 s for each 10 GiB. 0 means that it is
        /// not asked, and worker threads wait for the disk.
        look: Duration = Duration::from_secs(1), millis("plain.tables.look.ms", 0..=DAY).at_start(STARTED_THREADS),
            acts in "lifecycle/plain_tables.rs";

        /// Whether pages of plain tables are read into memory, and mapped, ahead of the reads that need them:
        /// when the server starts, and as tables come, by a thread of its own. With `auto` as long as all
        /// plain tables together fit into seven eighths of the memory that is free or has cached files, so
        /// that none takes the place of another's that is read; where they do not, what is asked for
        /// decides what is in memory. `on` reads them anyway; `off` never. It needs `plain.tables.look.ms`.
        populate: Populate = Populate::Auto, choice::<Populate>(PLAIN_TABLES_POPULATE).at_start(STARTED_THREADS),
            acts in "lifecycle/plain_tables.rs";

        /// Whether pages of plain tables are locked in memory as they are read ahead, so that nothing takes them
        /// away: no copy of files, no backup, no other process. As long as all fit, whatever
        /// `plain.tables.populate` says but `off`. The process needs the right to it: a limit of locked memory
        /// (RLIMIT_MEMLOCK) above the sizes of the tables, or CAP_IPC_LOCK; without it the log says so, and the server
        /// goes on.
        lock: bool = false, flag(PLAIN_TABLES_LOCK).at_start(STARTED_THREADS),
            acts in "lifecycle/plain_tables.rs";
    }
}
