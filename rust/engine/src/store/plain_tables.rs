//! Pages of plain tables: which are in memory, and how they get there (`cpp/plain_table_pages.h`).
//!
//! Each database is looked at under a guard of its own, piece by piece, as in [`crate::store::numbers`]: a close waits for
//! one piece at most, and what closes is left out.

use std::sync::Arc;

use crate::database::Database;
use crate::ffi::{self, RawPopulated, RawTables};
use crate::store::registry::Registry;

/// Bytes of pages that are read under one guard: a close waits for as many.
const BYTES_UNDER_GUARD: u64 = 2 * 1024 * 1024;

/// Looks at the plain tables of a registry's databases, again and again. As long as one exists, tables that RocksDB opens
/// are looked at as they are opened.
pub struct PlainTableWatch {
    registry: Arc<Registry>,
}

/// What is known of plain tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlainTables {
    /// How many there are.
    pub tables: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Bytes of these that are in memory.
    pub bytes_here: u64,
    /// Bytes of these that are locked there.
    pub bytes_locked: u64,
}

/// What a step of [`PlainTableWatch::populate`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Populated {
    /// Bytes that were read, or were in memory.
    pub bytes: u64,
    /// Whether something may be left.
    pub goes_on: bool,
    /// What the system said when it did not read; the table is left alone.
    pub populate_error: Option<i32>,
    /// What the system said when it did not lock.
    pub lock_error: Option<i32>,
}

impl PlainTableWatch {
    /// Begins to watch.
    pub fn new(registry: &Arc<Registry>) -> PlainTableWatch {
        // SAFETY: no pointer is handed over.
        unsafe { ffi::venice_watch_tables(1) };
        PlainTableWatch {
            registry: Arc::clone(registry),
        }
    }

    /// Asks the system which pages are in memory. From then on, reads with [`Tier::Memory`](crate::Tier::Memory) read
    /// no other. It takes some 5 to 10 ms for each GiB. `goes_on` is asked in between.
    pub fn look(&self, mut goes_on: impl FnMut() -> bool) -> PlainTables {
        let mut seen = RawTables::default();
        for database in self.databases() {
            let mut first = 0;
            while let Some(guard) = database.look().filter(|_| goes_on()) {
                // SAFETY: rule 1, by the guard; rule 3.
                first = unsafe { ffi::venice_look_at_tables(guard.db(), first, &raw mut seen) };
                if first == 0 {
                    break;
                }
            }
        }
        PlainTables {
            tables: seen.tables,
            bytes: seen.bytes,
            bytes_here: seen.bytes_here,
            bytes_locked: seen.bytes_locked,
        }
    }

    /// Has pages read that are not in memory, and mapped; with `lock` they stay. Each page once: those that the system
    /// takes later are not read again. Waits for the disk, for some 2 MiB at a time; `goes_on` is asked in between.
    pub fn populate(&self, lock: bool, mut goes_on: impl FnMut(&Populated) -> bool) -> Populated {
        let mut done = Populated::default();
        for database in self.databases() {
            while let Some(guard) = database.look() {
                let (mut step, most) = (RawPopulated::default(), BYTES_UNDER_GUARD);
                // SAFETY: rule 1, by the guard; rule 3.
                let left = unsafe {
                    ffi::venice_populate_tables(guard.db(), most, lock.into(), &raw mut step)
                };
                drop(guard);
                done.bytes += step.bytes;
                done.populate_error = said(step.populate_error).or(done.populate_error);
                done.lock_error = said(step.lock_error);
                if done.lock_error.is_some() || (left > 0 && !goes_on(&done)) {
                    done.goes_on = true;
                    return done;
                }
                if left == 0 {
                    break;
                }
            }
        }
        done
    }

    /// Bytes that are left for [`PlainTableWatch::populate`].
    pub fn left(&self, lock: bool) -> u64 {
        let mut all: u64 = 0;
        for database in self.databases() {
            let Some(guard) = database.look() else {
                continue; // it closes
            };
            let mut nothing = RawPopulated::default();
            // SAFETY: rule 1, by the guard; rule 3.
            let left = unsafe {
                ffi::venice_populate_tables(guard.db(), 0, lock.into(), &raw mut nothing)
            };
            all = all.saturating_add(left);
        }
        all
    }

    fn databases(&self) -> impl Iterator<Item = Arc<Database>> {
        let versions = self.registry.all().into_iter();
        let databases = versions.flat_map(|version| version.databases());
        databases.filter(|database| database.has_plain_tables())
    }
}

impl Drop for PlainTableWatch {
    fn drop(&mut self) {
        // SAFETY: no pointer is handed over.
        unsafe { ffi::venice_watch_tables(0) };
    }
}

fn said(error: i32) -> Option<i32> {
    (error != 0).then_some(error)
}
