//! `venice profile`: where the time of a running server's threads goes, over a while.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use venice_machine::{threads, Thread, TICKS};

use crate::admin::{AdminOptions, AdminSocket, Samples};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{array, table, Object, Output};
use crate::units;

/// The longest look.
const LONGEST: Duration = Duration::from_secs(300);
/// How often the states of threads are looked at.
const INTERVAL: Duration = Duration::from_millis(20);
/// Groups of threads and stores that are shown to people.
const SHOWN: usize = 15;

const CPU_TIME: &str = "venice_server_read_cpu_time_nanoseconds_total";
const BUSY_TIME: &str = "venice_server_worker_busy_time_seconds_total";
/// Phases of reads that are measured, and their histograms.
const TIMES: [(&str, &str); 3] = [
    ("whole reads", "venice_server_read_call_time_milliseconds"),
    (
        "queue of the disk threads",
        "venice_server_storage_engine_queue_wait_time_milliseconds",
    ),
    (
        "RocksDB, of some reads",
        "venice_server_storage_engine_query_time_milliseconds",
    ),
];
const PHASES: [&str; 6] = ["receive", "access", "room", "queue", "read", "send"];

/// Show where the time of a running server goes: threads, stores, and phases of reads
///
/// Looks for a while at what the server counts anyway and at what Linux tells of its threads; nothing is done in the
/// server, and no signal is sent to it. It is no profile of functions: for that see docs/operations.md.
#[derive(Debug, clap::Args)]
pub(crate) struct Profile {
    #[command(flatten)]
    admin: AdminOptions,
    /// How long to look, from 100ms to 5m
    #[arg(long = "for", value_name = "TIME", default_value = "10s", value_parser = time)]
    time: Duration,
}

fn time(text: &str) -> Result<Duration, String> {
    let time = units::time(text)?;
    match (Duration::from_millis(100)..=LONGEST).contains(&time) {
        true => Ok(time),
        false => Err("give a time from 100ms to 5m".to_owned()),
    }
}

/// Threads of one name, over the look.
#[derive(Debug, Default)]
struct Group {
    threads: u64,
    user: u64,
    system: u64,
    waited: Duration,
    /// Looks at a thread, and how many of them met it running and waiting for a disk.
    looks: u64,
    running: u64,
    on_disk: u64,
}

/// What was seen.
struct Seen {
    time: Duration,
    /// None if the threads cannot be seen from here.
    groups: Option<Vec<(String, Group)>>,
    /// Part of the time that the worker threads worked, by their names.
    busy: Vec<(String, f64)>,
    /// Processors that the reads of each store took.
    stores: Vec<(String, f64)>,
    /// Name, times, milliseconds together.
    times: Vec<(&'static str, f64, f64)>,
    /// Requests that came into the slow log, and microseconds of their phases.
    slow: u64,
    phases: [u64; PHASES.len()],
}

impl Profile {
    pub(crate) fn run(&self, output: Output) -> Outcome {
        let socket = AdminSocket::of(&self.admin)?;
        let sequence = last_sequence(&socket.see("/slow")?);
        let before = Samples::of(&socket.read("/metrics")?);
        let begin = Instant::now();
        let groups = look(socket.process(), self.time);
        let time = begin.elapsed();
        let after = Samples::of(&socket.read("/metrics")?);
        let slow = socket.see(&format!("/slow?after={sequence}"))?;
        if before.sum(BUSY_TIME).is_none() && groups.is_none() {
            let text = "neither the server's metrics nor its threads can be seen: metrics.enabled is false, and the \
                        process is another user's or another container's; run this as its user, beside it";
            return Err(Failure::new(Exit::Unavailable, text));
        }
        let seen = Seen::new(time, groups, &before, &after, &slow);
        output.say(seen.object(), || seen.text())
    }
}

fn last_sequence(slow: &Json) -> u64 {
    let requests = slow["requests"].as_array().map_or(&[][..], |all| all);
    let sequences = requests.iter().filter_map(|one| one["sequence"].as_u64());
    sequences.max().unwrap_or(0)
}

/// Looks at the threads of a process until the time is over.
fn look(pid: Option<u32>, time: Duration) -> Option<Vec<(String, Group)>> {
    let end = Instant::now() + time;
    let first = pid.and_then(threads);
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut last = first.clone();
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        std::thread::sleep(left.min(INTERVAL));
        let Some(now) = pid.filter(|_| first.is_some()).and_then(threads) else {
            continue;
        };
        for thread in &now {
            let group = groups.entry(group_of(&thread.name)).or_default();
            group.looks += 1;
            group.running += u64::from(thread.state == 'R');
            group.on_disk += u64::from(thread.state == 'D');
        }
        last = Some(now);
    }
    add_times(&mut groups, &first?, &last?);
    let mut groups: Vec<(String, Group)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, group)| std::cmp::Reverse((group.user + group.system, group.running)));
    Some(groups)
}

/// Adds what threads had between two looks. One that came meanwhile had all of its time since.
fn add_times(groups: &mut BTreeMap<String, Group>, first: &[Thread], last: &[Thread]) {
    for thread in last {
        let before = first.iter().find(|known| known.id == thread.id);
        let group = groups.entry(group_of(&thread.name)).or_default();
        let since =
            |now: u64, field: fn(&Thread) -> u64| now.saturating_sub(before.map_or(0, field));
        group.threads += 1;
        group.user += since(thread.user, |thread| thread.user);
        group.system += since(thread.system, |thread| thread.system);
        let waited = before.and_then(|known| known.waited).unwrap_or_default();
        group.waited += thread.waited.unwrap_or_default().saturating_sub(waited);
    }
}

/// The name that threads of one kind share: `venice-disk-3` and `venice-disk-0` are `venice-disk`. Workers stand alone.
fn group_of(name: &str) -> String {
    if name.starts_with("venice-read") {
        return name.to_owned();
    }
    let shared = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let shared = shared.trim_end_matches(['-', '#', ' ', '_']);
    match shared {
        "" => name.to_owned(),
        shared => shared.to_owned(),
    }
}

impl Seen {
    fn new(
        time: Duration,
        groups: Option<Vec<(String, Group)>>,
        before: &Samples,
        after: &Samples,
        slow: &Json,
    ) -> Seen {
        let seconds = time.as_secs_f64();
        let rates = |name: &str, label: &str, scale: f64| {
            let then = before.by(name, label);
            let now = after.by(name, label).into_iter();
            let rates = now.map(|(of, value)| {
                let rate = (value - then.get(&of).unwrap_or(&0.0)) * scale / seconds;
                (of, rate.max(0.0))
            });
            let mut rates: Vec<(String, f64)> = rates.filter(|(_, rate)| *rate > 0.0).collect();
            rates.sort_by(|a, b| b.1.total_cmp(&a.1));
            rates
        };
        let grown = |name: String| {
            let now = after.sum(&name).unwrap_or(0.0);
            (now - before.sum(&name).unwrap_or(0.0)).max(0.0)
        };
        let times = TIMES.iter().map(|(what, name)| {
            let (count, sum) = (grown(format!("{name}_count")), grown(format!("{name}_sum")));
            (*what, count, sum)
        });
        let requests = slow["requests"].as_array().map_or(&[][..], |all| all);
        let phases = PHASES.map(|phase| {
            let micros = requests.iter();
            micros.filter_map(|one| one["phases"][phase].as_u64()).sum()
        });
        Seen {
            time,
            groups,
            busy: rates(BUSY_TIME, "venice_server_worker", 1.0),
            stores: rates(CPU_TIME, "venice_store_name", 1e-9),
            times: times.collect(),
            slow: requests.len() as u64,
            phases,
        }
    }

    fn object(&self) -> Object {
        let seconds = self.time.as_secs_f64();
        let groups = self.groups.as_ref().map(|groups| {
            array(groups.iter().map(|(name, group)| {
                let share = |ticks: u64| format!("{:.4}", ticks as f64 / TICKS / seconds);
                Object::new()
                    .text("name", name)
                    .raw("threads", group.threads)
                    .raw("userProcessors", share(group.user))
                    .raw("systemProcessors", share(group.system))
                    .raw(
                        "waitedForProcessor",
                        format!("{:.4}", group.waited.as_secs_f64() / seconds),
                    )
                    .raw("running", part(group.running, group.looks))
                    .raw("waitingForDisk", part(group.on_disk, group.looks))
                    .end()
            }))
        });
        let rates = |of: &str, what: &str, rates: &[(String, f64)]| {
            array(rates.iter().map(|(name, rate)| {
                Object::new()
                    .text(of, name)
                    .raw(what, format!("{rate:.4}"))
                    .end()
            }))
        };
        let times = array(self.times.iter().map(|(what, count, millis)| {
            Object::new()
                .text("what", what)
                .raw("times", count)
                .raw("milliseconds", format!("{millis:.3}"))
                .end()
        }));
        let phases = PHASES.iter().zip(self.phases);
        let phases = phases.fold(Object::new(), |all, (name, micros)| all.raw(name, micros));
        Object::new()
            .seconds("seconds", self.time)
            .maybe("threads", groups)
            .raw("workers", rates("worker", "busy", &self.busy))
            .raw("stores", rates("store", "processors", &self.stores))
            .raw("times", times)
            .raw("slowRequests", self.slow)
            .raw("slowPhasesMicros", phases.end())
    }

    fn text(&self) -> String {
        let seconds = self.time.as_secs_f64();
        let mut parts = vec![format!("{seconds:.1} s were looked at")];
        match &self.groups {
            None => parts.push(
                "the threads of the process cannot be seen from here: run this as its user, beside it".to_owned(),
            ),
            Some(groups) => {
                let percent = |ticks: u64| format!("{:.1} %", 100.0 * ticks as f64 / TICKS / seconds);
                let titles = ["threads", "number", "user", "system", "waits for a processor", "running", "on disk"];
                let mut rows = vec![titles.map(str::to_owned).to_vec()];
                for (name, group) in groups.iter().take(SHOWN) {
                    let waited = 100.0 * group.waited.as_secs_f64() / seconds;
                    let of_looks = |looks| format!("{:.1} %", 100.0 * part(looks, group.looks));
                    rows.push(vec![
                        name.clone(),
                        group.threads.to_string(),
                        percent(group.user),
                        percent(group.system),
                        format!("{waited:.1} %"),
                        of_looks(group.running),
                        of_looks(group.on_disk),
                    ]);
                }
                parts.push(table(&rows));
            }
        }
        let rates = |of: &str, what: &str, rates: &[(String, f64)]| {
            let mut rows = vec![vec![of.to_owned(), what.to_owned()]];
            for (name, rate) in rates.iter().take(SHOWN) {
                rows.push(vec![name.clone(), format!("{:.1} %", 100.0 * rate)]);
            }
            table(&rows)
        };
        parts.push(rates("worker", "busy", &self.busy));
        parts.push(rates("store", "of a processor", &self.stores));
        let mut rows = vec![["time", "times", "ms together", "ms each"]
            .map(str::to_owned)
            .to_vec()];
        for (what, count, millis) in &self.times {
            let each = if *count > 0.0 { millis / count } else { 0.0 };
            rows.push(vec![
                (*what).to_owned(),
                count.to_string(),
                format!("{millis:.1}"),
                format!("{each:.3}"),
            ]);
        }
        parts.push(table(&rows));
        let mut rows = vec![vec![
            "phase of slow requests".to_owned(),
            "ms together".to_owned(),
        ]];
        for (name, micros) in PHASES.iter().zip(self.phases) {
            rows.push(vec![
                (*name).to_owned(),
                format!("{:.1}", micros as f64 / 1000.0),
            ]);
        }
        parts.push(match self.slow {
            0 => "no request came into the slow log".to_owned(),
            _ => table(&rows),
        });
        parts.join("\n\n")
    }
}

/// A part of a whole; nothing of nothing.
fn part(of: u64, whole: u64) -> f64 {
    match whole {
        0 => 0.0,
        _ => of as f64 / whole as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(id: u32, name: &str, user: u64, waited: u64) -> Thread {
        Thread {
            id,
            name: name.to_owned(),
            state: 'S',
            user,
            system: 1,
            waited: Some(Duration::from_millis(waited)),
        }
    }

    #[test]
    fn threads_of_one_kind_are_together() {
        let names = [
            "venice-disk-3",
            "venice-read-0",
            "GC Thread#12",
            "C2 CompilerThre",
            "12",
        ];
        let groups = names.map(group_of);
        assert_eq!(
            groups,
            [
                "venice-disk",
                "venice-read-0",
                "GC Thread",
                "C2 CompilerThre",
                "12"
            ]
        );
        let first = [thread(1, "venice-disk-0", 10, 5)];
        let last = [
            thread(1, "venice-disk-0", 30, 15),
            thread(2, "venice-disk-1", 7, 2),
        ];
        let mut groups = BTreeMap::new();
        add_times(&mut groups, &first, &last);
        let group = &groups["venice-disk"];
        // The second thread came meanwhile.
        assert_eq!((group.threads, group.user, group.system), (2, 27, 1));
        assert_eq!(group.waited, Duration::from_millis(12));
    }

    #[test]
    fn what_grew_meanwhile() {
        let samples = |cpu: u64, busy: f64, count: u64| {
            let name = TIMES[1].1;
            Samples::of(&format!(
                "{CPU_TIME}{{venice_store_name=\"a\"}} {cpu}\n{CPU_TIME}{{venice_store_name=\"b\"}} 5\n\
                 {BUSY_TIME}{{venice_server_worker=\"0\"}} {busy}\n{name}_count {count}\n{name}_sum {count}\n"
            ))
        };
        let slow = serde_json::json!({"requests": [{"sequence": 7, "phases": {"read": 5}}, {"phases": {"read": 6, "send": 1}}]});
        assert_eq!(last_sequence(&slow), 7);
        let (before, after) = (
            samples(1_000_000_000, 1.0, 4),
            samples(2_000_000_000, 1.5, 10),
        );
        let seen = Seen::new(Duration::from_secs(2), None, &before, &after, &slow);
        assert_eq!(seen.stores, [("a".to_owned(), 0.5)]);
        assert_eq!(seen.busy, [("0".to_owned(), 0.25)]);
        assert_eq!(seen.times[1], (TIMES[1].0, 6.0, 6.0));
        assert_eq!((seen.slow, seen.phases), (2, [0, 0, 0, 0, 11, 1]));
        assert!(serde_json::from_str::<Json>(&seen.object().end()).is_ok());
        assert!(seen.text().contains("cannot be seen from here"));
    }

    #[test]
    fn looks_have_bounds() {
        assert!(time("10s").is_ok());
        for bad in ["1ms", "6m", "x"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
