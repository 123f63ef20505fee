//! How the system schedules workers: the processors that they stay on, and their weight and time slices
//! against other threads.

use std::io;
use std::time::Duration;

use crate::config::cpu_list::ON_LINUX;
use crate::config::names::{WORKER_CPUS, WORKER_NICE, WORKER_SLICE};
use crate::config::Config;
use crate::lifecycle::start_error::StartError;
use crate::runtime::nice::weigh;

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
        if ON_LINUX && !self.slice.is_zero() {
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

#[cfg(not(target_os = "linux"))]
fn stay_on(_: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

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
