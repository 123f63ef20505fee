//! What RocksDB itself counts, of the databases that are open here.
//!
//! Each is read under a guard of its own ([`Database::read`](crate::database::Database)): what is closed, or
//! closes, is left out, and nothing is asked of an object that was freed.

use std::collections::HashSet;
use std::ffi::CStr;

use crate::ffi;
use crate::store::registry::Registry;

/// Numbers of all open databases together, in the order in which they were asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseNumbers {
    /// The databases that were asked.
    pub databases: usize,
    /// Properties, added up over the databases.
    pub sums: Vec<u64>,
    /// Properties of what databases share: of one of those that have it; none if none has.
    pub shared: Vec<Option<u64>>,
    /// Tickers, added up over the different statistics of the databases; none if no database has
    /// statistics.
    pub tickers: Option<Vec<u64>>,
}

impl Registry {
    /// Reads RocksDB's integer properties and tickers, by RocksDB's names, of all databases that are open.
    /// A name that RocksDB does not know counts nothing. It takes a moment for each database, in which
    /// RocksDB may hold the database's mutex: ask as often as numbers are written down.
    pub fn database_numbers(
        &self,
        sums: &[&CStr],
        shared: &[&CStr],
        tickers: &[&CStr],
    ) -> DatabaseNumbers {
        let mut numbers = DatabaseNumbers {
            sums: vec![0; sums.len()],
            shared: vec![None; shared.len()],
            ..DatabaseNumbers::default()
        };
        // SAFETY: a name ends with NUL, and is looked at only during the call.
        let tickers = tickers
            .iter()
            .map(|name| unsafe { ffi::venice_ticker_named(name.as_ptr()) });
        let tickers: Vec<u32> = tickers.collect();
        let mut seen = HashSet::new();
        for version in self.all() {
            for database in version.databases() {
                let Some(guard) = database.look() else {
                    continue; // it closes
                };
                let property = |name: &CStr| {
                    let mut value = 0;
                    // SAFETY: rule 1, by the guard; the name ends with NUL, and the value has room.
                    let known =
                        unsafe { ffi::venice_db_number(guard.db(), name.as_ptr(), &raw mut value) };
                    (known != 0).then_some(value)
                };
                numbers.databases += 1;
                for (sum, name) in numbers.sums.iter_mut().zip(sums) {
                    *sum = sum.saturating_add(property(name).unwrap_or(0));
                }
                for (one, name) in numbers.shared.iter_mut().zip(shared) {
                    if one.is_none() {
                        *one = property(name);
                    }
                }
                // SAFETY: rule 1, by the guard.
                let statistics = unsafe { ffi::venice_db_statistics(guard.db()) };
                if statistics == 0 || !seen.insert(statistics) {
                    continue;
                }
                let counts = numbers
                    .tickers
                    .get_or_insert_with(|| vec![0; tickers.len()]);
                for (count, ticker) in counts.iter_mut().zip(&tickers) {
                    if *ticker != u32::MAX {
                        // SAFETY: rule 1, by the guard; RocksDB knows the ticker.
                        let more = unsafe { ffi::venice_db_ticker(guard.db(), *ticker) };
                        *count = count.saturating_add(more);
                    }
                }
            }
        }
        numbers
    }
}
