//! What the system lets a process have: its cgroup, of version 2 or 1.

use std::path::{Path, PathBuf};

use crate::files::{named, number, text};

const ROOT: &str = "/sys/fs/cgroup";
/// Of version 1: a limit above this is none.
const NO_LIMIT: u64 = 1 << 60;

/// Limits of a cgroup, and how often they were met.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cgroup {
    /// Processors that its threads may use together.
    pub processors: Option<f64>,
    /// Periods in which its threads ran.
    pub periods: Option<u64>,
    /// Periods in which they had to stop before the end.
    pub throttled: Option<u64>,
    /// How long threads were stopped, together, in seconds.
    pub throttled_seconds: Option<f64>,
    /// Bytes that it may have.
    pub memory_most: Option<u64>,
    /// Bytes that it has, with cached files.
    pub memory: Option<u64>,
    /// Bytes of it that are cached files, which give way.
    pub memory_of_files: Option<u64>,
    /// Processes that were killed as it had no memory.
    pub killed: Option<u64>,
}

impl Cgroup {
    /// That of a process, as far as it can be seen.
    pub fn of(pid: u32) -> Cgroup {
        let paths = text(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        let mut facts = Cgroup::default();
        if let Some(folder) = folder(Path::new(ROOT), of_version_2(&paths), "cpu.stat") {
            facts.take_version_2(&folder);
        }
        for controller in ["cpu", "memory"] {
            let (mount, path) = match of_version_1(&paths, controller) {
                Some((mount, path)) => (mount, Some(path)),
                None => continue,
            };
            let file = match controller {
                "cpu" => "cpu.stat",
                _ => "memory.limit_in_bytes",
            };
            if let Some(folder) = folder(&Path::new(ROOT).join(mount), path, file) {
                facts.take_version_1(controller, &folder);
            }
        }
        facts
    }

    fn take_version_2(&mut self, folder: &Path) {
        let stat = text(folder.join("cpu.stat")).unwrap_or_default();
        self.take_stat(&stat, "throttled_usec", 1e-6);
        self.processors = text(folder.join("cpu.max")).and_then(|max| quota(&max));
        self.memory_most = number(folder.join("memory.max"));
        self.memory = number(folder.join("memory.current"));
        let stat = text(folder.join("memory.stat")).unwrap_or_default();
        self.memory_of_files = of_files(&stat, ["active_file ", "inactive_file "]);
        let events = text(folder.join("memory.events")).unwrap_or_default();
        self.killed = named(&events, "oom_kill ");
    }

    fn take_version_1(&mut self, controller: &str, folder: &Path) {
        if controller == "cpu" {
            let stat = text(folder.join("cpu.stat")).unwrap_or_default();
            self.take_stat(&stat, "throttled_time", 1e-9);
            let quota = text(folder.join("cpu.cfs_quota_us")).and_then(|text| text.parse().ok());
            let period = number(folder.join("cpu.cfs_period_us"));
            self.processors = match (quota.filter(|quota: &f64| *quota > 0.0), period) {
                (Some(quota), Some(period)) if period > 0 => Some(quota / period as f64),
                _ => None,
            };
        } else {
            let most = number(folder.join("memory.limit_in_bytes"));
            self.memory_most = most.filter(|most| *most < NO_LIMIT);
            self.memory = number(folder.join("memory.usage_in_bytes"));
            let stat = text(folder.join("memory.stat")).unwrap_or_default();
            let names = ["total_active_file ", "total_inactive_file "];
            self.memory_of_files = of_files(&stat, names);
            let control = text(folder.join("memory.oom_control")).unwrap_or_default();
            self.killed = named(&control, "oom_kill ");
        }
    }

    fn take_stat(&mut self, stat: &str, time: &str, scale: f64) {
        self.periods = named(stat, "nr_periods");
        self.throttled = named(stat, "nr_throttled");
        self.throttled_seconds = named(stat, time).map(|time| time as f64 * scale);
    }
}

/// The sum of two numbers of `memory.stat`.
fn of_files(stat: &str, names: [&str; 2]) -> Option<u64> {
    let [active, inactive] = names.map(|name| named(stat, name));
    active?.checked_add(inactive?)
}

/// Processors of `cpu.max`: `200000 100000`, or `max 100000` for all.
fn quota(max: &str) -> Option<f64> {
    let (quota, period) = max.split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0.0).then_some(quota / period)
}

/// The path below the mount: a line `0::/path`.
fn of_version_2(paths: &str) -> Option<&str> {
    paths.lines().find_map(|line| line.strip_prefix("0::"))
}

/// Mount and path of a controller: a line `4:cpu,cpuacct:/path`.
fn of_version_1<'p>(paths: &'p str, controller: &str) -> Option<(&'p str, &'p str)> {
    paths.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        let has = controllers.split(',').any(|name| name == controller);
        has.then_some((controllers, path))
    })
}

/// The folder that has a file: that of the path, or, where a container sees its own as the root, the mount.
fn folder<'p>(mount: &Path, path: impl Into<Option<&'p str>>, file: &str) -> Option<PathBuf> {
    let path = path.into()?;
    let below = mount.join(path.trim_start_matches('/'));
    [below, mount.to_owned()]
        .into_iter()
        .find(|folder| folder.join(file).exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn quotas_and_paths() {
        assert_eq!(quota("200000 100000"), Some(2.0));
        assert_eq!(quota("50000 100000"), Some(0.5));
        assert_eq!(quota("max 100000"), None);
        let mixed = "12:memory:/docker/1\n4:cpu,cpuacct:/docker/2\n0::/slice/x";
        assert_eq!(of_version_2(mixed), Some("/slice/x"));
        assert_eq!(
            of_version_1(mixed, "cpu"),
            Some(("cpu,cpuacct", "/docker/2"))
        );
        assert_eq!(of_version_1(mixed, "memory"), Some(("memory", "/docker/1")));
        assert_eq!(of_version_1("0::/", "cpu"), None);
    }

    #[test]
    fn a_group_of_version_2_and_one_of_version_1() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
        write(
            "cpu.stat",
            "usage_usec 9\nnr_periods 200\nnr_throttled 50\nthrottled_usec 1500000\n",
        );
        write("cpu.max", "150000 100000\n");
        write("memory.max", "max\n");
        write("memory.current", "4096\n");
        write(
            "memory.stat",
            "anon 5\nfile 3000\nkernel 7\ninactive_file 1000\nactive_file 1500\n",
        );
        write("memory.events", "oom 3\noom_kill 2\n");
        let mut group = Cgroup::default();
        group.take_version_2(root.path());
        let expected = Cgroup {
            processors: Some(1.5),
            periods: Some(200),
            throttled: Some(50),
            throttled_seconds: Some(1.5),
            memory_most: None,
            memory: Some(4096),
            memory_of_files: Some(2500),
            killed: Some(2),
        };
        assert_eq!(group, expected);
        // The path is not there in a container: its root is.
        let found = folder(root.path(), "/slice/of/host", "cpu.stat");
        assert_eq!(found.as_deref(), Some(root.path().join("").as_path()));

        write(
            "cpu.stat",
            "nr_periods 8\nnr_throttled 1\nthrottled_time 2000000000\n",
        );
        write("cpu.cfs_quota_us", "-1\n");
        write("cpu.cfs_period_us", "100000\n");
        write("memory.limit_in_bytes", "9223372036854771712\n");
        write(
            "memory.stat",
            "active_file 1\ntotal_active_file 20\ntotal_inactive_file 30\n",
        );
        let mut group = Cgroup::default();
        group.take_version_1("cpu", root.path());
        group.take_version_1("memory", root.path());
        assert_eq!(
            (group.throttled, group.throttled_seconds),
            (Some(1), Some(2.0))
        );
        assert_eq!((group.processors, group.memory_most), (None, None));
        assert_eq!(group.memory_of_files, Some(50));
    }
}
