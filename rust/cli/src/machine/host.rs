//! The machine of a server.

use std::fs;

use crate::machine::files::{named, number, text};

/// What the machine is and how busy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Host {
    pub(crate) kernel: Option<String>,
    /// Processors that are switched on.
    pub(crate) processors: Option<usize>,
    /// Threads that ran or wanted to, over the last minute.
    pub(crate) load: Option<f64>,
    /// Bytes.
    pub(crate) memory: Option<u64>,
    /// Bytes that programs could still have.
    pub(crate) memory_available: Option<u64>,
    /// `always`, `madvise` or `never`.
    pub(crate) huge_pages: Option<String>,
    pub(crate) clock_source: Option<String>,
    /// Connections that wait to be accepted, at most.
    pub(crate) backlog: Option<u64>,
    /// Parts of the last ten seconds, in percent, in which some thread waited for a processor, for memory, for a disk.
    pub(crate) pressure: [Option<f64>; 3],
}

/// The files of [`Host::pressure`].
pub(crate) const PRESSURES: [&str; 3] = ["cpu", "memory", "io"];

impl Host {
    /// This machine.
    pub(crate) fn here() -> Host {
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
        assert!(here.load.is_some_and(|load| load >= 0.0));
    }
}
