//! What the machine does to the latencies of a server, said once at the start.

use venice_machine::{remarks, Machine, Server};

use crate::config::Config;

/// Writes it to the log. `table_bytes` are those of plain tables, which may be locked.
pub(crate) fn say(config: &Config, table_bytes: u64) {
    let Some(machine) = Machine::of(std::process::id()) else {
        return; // another system than Linux
    };
    let server = Server {
        workers: config.worker_threads as u64,
        locks: config.plain_tables.lock.then_some(table_bytes),
    };
    let (facts, found) = line(&machine, &server);
    match found {
        None => tracing::info!("the machine of the read server: {facts}"),
        Some(found) => tracing::warn!("the machine of the read server: {facts}. {found}"),
    }
}

/// What it is; and what latencies suffer from, each with what helps.
fn line(machine: &Machine, server: &Server) -> (String, Option<String>) {
    let Machine {
        host,
        cgroup,
        process,
    } = machine;
    let unknown = || "?".to_owned();
    let number = |number: Option<u64>| number.map_or_else(unknown, |number| number.to_string());
    let facts = format!(
        "Linux {}, HZ={}, preemption {}, {} processors for {} worker threads{}, throttled in {} of {} periods, \
         transparent huge pages {}, {} of locked memory allowed",
        host.kernel.as_deref().unwrap_or("?"),
        number(host.ticks),
        host.preemption.unwrap_or("?"),
        number(host.processors.map(|count| count as u64)),
        server.workers,
        cgroup
            .processors
            .map(|quota| format!(" (the cgroup has {quota:.1})"))
            .unwrap_or_default(),
        number(cgroup.throttled),
        number(cgroup.periods),
        host.huge_pages.as_deref().unwrap_or("?"),
        process
            .locked_most
            .map_or_else(|| "any amount".to_owned(), |most| format!("{most} bytes")),
    );
    let found = remarks(machine, server);
    let found = found
        .iter()
        .map(|remark| format!("{}: {}", remark.what, remark.remedy));
    let found: Vec<String> = found.collect();
    (facts, (!found.is_empty()).then(|| found.join("; ")))
}

#[cfg(test)]
mod tests {
    use venice_machine::{Cgroup, Host, Process};

    use super::*;

    #[test]
    fn one_line_names_what_latencies_suffer_from() {
        let machine = Machine {
            host: Host {
                kernel: Some("6.12.1".to_owned()),
                ticks: Some(250),
                preemption: Some("none"),
                processors: Some(64),
                huge_pages: Some("always".to_owned()),
                ..Host::default()
            },
            cgroup: Cgroup {
                processors: Some(2.0),
                periods: Some(200),
                throttled: Some(50),
                throttled_seconds: Some(1.5),
                ..Cgroup::default()
            },
            process: Process {
                locked_most: Some(4096),
                ..Process::default()
            },
        };
        let server = Server {
            workers: 4,
            locks: Some(8192),
        };
        let (facts, found) = line(&machine, &server);
        assert_eq!(
            facts,
            "Linux 6.12.1, HZ=250, preemption none, 64 processors for 4 worker threads (the cgroup has 2.0), throttled \
             in 50 of 200 periods, transparent huge pages always, 4096 bytes of locked memory allowed"
        );
        let found = found.unwrap();
        for expected in [
            "stopped the process in 25.0 % of its periods",
            "4 worker threads share 2.0 processors: set worker.threads",
            "may lock 4096 bytes in memory, and plain tables have 8192",
            "HZ=250 and no preemption",
            "transparent huge pages are `always`",
        ] {
            assert!(found.contains(expected), "{expected}: {found}");
        }
        assert!(!facts.contains('\n') && !found.contains('\n'));
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        let (facts, found) = line(&Machine::default(), &Server::default());
        assert_eq!(found, None);
        assert!(
            facts.starts_with("Linux ?, HZ=?, preemption ?, ? processors for 0"),
            "{facts}"
        );
    }
}
