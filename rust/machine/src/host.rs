//! The machine of a server.

use std::fs;

use crate::files::{named, number, text};

/// What the machine is and how busy.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// The kernel's version.
    pub kernel: Option<String>,
    /// Ticks of the kernel in a second, `CONFIG_HZ`.
    pub ticks: Option<u64>,
    /// When the kernel takes a processor from a thread that is in it: `PREEMPT_DYNAMIC` and the like, or `none`, by the
    /// kernel's name of its build.
    pub preemption: Option<&'static str>,
    /// Processors that are switched on.
    pub processors: Option<usize>,
    /// Threads that ran or wanted to, over the last minute.
    pub load: Option<f64>,
    /// Bytes.
    pub memory: Option<u64>,
    /// Bytes that programs could still have.
    pub memory_available: Option<u64>,
    /// `always`, `madvise` or `never`.
    pub huge_pages: Option<String>,
    /// Where the time comes from.
    pub clock_source: Option<String>,
    /// Connections that wait to be accepted, at most.
    pub backlog: Option<u64>,
    /// Parts of the last ten seconds, in percent, in which some thread waited for a processor, for memory, for a disk.
    pub pressure: [Option<f64>; 3],
}

/// The files of [`Host::pressure`].
pub const PRESSURES: [&str; 3] = ["cpu", "memory", "io"];

impl Host {
    /// This machine.
    pub fn here() -> Host {
        let memory = text("/proc/meminfo").unwrap_or_default();
        let kib = |name: &str| named(&memory, name).map(|kib| kib * 1024);
        let processors = fs::read_to_string("/proc/stat").ok().map(|stat| {
            let of_one = |line: &&str| {
                line.strip_prefix("cpu")
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            };
            stat.lines().filter(of_one).count()
        });
        Host {
            kernel: text("/proc/sys/kernel/osrelease"),
            ticks: ticks(),
            preemption: text("/proc/sys/kernel/version").map(|build| preemption(&build)),
            processors,
            load: text("/proc/loadavg")
                .and_then(|load| load.split(' ').next().and_then(|load| load.parse().ok())),
            memory: kib("MemTotal"),
            memory_available: kib("MemAvailable"),
            huge_pages: text("/sys/kernel/mm/transparent_hugepage/enabled")
                .and_then(|text| chosen(&text)),
            clock_source: text("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
            backlog: number("/proc/sys/net/core/somaxconn"),
            pressure: PRESSURES
                .map(|name| text(format!("/proc/pressure/{name}")).and_then(|text| some(&text))),
        }
    }
}

/// By the resolution of the clock that is read without a look at the hardware: it goes on with each tick.
#[cfg(target_os = "linux")]
fn ticks() -> Option<u64> {
    let tick = rustix::time::clock_getres(rustix::time::ClockId::MonotonicCoarse);
    let nanos = u64::try_from(tick.tv_nsec)
        .ok()
        .filter(|nanos| *nanos > 0)?;
    (tick.tv_sec == 0).then_some((1_000_000_000 + nanos / 2) / nanos)
}

#[cfg(not(target_os = "linux"))]
fn ticks() -> Option<u64> {
    None
}

/// Of a name such as `#1 SMP PREEMPT_DYNAMIC Thu Sep 25 12:00:00 UTC 2025`.
fn preemption(build: &str) -> &'static str {
    let known = ["PREEMPT_RT", "PREEMPT_DYNAMIC", "PREEMPT_LAZY", "PREEMPT"];
    let is_named = |name: &&&str| build.split_whitespace().any(|word| word == **name);
    known.iter().find(is_named).copied().unwrap_or("none")
}

/// The word in brackets: `always [madvise] never`.
fn chosen(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('[')?;
    let (word, _) = rest.split_once(']')?;
    Some(word.to_owned())
}

/// Of the line `some avg10=1.23 avg60=...` the first number.
fn some(text: &str) -> Option<f64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("some avg10="))?;
    line.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_of_files() {
        assert_eq!(chosen("always [madvise] never").as_deref(), Some("madvise"));
        assert_eq!(chosen("always"), None);
        assert_eq!(
            preemption("#1 SMP PREEMPT_DYNAMIC Thu Sep 25 12:00:00 UTC 2025"),
            "PREEMPT_DYNAMIC"
        );
        assert_eq!(preemption("#83-Ubuntu SMP PREEMPT Fri"), "PREEMPT");
        assert_eq!(preemption("#83-Ubuntu SMP Fri Sep 5"), "none");
        let pressure = "some avg10=12.50 avg60=1.00 avg300=0.00 total=5\nfull avg10=0.00";
        assert_eq!(some(pressure), Some(12.5));
        assert_eq!(some(""), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_has_memory_and_processors() {
        let here = Host::here();
        assert!(here.processors.is_some_and(|count| count > 0), "{here:?}");
        assert!(here.memory >= here.memory_available, "{here:?}");
        assert!(here.ticks.is_some_and(|ticks| ticks >= 24), "{here:?}");
        assert!(here.preemption.is_some() && here.kernel.is_some());
        assert!(here.load.is_some_and(|load| load >= 0.0));
    }
}
