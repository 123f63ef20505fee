//! A process and its threads.

use std::fs;
use std::time::Duration;

use crate::files::{named, text};

/// Ticks of a second in which `/proc` counts processor time: `USER_HZ`, which is 100 wherever Linux runs today.
pub const TICKS: f64 = 100.0;

/// What is known of a process.
#[derive(Debug, Clone, Default)]
pub struct Process {
    /// Descriptors that are open; none if they are another user's to count.
    pub descriptors: Option<u64>,
    /// Descriptors that it may open.
    pub descriptors_most: Option<u64>,
    /// How many threads it has.
    pub threads: Option<u64>,
    /// Bytes in memory.
    pub resident: Option<u64>,
    /// The most that were ever.
    pub resident_peak: Option<u64>,
    /// Bytes of it that were swapped out.
    pub swapped: Option<u64>,
    /// Bytes that it may lock in memory; none if there is no limit.
    pub locked_most: Option<u64>,
}

impl Process {
    /// A process that runs; none if there is none, or it cannot be seen.
    pub fn of(pid: u32) -> Option<Process> {
        let status = text(format!("/proc/{pid}/status"))?;
        let kib = |name: &str| named(&status, name).map(|kib| kib * 1024);
        let limits = text(format!("/proc/{pid}/limits")).unwrap_or_default();
        Some(Process {
            descriptors: fs::read_dir(format!("/proc/{pid}/fd"))
                .ok()
                .map(|open| open.count() as u64),
            descriptors_most: named(&limits, "Max open files"),
            threads: named(&status, "Threads"),
            resident: kib("VmRSS"),
            resident_peak: kib("VmHWM"),
            swapped: kib("VmSwap"),
            locked_most: locked_most(&status, &limits),
        })
    }
}

/// A limit of `limits`, unless the right to lock memory (`CAP_IPC_LOCK`) is among those of `status`.
fn locked_most(status: &str, limits: &str) -> Option<u64> {
    const IPC_LOCK: u32 = 14;
    let rights = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let rights = rights.and_then(|rights| u64::from_str_radix(rights.trim(), 16).ok());
    if rights.is_some_and(|rights| rights >> IPC_LOCK & 1 == 1) {
        return None;
    }
    named(limits, "Max locked memory")
}

/// What a thread has had, and what it does at the moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// `R` runs or wants to, `S` sleeps, `D` waits for a disk.
    pub state: char,
    /// Processor time in its own code, in ticks.
    pub user: u64,
    /// Processor time in the system's, in ticks.
    pub system: u64,
    /// For how long it wanted a processor and had none.
    pub waited: Option<Duration>,
}

/// The threads of a process; none if they cannot be seen.
pub fn threads(pid: u32) -> Option<Vec<Thread>> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    // Those that end meanwhile are left out.
    let threads = tasks.filter_map(|task| {
        let folder = task.ok()?.path();
        let mut thread = of_stat(&text(folder.join("stat"))?)?;
        let schedstat = text(folder.join("schedstat"));
        thread.waited = schedstat.and_then(|text| {
            let nanos = text.split(' ').nth(1)?.parse().ok()?;
            Some(Duration::from_nanos(nanos))
        });
        Some(thread)
    });
    Some(threads.collect())
}

/// A line of `stat`: number, name in parentheses, state, and numbers of which the 14th and 15th are times.
fn of_stat(stat: &str) -> Option<Thread> {
    let (head, rest) = stat.rsplit_once(')')?;
    let (id, name) = head.split_once('(')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(Thread {
        id: id.trim().parse().ok()?,
        name: name.to_owned(),
        state: fields.first()?.chars().next()?,
        user: fields.get(11)?.parse().ok()?,
        system: fields.get(12)?.parse().ok()?,
        waited: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_stat() {
        let line = "42 (venice-read (1)) S 1 42 42 0 -1 4194368 1 2 3 4 77 8 0 0 20 0 9";
        let thread = of_stat(line).unwrap();
        assert_eq!(
            (thread.id, &*thread.name, thread.state),
            (42, "venice-read (1)", 'S')
        );
        assert_eq!((thread.user, thread.system), (77, 8));
        for bad in ["", "1 (x", "1 (x) S", "y (x) S 1 2 3 4 5 6 7 8 9 10 11 12"] {
            assert_eq!(of_stat(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn memory_that_may_be_locked() {
        let limits =
            "Max open files 1024 4096 files\nMax locked memory         8388608  8388608  bytes";
        assert_eq!(
            locked_most("CapEff:\t0000000000000000", limits),
            Some(8_388_608)
        );
        assert_eq!(locked_most("CapEff:\t0000000000004000", limits), None);
        assert_eq!(
            locked_most("", "Max locked memory  unlimited unlimited bytes"),
            None
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process() {
        let pid = std::process::id();
        let process = Process::of(pid).unwrap();
        assert!(
            process.descriptors < process.descriptors_most,
            "{process:?}"
        );
        assert!(process.resident > Some(0) && process.threads > Some(0));
        let threads = threads(pid).unwrap();
        assert!(threads.iter().any(|thread| thread.id == pid));
        assert!(Process::of(u32::MAX).is_none());
    }
}
