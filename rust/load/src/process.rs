//! What a process has used, as Linux counts it.

use std::fs;

/// Ticks of `/proc/<pid>/stat` in a second: `USER_HZ`, 100 on every platform of Linux today.
const TICKS: f64 = 100.0;

/// Processor time and memory of a process, up to now.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Of its own instructions.
    pub user_seconds: f64,
    /// Of the kernel, for it.
    pub system_seconds: f64,
    /// Memory in use now.
    pub resident_kib: u64,
}

impl Usage {
    /// Of a process, with all its threads; zeros where there is no `/proc`.
    pub fn of(pid: u32) -> Usage {
        Usage::read(pid).unwrap_or_default()
    }

    fn read(pid: u32) -> Option<Usage> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(Usage {
            user_seconds: fields.get(11)?.parse::<f64>().ok()? / TICKS,
            system_seconds: fields.get(12)?.parse::<f64>().ok()? / TICKS,
            resident_kib: resident.split_whitespace().next()?.parse().ok()?,
        })
    }
}
