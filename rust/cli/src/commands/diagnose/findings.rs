//! What is wrong with a server, or soon will be, and what helps: rules over what it shows, one function for each part.

use serde_json::Value as Json;
use venice_machine::{pressures, remarks, Server};

use crate::commands::diagnose::facts::Facts;
use crate::output::{array, count, grouped, size, Object};

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Whether something is wrong now; else it is good to know.
    pub(crate) is_problem: bool,
    pub(crate) what: String,
    pub(crate) remedy: String,
}

impl Finding {
    pub(crate) fn object(&self) -> String {
        Object::new()
            .text("severity", self.severity())
            .text("what", &self.what)
            .text("remedy", &self.remedy)
            .end()
    }

    pub(crate) fn severity(&self) -> &'static str {
        if self.is_problem {
            "problem"
        } else {
            "note"
        }
    }
}

/// A list of findings as JSON.
pub(crate) fn objects(findings: &[Finding]) -> String {
    array(findings.iter().map(Finding::object))
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn problem(&mut self, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(true, what.into(), remedy.into());
    }

    fn note(&mut self, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(false, what.into(), remedy.into());
    }

    fn add(&mut self, is_problem: bool, what: String, remedy: String) {
        self.0.push(Finding {
            is_problem,
            what,
            remedy,
        });
    }
}

/// All findings, problems first.
pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = Findings::default();
    state(facts, &mut found);
    stores(facts, &mut found);
    limits(facts, &mut found);
    quota(facts, &mut found);
    access(facts, &mut found);
    certificates(facts, &mut found);
    slow(facts, &mut found);
    settings(facts, &mut found);
    machine(facts, &mut found);
    memory(facts, &mut found);
    descriptors(facts, &mut found);
    found.0.sort_by_key(|finding| !finding.is_problem);
    found.0
}

fn list<'j>(json: &'j Json, name: &str) -> &'j [Json] {
    json[name].as_array().map_or(&[], |list| list)
}

fn text<'j>(json: &'j Json, name: &str) -> &'j str {
    json[name].as_str().unwrap_or_default()
}

fn state(facts: &Facts, found: &mut Findings) {
    let status = facts.view("status");
    let phase = text(status, "phase");
    if phase != "serving" {
        found.problem(
            format!("the server is {phase}: clients are told to go elsewhere"),
            "`venice undrain` takes back a drain that has not told clients to go; else start a new server",
        );
    } else if text(status, "health") == "NOT_SERVING" {
        found.problem(
            "the health service says NOT_SERVING, and nobody drains the server",
            "who started the server has set it so: let it say SERVING",
        );
    }
    let cut = status["calls_cut"].as_u64().unwrap_or(0);
    if cut > 0 {
        found.problem(
            format!("{} cut when the server ended", count(cut, "call")),
            "give it more time: the setting drain.ms, or `venice drain --bound`",
        );
    }
    if status["metrics"] == false {
        found.note(
            "metrics.enabled is false: neither reads nor refusals nor slow requests are known",
            "start the server without metrics.enabled=false",
        );
    }
}

fn stores(facts: &Facts, found: &mut Findings) {
    let stores = list(facts.view("stores"), "stores");
    if stores.is_empty() {
        found.problem(
            "nothing is served: there is no store version",
            "see that the databases were opened with this server's library, and before the reads",
        );
    }
    for version in stores.iter().flat_map(|store| list(store, "versions")) {
        let name = text(version, "name");
        if let Some(error) = version["state_error"].as_str() {
            found.problem(
                format!("the state of {name} cannot be read: {error}"),
                "the metadata partition has to be open, and to have the store-version state: push the version again",
            );
        }
        let partitions = list(version, "partitions");
        let with = |condition: &str| {
            partitions
                .iter()
                .filter(|partition| partition["condition"] == condition)
                .count() as u64
        };
        if with("closed") > 0 {
            found.problem(
                format!(
                    "{} of {name} closed: reads of {} fail",
                    count(with("closed"), "partition"),
                    if with("closed") == 1 { "it" } else { "them" }
                ),
                "`venice stores` names them; open them again, or take the host out of the store version's",
            );
        }
        if with("removed") > 0 {
            found.note(
                format!("{} of {name} removed", count(with("removed"), "partition")),
                "that is right after the version was dropped or moved; `venice stores` names them",
            );
        }
    }
}

fn limits(facts: &Facts, found: &mut Findings) {
    for limit in list(facts.view("limits"), "limits") {
        let (setting, value) = (text(limit, "setting"), limit["value"].as_u64().unwrap_or(0));
        let refused = limit["refused"].as_u64().unwrap_or(0);
        let remedy = match setting {
            "max.connections" | "max.connections.per.address" => {
                "`venice conns` tells whose connections they are; `venice config NAME --set N` raises the limit"
            }
            "max.client.bytes" => {
                "`venice conns` has those that hold most at the top: they do not read; more memory is a new start's"
            }
            "max.batch.keys" | "max.response.bytes" => {
                "have the client ask for fewer keys in a call, or raise the setting"
            }
            "disk.threads" => {
                "reads wait for the disk: more block cache or more disk.threads; `venice profile` tells which stores"
            }
            "compute.threads" => "requests wait to be computed: more compute.threads, or fewer keys and operations in a request",
            "access.cache.entries" => "raise it, as forgotten answers are asked for again",
            "metrics.max.series" => {
                "stores are counted together: raise it, if who reads the metrics takes as many series"
            }
            "read.deadline.ms" => "the disk answers later: see its log and its load",
            "access.wait.ms" => "the access controller is slow: `venice access`",
            "receive.timeout.ms" | "handshake.timeout.ms" | "keep.alive.timeout.ms" => {
                "clients went without a word, or their network is slow; raise the setting if they are to be waited for"
            }
            "max.connection.age.grace.ms" => "calls were cut: raise the setting above what calls may take",
            _ => "raise the setting, if clients are right to want more",
        };
        let met = format!("{setting} ({}) was met {}", grouped(value), times(refused));
        if refused > 0 {
            match setting {
                // Clients come back, and lose nothing.
                "max.connection.idle.ms" | "max.connection.age.ms" => {}
                "receive.timeout.ms"
                | "handshake.timeout.ms"
                | "keep.alive.timeout.ms"
                | "metrics.max.series" => found.note(met, remedy),
                _ => found.problem(met, remedy),
            }
        } else if let Some(used) = limit["in_use"].as_u64() {
            // A tenth is left, or less.
            if value > 0 && used.saturating_mul(10) >= value.saturating_mul(9) {
                let of = format!(
                    "{setting} is nearly met: {} of {}",
                    grouped(used),
                    grouped(value)
                );
                found.note(of, remedy);
            }
        }
    }
}

fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        _ => format!("{} times", grouped(number)),
    }
}

fn quota(facts: &Facts, found: &mut Findings) {
    let quota = facts.view("quota");
    for version in list(quota, "store_versions") {
        let rejected = version["outcomes"]["rejected"]["requests"].as_u64();
        if let Some(rejected @ 1..) = rejected {
            found.problem(
                format!(
                    "{} over the quota of {}",
                    count(rejected, "request"),
                    text(version, "name")
                ),
                "raise the store's read quota, or find who reads so much: `venice conns`, `venice hotkeys`",
            );
        }
    }
    let others = [&quota["without_quota"]];
    let all = list(quota, "store_versions").iter().chain(others);
    let over: u64 = all
        .filter_map(|one| one["outcomes"]["over_capacity"]["requests"].as_u64())
        .sum();
    if over > 0 {
        found.problem(
            format!("{} over the quota of this node", count(over, "request")),
            "raise the node's quota, or add servers: the stores together read more than it allows",
        );
    }
}

fn access(facts: &Facts, found: &mut Findings) {
    let access = facts.view("access");
    if access["enabled"] != true {
        return;
    }
    let failed = access["failed"].as_u64().unwrap_or(0);
    if failed > 0 {
        found.problem(
            format!("the access controller failed {}", times(failed)),
            "the log of the Java server has the exceptions; kept answers are used for access.stale.ms",
        );
    }
    let waiting = access["questions_waiting"].as_u64().unwrap_or(0);
    let threads = access["threads"].as_u64().unwrap_or(1);
    if waiting > threads.saturating_mul(4) {
        found.problem(
            format!(
                "{} about access wait for {}",
                count(waiting, "question"),
                count(threads, "thread")
            ),
            "the access controller is slow (`venice access` has its times); more access.threads ask at a time",
        );
    }
}

fn certificates(facts: &Facts, found: &mut Findings) {
    let shown = facts.view("certificates");
    let of_clients = list(shown, "certificates")
        .iter()
        .map(|one| (one, "tls.key.store"));
    let of_operators = list(&shown["admin_port"], "certificates").iter();
    let of_operators = of_operators.map(|one| (one, "admin.tls.key.store"));
    for (certificate, setting) in of_clients.chain(of_operators) {
        let Some(days) = certificate["days_left"].as_f64() else {
            continue;
        };
        let subject = text(certificate, "subject");
        let remedy = format!(
            "replace the files that {setting} names: they are read within tls.reload.ms; `venice certs` shows what is in use"
        );
        if days < 0.0 {
            found.problem(format!("the certificate {subject} has ended"), remedy);
        } else if days < 7.0 {
            found.problem(
                format!("the certificate {subject} ends in {days:.1} days"),
                remedy,
            );
        } else if days < 30.0 {
            found.note(
                format!("the certificate {subject} ends in {days:.0} days"),
                remedy,
            );
        }
    }
}

fn slow(facts: &Facts, found: &mut Findings) {
    let slow = facts.view("slow");
    let requests = list(slow, "requests").iter();
    let slow_ones: Vec<&Json> = requests.filter(|one| one["why"] == "slow").collect();
    if slow_ones.is_empty() {
        return;
    }
    let phases = ["receive", "access", "room", "queue", "read", "send"];
    let took = |phase: &str| {
        let micros = slow_ones.iter();
        micros
            .filter_map(|one| one["phases"][phase].as_u64())
            .sum::<u64>()
    };
    let longest = phases.into_iter().max_by_key(|phase| took(phase));
    let longest = longest.unwrap_or("read");
    let remedy = match longest {
        "receive" => "clients send slowly, or the worker threads are busy: `venice profile`",
        "access" => "the access controller is slow: `venice access`",
        "room" => "answers wait for memory that clients hold: `venice conns`, max.client.bytes",
        "queue" => "reads wait for a disk thread: more block cache, or more disk.threads",
        "read" => "RocksDB is slow: disk or memory? (docs/operations.md)",
        _ => "clients read slowly, or the network is full: `venice conns`",
    };
    let threshold = slow["threshold"].as_u64().unwrap_or(0);
    found.note(
        format!(
            "{} of the slow log took {} us or longer, most of it in the phase {longest}",
            count(slow_ones.len() as u64, "request"),
            grouped(threshold)
        ),
        format!("{remedy}; `venice slow` has each"),
    );
}

fn settings(facts: &Facts, found: &mut Findings) {
    let settings = list(facts.view("config"), "settings").iter();
    let changed: Vec<&str> = settings
        .filter(|one| one["changed_since_start"] == true)
        .map(|one| text(one, "name"))
        .collect();
    if !changed.is_empty() {
        found.note(
            format!("changed while the server ran: {}", changed.join(", ")),
            "write them where the server is started, or they are gone with the process",
        );
    }
}

fn machine(facts: &Facts, found: &mut Findings) {
    let Some(machine) = facts.machine() else {
        return;
    };
    let server = Server {
        workers: facts.view("status")["worker_threads"].as_u64().unwrap_or(0),
        locks: None,
    };
    let remarks = remarks(machine, &server).into_iter();
    for remark in remarks.chain(pressures(machine)) {
        found.add(remark.is_problem, remark.what, remark.remedy);
    }
}

fn memory(facts: &Facts, found: &mut Findings) {
    let Some(machine) = facts.machine() else {
        return;
    };
    let group = &machine.cgroup;
    if let Some(killed @ 1..) = group.killed {
        found.problem(
            format!(
                "the system killed processes of the cgroup for memory, {}",
                times(killed)
            ),
            "give the container more memory, or the heap, block cache and max.client.bytes less",
        );
    }
    if let (Some(used), Some(most)) = (group.memory, group.memory_most) {
        if used.saturating_mul(10) >= most.saturating_mul(9) {
            found.note(
                format!("the cgroup has {} of {}, cached files among them", size(used), size(most)),
                "cached files give way; if it is memory of the process, it will be killed: give the container more",
            );
        }
    }
    if let Some(swapped @ 1..) = machine.process.swapped {
        found.problem(
            format!("{} of the process are swapped out", size(swapped)),
            "switch swap off for it (memory.swap.max=0), or give it memory: a read that meets swap waits for a disk",
        );
    }
}

fn descriptors(facts: &Facts, found: &mut Findings) {
    let Some(machine) = facts.machine() else {
        return;
    };
    let process = &machine.process;
    let Some(most) = process.descriptors_most else {
        return;
    };
    let remedy = "raise the limit (LimitNOFILE of systemd, or `ulimit -n`) before the next start";
    if let Some(open) = process.descriptors {
        if open.saturating_mul(10) >= most.saturating_mul(9) {
            found.problem(
                format!(
                    "{} of {} descriptors are open",
                    grouped(open),
                    grouped(most)
                ),
                remedy,
            );
            return;
        }
    }
    let limits = list(facts.view("limits"), "limits").iter();
    let mut connections = limits.filter(|limit| limit["setting"] == "max.connections");
    let connections = connections.next().and_then(|limit| limit["value"].as_u64());
    if let Some(connections) = connections.filter(|connections| *connections > most) {
        found.problem(
            format!(
                "the process may open {} descriptors, and max.connections is {}",
                grouped(most),
                grouped(connections)
            ),
            remedy,
        );
    }
}

#[cfg(test)]
mod tests;
