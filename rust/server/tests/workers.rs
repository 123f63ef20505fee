//! Workers: where they stay, and how long they look for work.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::{store, Harness, OK};
use venice_engine::Registry;

async fn answers(harness: &Harness) {
    let mut client = harness.client().await;
    for _ in 0..3 {
        let response = client.get("store_v1", 0, b"key").await;
        assert_eq!(response.error_code, OK);
        assert_eq!(response.data, b"payload");
    }
}

#[tokio::test]
async fn workers_that_spin_answer() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &["worker.spin.us", "200"]);
    answers(&harness).await;
    // Another worker's connection, and one that was asleep.
    answers(&harness).await;
}

#[cfg(target_os = "linux")]
mod on_processors {
    use std::fs;

    use venice_server::{Config, Server, StartError};

    use super::*;

    /// The processors that a thread may use, as `/proc/<pid>/status` has them.
    fn allowed(status: &str) -> &str {
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        line.unwrap().trim()
    }

    /// The 19th field of `/proc/<pid>/stat`; the second is a name in brackets.
    fn nice(stat: &str) -> &str {
        let fields = stat.rsplit_once(')').unwrap_or_default().1;
        fields.split_whitespace().nth(16).unwrap_or_default()
    }

    #[tokio::test]
    async fn workers_stay_where_they_are_told() {
        let registry = Registry::new();
        let store = store(&registry, "store_v1");
        store.put(0, b"key", 1, b"payload");
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let first = allowed(&status).split([',', '-']).next().unwrap();
        // To be nicer than others needs no right.
        let harness = Harness::start(&registry, &["worker.cpus", first, "worker.nice", "1"]);
        answers(&harness).await;
        let places = fs::read_dir("/proc/self/task")
            .unwrap()
            .map(|task| task.unwrap().path())
            .filter(|task| nice(&fs::read_to_string(task.join("stat")).unwrap_or_default()) == "1")
            .filter_map(|task| fs::read_to_string(task.join("status")).ok())
            .filter(|status| allowed(status) == first)
            .filter_map(|status| Some(status.lines().next()?.split_once("venice-read-")?.1.into()))
            .collect::<Vec<String>>();
        for worker in ["0", "1"] {
            assert!(places.iter().any(|place| place == worker), "{places:?}");
        }
    }

    /// Whether a thread can have a slice of its own: Linux before 6.12 tells of slices, and sets none.
    fn slices_can_be_set() -> bool {
        let set = || {
            let set = venice_engine::set_time_slice(std::time::Duration::from_micros(432));
            let sched = fs::read_to_string("/proc/thread-self/sched").unwrap_or_default();
            set.is_ok() && slice(&sched) == Some("432000")
        };
        std::thread::spawn(set).join().unwrap()
    }

    /// The slice that `/proc/<pid>/sched` tells in nanoseconds; none where Linux has it not.
    fn slice(sched: &str) -> Option<&str> {
        let line = sched.lines().find(|line| line.starts_with("se.slice"))?;
        Some(line.split_once(':')?.1.trim())
    }

    #[tokio::test]
    async fn workers_have_time_slices_of_their_own() {
        let registry = Registry::new();
        let store = store(&registry, "store_v1");
        store.put(0, b"key", 1, b"payload");
        // No other test's.
        let harness = Harness::start(
            &registry,
            &["worker.slice.us", "765", "worker.threads", "3"],
        );
        answers(&harness).await;
        if !slices_can_be_set() {
            return;
        }
        let workers = fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|task| fs::read_to_string(task.unwrap().path().join("sched")).ok())
            .filter(|sched| slice(sched) == Some("765000"))
            .inspect(|sched| assert!(sched.starts_with("venice-read-"), "{sched}"));
        assert_eq!(workers.count(), 3);
    }

    #[test]
    fn a_processor_that_is_not_there_keeps_the_server_down() {
        let config = Config::from_pairs(&["bind.address", "127.0.0.1", "worker.cpus", "1023"]);
        let started = Server::start(config.unwrap(), Registry::new());
        let Err(error @ StartError::Scheduling { .. }) = started else {
            panic!("it started");
        };
        let text = error.to_string();
        assert!(
            text.starts_with("cannot set worker.cpus 1023 for a worker: "),
            "{text}"
        );
        assert!(
            text.contains("; give processors that this process may use"),
            "{text}"
        );
    }
}
