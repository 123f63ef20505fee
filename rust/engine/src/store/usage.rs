//! How often a store version was read, and when last: counts of its databases, looked at now and then.

use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;

use crate::database::Database;

/// What is known of the reads of one store version.
#[derive(Default)]
pub(super) struct Usage {
    looked: Mutex<Looked>,
}

/// What the last look saw.
#[derive(Default)]
struct Looked {
    reads: u64,
    last_read: Option<SystemTime>,
    /// Of each database that is not closed, by its number: its readers, modulo 2^32.
    databases: Vec<(u64, u32)>,
}

impl Usage {
    /// Looks at the databases that `here` tells; returns reads, and when the last one was noticed. No database comes or goes
    /// meanwhile but by [`Usage::leave`].
    pub(super) fn look(
        &self,
        now: SystemTime,
        here: impl FnOnce() -> Vec<Arc<Database>>,
    ) -> (u64, Option<SystemTime>) {
        let mut looked = self.looked.lock();
        let here = here();
        for database in &here {
            looked.note(database, now);
        }
        looked
            .databases
            .retain(|(id, _)| here.iter().any(|database| database.id() == *id));
        (looked.reads, looked.last_read)
    }

    /// Notes what was read of a database for the last time, while `leave` takes it from those that are here, and says whether
    /// it was there.
    pub(super) fn leave(&self, database: &Database, leave: impl FnOnce() -> bool) {
        let mut looked = self.looked.lock();
        if leave() {
            looked.note(database, SystemTime::now());
            looked.databases.retain(|(id, _)| *id != database.id());
        }
    }
}

impl Looked {
    fn note(&mut self, database: &Database, now: SystemTime) {
        let (id, reads) = (database.id(), database.reads());
        let known = self.databases.iter_mut().find(|(known, _)| *known == id);
        let before = match known {
            Some((_, before)) => std::mem::replace(before, reads),
            None => {
                self.databases.push((id, reads));
                0
            }
        };
        // Half of 2^32 are more reads than there can be between two looks.
        let more = reads.wrapping_sub(before);
        if more != 0 {
            self.reads += u64::from(more);
            self.last_read = Some(now);
        }
    }
}
