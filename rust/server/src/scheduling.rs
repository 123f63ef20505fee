//! How the system schedules workers: the processors that they stay on, and their weight and time slices
//! against other threads.

use std::io;
use std::time::Duration;

use crate::config::Config;
use crate::server::StartError;
use crate::settings::{WORKER_CPUS, WORKER_NICE, WORKER_SLICE};

/// Processors have numbers below this one: what Linux's `cpu_set_t` has room for.
const MOST_CPUS: usize = 1024;

/// Whether threads can be told anything of this.
pub(crate) const POSSIBLE: bool = cfg!(target_os = "linux");

/// Reads a list as Linux writes it, `0-3,8`: numbers and ranges, in the order of the workers.
/// `None` if it is none, or is empty, or has a number above 1023.
pub(crate) fn cpus(list: &str) -> Option<Vec<usize>> {
    let number = |text: &str| {
        let number = text.trim().parse().ok();
        number.filter(|&cpu: &usize| cpu < MOST_CPUS)
    };
    let mut cpus = Vec::new();
    for part in list.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return None;
        }
        cpus.extend(first..=last);
    }
    Some(cpus)
}

/// What one worker is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scheduling {
    cpu: Option<usize>,
    nice: i32,
    slice: Duration,
}

impl Scheduling {
    /// That of the worker with this number.
    pub(crate) fn of(config: &Config, worker: usize) -> Scheduling {
        let cpus = &config.worker_cpus;
        Scheduling {
            cpu: cpus.get(worker % cpus.len().max(1)).copied(),
            nice: config.worker_nice,
            slice: config.worker_slice,
        }
    }

    /// Sets it for the calling thread.
    pub(crate) fn apply(self) -> Result<(), StartError> {
        let refused = |setting, value: String| {
            move |source| StartError::Scheduling {
                setting,
                value,
                source,
            }
        };
        if let Some(cpu) = self.cpu {
            stay_on(cpu).map_err(refused(WORKER_CPUS, cpu.to_string()))?;
        }
        if self.nice != 0 {
            weigh(self.nice).map_err(refused(WORKER_NICE, self.nice.to_string()))?;
        }
        if POSSIBLE && !self.slice.is_zero() {
            // Without it a worker waits longer when the processors are busy, and that is all.
            if let Err(error) = venice_engine::set_time_slice(self.slice) {
                tracing::info!(%error, slice = ?self.slice, "{WORKER_SLICE} is not set");
            }
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn stay_on(cpu: usize) -> io::Result<()> {
    let mut only = rustix::thread::CpuSet::new();
    only.set(cpu);
    Ok(rustix::thread::sched_setaffinity(None, &only)?)
}

#[cfg(target_os = "linux")]
fn weigh(nice: i32) -> io::Result<()> {
    // On Linux it is a thread's own: setpriority(2), BUGS.
    Ok(rustix::process::setpriority_process(None, nice)?)
}

#[cfg(not(target_os = "linux"))]
fn stay_on(_: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn weigh(_: i32) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_processors() {
        assert_eq!(cpus("0"), Some(vec![0]));
        assert_eq!(cpus("2,0-1, 5 - 6"), Some(vec![2, 0, 1, 5, 6]));
        assert_eq!(cpus("1023"), Some(vec![1023]));
        for bad in ["", ",", "1,", "-1", "1-", "3-2", "1024", "all", "0-1-2"] {
            assert_eq!(cpus(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn workers_take_processors_in_turn() {
        let config = Config {
            worker_cpus: vec![4, 2],
            ..Config::default()
        };
        let cpus: Vec<_> = (0..3).map(|i| Scheduling::of(&config, i).cpu).collect();
        assert_eq!(cpus, [Some(4), Some(2), Some(4)]);
        assert_eq!(Scheduling::of(&Config::default(), 1).cpu, None);
    }
}
