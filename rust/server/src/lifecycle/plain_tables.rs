//! The thread that knows which pages of plain tables are in memory, and has them read ahead
//! ([ADR 30](../../../../docs/adr/0030-pages-of-plain-tables.md)).
//!
//! It looks, has pages read until it is time for the next look, and looks again. A look takes a fiftieth of its time at
//! most; pages are read one piece after the other. Nobody waits for it but the start, for a moment.

use std::io;
use std::sync::mpsc::{self, Receiver};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use venice_engine::{PlainTableWatch, PlainTables, Populated, Registry};
use venice_machine::{room, Cgroup, Host};

use crate::config::names::{PLAIN_TABLES_LOCK, PLAIN_TABLES_POPULATE};
use crate::config::plain_tables::{PlainTableSettings, Populate};

/// A look takes this part of the time at most.
const PART: u32 = 50;
/// How long a start waits for the first look, so that the first reads know as much as the others, and a stop for the
/// end of the thread, which a disk may hold.
const WAIT: Duration = Duration::from_secs(1);

/// The thread, which ends with this.
pub(crate) struct TableKeeper {
    stop: Arc<Stop>,
    /// What the first look saw.
    pub(crate) seen: PlainTables,
    ended: Receiver<()>,
}

#[derive(Default)]
struct Stop {
    stopped: Mutex<bool>,
    told: Condvar,
}

impl Stop {
    fn is_told(&self) -> bool {
        *self.stopped.lock()
    }

    /// Waits; true if it is time to end.
    fn wait(&self, time: Duration) -> bool {
        let mut stopped = self.stopped.lock();
        if !*stopped {
            self.told.wait_for(&mut stopped, time);
        }
        *stopped
    }
}

impl TableKeeper {
    /// Starts it for the databases of a registry; `None` if the settings want none.
    pub(crate) fn start(
        settings: &PlainTableSettings,
        registry: &Arc<Registry>,
    ) -> io::Result<Option<TableKeeper>> {
        if settings.look.is_zero() {
            return Ok(None);
        }
        let (tell, first) = mpsc::sync_channel(1);
        let (end, ended) = mpsc::sync_channel(1);
        let stop = Arc::<Stop>::default();
        let mut work = Work {
            watch: PlainTableWatch::new(registry),
            settings: settings.clone(),
            stop: Arc::clone(&stop),
            locks: settings.lock,
            said_no_room: false,
        };
        thread::Builder::new()
            .name("venice-tables".to_owned())
            .spawn(move || {
                work.run(|seen| {
                    // The start waits for the first.
                    let _ = tell.try_send(*seen);
                });
                drop(work);
                let _ = end.try_send(());
            })?;
        Ok(Some(TableKeeper {
            stop,
            seen: first.recv_timeout(WAIT).unwrap_or_default(),
            ended,
        }))
    }
}

impl Drop for TableKeeper {
    fn drop(&mut self) {
        *self.stop.stopped.lock() = true;
        self.stop.told.notify_all();
        // A thread that a disk holds ends when that answers.
        let _ = self.ended.recv_timeout(WAIT);
    }
}

struct Work {
    watch: PlainTableWatch,
    settings: PlainTableSettings,
    stop: Arc<Stop>,
    /// Until the system refuses.
    locks: bool,
    said_no_room: bool,
}

impl Work {
    fn run(&mut self, mut looked: impl FnMut(&PlainTables)) {
        loop {
            let begin = Instant::now();
            let seen = self.watch.look(|| !self.stop.is_told());
            let next = self.settings.look.max(begin.elapsed() * PART);
            let next = begin + next;
            looked(&seen);
            self.populate(&seen, next);
            let left = next.saturating_duration_since(Instant::now());
            if self.stop.wait(left) {
                return;
            }
        }
    }

    /// Has pages read until `next`, if there are some left, and if they fit.
    fn populate(&mut self, seen: &PlainTables, next: Instant) {
        if self.settings.populate == Populate::Off || self.watch.left(self.locks) == 0 {
            return;
        }
        let fits = fits(seen, memory());
        if !fits {
            self.say_no_room(seen);
            if self.settings.populate == Populate::Auto {
                return;
            }
        }
        let stop = Arc::clone(&self.stop);
        let goes_on = |_: &Populated| Instant::now() < next && !stop.is_told();
        let mut done = self.watch.populate(self.locks && fits, goes_on);
        self.say(&done, seen);
        if done.lock_error.is_some() {
            // Without locks, and nobody locks any more.
            done = self.watch.populate(false, goes_on);
            self.say(&done, seen);
        }
    }

    fn say_no_room(&mut self, seen: &PlainTables) {
        if std::mem::replace(&mut self.said_no_room, true) {
            return;
        }
        let room = memory().unwrap_or(0);
        tracing::info!(
            bytes = seen.bytes,
            room,
            "plain tables do not fit into seven eighths of the memory that is free or has cached files: what is asked \
             for decides which of their pages are in memory, none is locked, and reads of others go to disk threads. \
             Give the machine or the container more memory, or have pages read anyway by {PLAIN_TABLES_POPULATE}=on"
        );
    }

    fn say(&mut self, done: &Populated, seen: &PlainTables) {
        if let Some(error) = done.lock_error {
            self.locks = false;
            let error = io::Error::from_raw_os_error(error);
            tracing::warn!(
                %error,
                bytes = seen.bytes,
                "pages of plain tables are not locked in memory: raise the limit of locked memory above their sizes \
                 (LimitMEMLOCK of systemd, ulimit -l, RLIMIT_MEMLOCK), give the process CAP_IPC_LOCK, or set \
                 {PLAIN_TABLES_LOCK} to false; they are read ahead all the same"
            );
        }
        if let Some(error) = done.populate_error {
            let error = io::Error::from_raw_os_error(error);
            tracing::warn!(%error, "pages of a plain table are not read ahead: what reads them will say more");
        }
        if done.bytes > 0 && !done.goes_on {
            tracing::debug!(bytes = done.bytes, "plain tables that came are in memory");
        }
    }
}

/// Bytes that the process could have for files; none if it cannot be told.
fn memory() -> Option<u64> {
    room(&Host::here(), &Cgroup::of(std::process::id()))
}

/// Whether all tables fit, in memory that is free or has cached files, or is locked for them already. What cannot be told
/// does not.
fn fits(seen: &PlainTables, room: Option<u64>) -> bool {
    let room = room.map(|room| room.saturating_add(seen.bytes_locked));
    room.is_some_and(|room| seen.bytes <= room - room / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_fit_into_seven_eighths_of_what_is_there() {
        let seen = |bytes, bytes_locked| PlainTables {
            bytes,
            bytes_locked,
            ..PlainTables::default()
        };
        assert!(fits(&seen(700, 0), Some(800)));
        assert!(!fits(&seen(701, 0), Some(800)));
        assert!(fits(&seen(701, 100), Some(800)));
        assert!(!fits(&seen(0, 0), None));
        assert!(fits(&seen(0, 0), Some(0)));
    }

    #[test]
    fn memory_can_be_told_here() {
        if cfg!(target_os = "linux") {
            assert!(memory().is_some_and(|room| room > 0));
        }
    }
}
