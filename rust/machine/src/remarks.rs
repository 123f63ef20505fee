//! What of a machine is bad for the latencies of a server, and what helps.

use crate::cgroup::Cgroup;
use crate::host::{Host, PRESSURES};
use crate::process::Process;

/// Clocks that are read without a system call.
const CLOCKS: [&str; 4] = [
    "tsc",
    "kvm-clock",
    "arch_sys_counter",
    "hyperv_clocksource_tsc_page",
];
/// Ticks of a second below which a thread that wants a processor may wait long for the next.
const FEW_TICKS: u64 = 1000;

/// A machine, a process on it, and what the system lets that have.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// The machine.
    pub host: Host,
    /// The limits of the process.
    pub cgroup: Cgroup,
    /// The process.
    pub process: Process,
}

/// What is asked of a machine by a server.
#[derive(Debug, Clone, Copy, Default)]
pub struct Server {
    /// Threads that answer.
    pub workers: u64,
    /// Whether it locks memory, and how many bytes it would.
    pub locks: Option<u64>,
}

/// Something that latencies suffer from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Whether they do for certain.
    pub is_problem: bool,
    /// What it is.
    pub what: String,
    /// What helps.
    pub remedy: String,
}

impl Machine {
    /// That of a process, which can be seen.
    pub fn of(pid: u32) -> Option<Machine> {
        Some(Machine {
            process: Process::of(pid)?,
            cgroup: Cgroup::of(pid),
            host: Host::here(),
        })
    }
}

/// Bytes that the process could have for files, beside what it and others have for other things: what is free, and what
/// cached files would give way. None if it cannot be told.
pub fn room(host: &Host, group: &Cgroup) -> Option<u64> {
    let of_group = group.memory_most.map(|most| {
        let used = group.memory.unwrap_or(0);
        let kept = used.saturating_sub(group.memory_of_files.unwrap_or(0));
        most.saturating_sub(kept)
    });
    let of_host = host.memory_available;
    of_group.into_iter().chain(of_host).min()
}

/// What latencies suffer from as long as nobody changes it, the worst first.
pub fn remarks(machine: &Machine, server: &Server) -> Vec<Remark> {
    let all = [
        throttled(machine),
        crowded(machine, server),
        locks(machine, server),
        clock(machine),
        ticks(machine),
        huge_pages(machine),
    ];
    let mut all: Vec<Remark> = all.into_iter().flatten().collect();
    all.sort_by_key(|remark| !remark.is_problem);
    all
}

/// What they suffered from in the last seconds.
pub fn pressures(machine: &Machine) -> Vec<Remark> {
    let all = 0..PRESSURES.len();
    all.filter_map(|which| pressure(machine, which)).collect()
}

fn note(what: impl Into<String>, remedy: impl Into<String>) -> Option<Remark> {
    Some(Remark {
        is_problem: false,
        what: what.into(),
        remedy: remedy.into(),
    })
}

fn throttled(machine: &Machine) -> Option<Remark> {
    let group = &machine.cgroup;
    let (Some(throttled @ 1..), Some(periods @ 1..)) = (group.throttled, group.periods) else {
        return None;
    };
    let percent = 100.0 * throttled as f64 / periods as f64;
    let what = format!(
        "the cgroup stopped the process in {percent:.1} % of its periods, for {:.1} s together",
        group.throttled_seconds.unwrap_or(0.0)
    );
    let remedy = "give the container more processors (cpu.max), or the server fewer worker.threads: stopped \
                  threads are what p99 shows";
    Some(Remark {
        is_problem: percent >= 1.0,
        ..note(what, remedy)?
    })
}

fn crowded(machine: &Machine, server: &Server) -> Option<Remark> {
    let quota = machine.cgroup.processors;
    let most = quota.or(machine.host.processors.map(|all| all as f64))?;
    if server.workers as f64 <= most.ceil() {
        return None;
    }
    let what = match server.workers {
        1 => format!("1 worker thread share {most:.1} processors"),
        workers => format!("{workers} worker threads share {most:.1} processors"),
    };
    note(
        what,
        "set worker.threads to the number of processors that the process may use",
    )
}

fn locks(machine: &Machine, server: &Server) -> Option<Remark> {
    let (wanted, most) = (server.locks?, machine.process.locked_most?);
    if wanted <= most {
        return None;
    }
    note(
        format!("the process may lock {most} bytes in memory, and plain tables have {wanted}"),
        "raise the limit (LimitMEMLOCK of systemd, ulimit -l, or CAP_IPC_LOCK) before the next start, or set \
         plain.tables.lock to false",
    )
}

fn pressure(machine: &Machine, which: usize) -> Option<Remark> {
    let percent = machine.host.pressure[which].filter(|percent| *percent >= 20.0)?;
    let name = PRESSURES[which];
    let remedy = match name {
        "cpu" => "other processes want the same processors: `venice profile` has the server's part",
        "memory" => "the machine has too little memory for what runs on it",
        _ => "the disk is what is waited for: more block cache, or a faster disk",
    };
    note(
        format!("threads of the machine waited for {name} in {percent:.0} % of the last 10 s"),
        remedy,
    )
}

fn clock(machine: &Machine) -> Option<Remark> {
    let clock = machine.host.clock_source.as_deref()?;
    if CLOCKS.contains(&clock) {
        return None;
    }
    note(
        format!("the clock of the system is {clock}: each look at it is a system call"),
        "boot with clocksource=tsc, if the processors' counters are stable",
    )
}

fn ticks(machine: &Machine) -> Option<Remark> {
    let (ticks, preemption) = (machine.host.ticks?, machine.host.preemption?);
    if ticks >= FEW_TICKS || preemption != "none" {
        return None;
    }
    note(
        format!(
            "the kernel has HZ={ticks} and no preemption: a worker that wakes may wait {} ms for a processor",
            1000 / ticks.max(1)
        ),
        "give workers processors of their own (worker.cpus), or boot a kernel with preempt=full or HZ=1000",
    )
}

fn huge_pages(machine: &Machine) -> Option<Remark> {
    if machine.host.huge_pages.as_deref() != Some("always") {
        return None;
    }
    note(
        "transparent huge pages are `always`",
        "`echo madvise > /sys/kernel/mm/transparent_hugepage/enabled`, unless the process is known to be \
         better with them: memory grows by pages that are hardly used, and compaction stops threads",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_machine_is_not_remarked_on() {
        assert_eq!(remarks(&Machine::default(), &Server::default()), []);
        let quiet = Machine {
            host: Host {
                processors: Some(4),
                huge_pages: Some("madvise".to_owned()),
                clock_source: Some("tsc".to_owned()),
                ticks: Some(250),
                preemption: Some("PREEMPT_DYNAMIC"),
                pressure: [Some(1.0); 3],
                ..Host::default()
            },
            cgroup: Cgroup {
                periods: Some(10),
                throttled: Some(0),
                ..Cgroup::default()
            },
            process: Process {
                locked_most: Some(8),
                ..Process::default()
            },
        };
        let server = Server {
            workers: 4,
            locks: Some(8),
        };
        assert_eq!(remarks(&quiet, &server), []);
        assert_eq!(pressures(&quiet), []);
    }

    #[test]
    fn what_is_bad_is_said_with_what_helps() {
        let bad = Machine {
            host: Host {
                processors: Some(64),
                huge_pages: Some("always".to_owned()),
                clock_source: Some("hpet".to_owned()),
                ticks: Some(250),
                preemption: Some("none"),
                pressure: [Some(50.0), None, Some(20.0)],
                ..Host::default()
            },
            cgroup: Cgroup {
                processors: Some(1.5),
                periods: Some(200),
                throttled: Some(50),
                throttled_seconds: Some(1.5),
                ..Cgroup::default()
            },
            process: Process {
                locked_most: Some(8),
                ..Process::default()
            },
        };
        let server = Server {
            workers: 3,
            locks: Some(9),
        };
        let all = remarks(&bad, &server);
        let whats: Vec<&str> = all.iter().map(|remark| &*remark.what).collect();
        assert_eq!(
            whats,
            [
                "the cgroup stopped the process in 25.0 % of its periods, for 1.5 s together",
                "3 worker threads share 1.5 processors",
                "the process may lock 8 bytes in memory, and plain tables have 9",
                "the clock of the system is hpet: each look at it is a system call",
                "the kernel has HZ=250 and no preemption: a worker that wakes may wait 4 ms for a processor",
                "transparent huge pages are `always`",
            ]
        );
        let now = pressures(&bad);
        let whats: Vec<&str> = now.iter().map(|remark| &*remark.what).collect();
        assert_eq!(
            whats,
            [
                "threads of the machine waited for cpu in 50 % of the last 10 s",
                "threads of the machine waited for io in 20 % of the last 10 s",
            ]
        );
        let problems = all.iter().filter(|remark| remark.is_problem).count();
        assert_eq!(problems, 1);
        assert!(all.iter().all(|remark| !remark.remedy.is_empty()));
    }

    #[test]
    fn room_is_what_the_narrower_has() {
        let room = |available, most, used, files| {
            let host = Host {
                memory_available: available,
                ..Host::default()
            };
            let group = Cgroup {
                memory_most: most,
                memory: used,
                memory_of_files: files,
                ..Cgroup::default()
            };
            room(&host, &group)
        };
        assert_eq!(room(None, None, None, None), None);
        assert_eq!(room(Some(9), None, Some(5), Some(1)), Some(9));
        assert_eq!(room(Some(90), Some(50), Some(40), Some(30)), Some(40));
        assert_eq!(room(Some(9), Some(50), Some(40), Some(30)), Some(9));
        assert_eq!(room(Some(90), Some(50), Some(60), None), Some(0));
    }
}
