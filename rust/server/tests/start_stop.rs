//! Starting and stopping: ports, repeated stops, and nothing left behind.
//!
//! One test function, as it counts the threads and descriptors of its process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use harness::{store, Harness, HANG, OK};
use venice_engine::Registry;
use venice_server::{Config, Server, StartError};

fn config(port: u16) -> Config {
    let port = port.to_string();
    Config::from_pairs(&[
        "bind.address",
        "127.0.0.1",
        "port",
        &port,
        "worker.threads",
        "2",
    ])
    .unwrap()
}

/// Names of the threads and number of the descriptors of this process.
#[cfg(target_os = "linux")]
fn left_behind() -> (Vec<String>, usize) {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // A thread may end between the listing and the look at its name.
    let mut names: Vec<String> = tasks
        .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok())
        .filter(|name| name.starts_with("venice-"))
        .collect();
    names.sort();
    (names, std::fs::read_dir("/proc/self/fd").unwrap().count())
}

#[cfg(not(target_os = "linux"))]
fn left_behind() -> (Vec<String>, usize) {
    (Vec::new(), 0)
}

fn until_left_behind(expected: &(Vec<String>, usize)) {
    let deadline = std::time::Instant::now() + HANG;
    // A joined thread is listed until the kernel has buried it. Fewer descriptors than expected are those of
    // connections that were on their way out when it was counted.
    loop {
        let (threads, descriptors) = left_behind();
        if threads == expected.0 && descriptors <= expected.1 {
            break;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "{:?} != {expected:?}",
            left_behind()
        );
        std::thread::yield_now();
    }
}

#[test]
fn servers_come_and_go_without_a_trace() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let get = |harness: &Harness| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let response =
            runtime.block_on(async { harness.client().await.get("store_v1", 0, b"key").await });
        assert_eq!(response.error_code, OK);
    };

    let before = left_behind();
    assert_eq!(before.0, [""; 0]);
    for round in 0..100 {
        let harness = Harness::start(&registry, &[]);
        if round % 10 == 0 {
            get(&harness);
        }
        if round % 2 == 0 {
            assert!(harness.server.stop(HANG));
            assert!(harness.server.stop(Duration::ZERO), "the first stop counts");
        } // else: dropping it stops it
    }
    until_left_behind(&before);

    // Several at once, each with its own port; one stops, the other serves.
    let first = Harness::start(&registry, &[]);
    let second = Harness::start(&registry, &[]);
    assert_ne!(first.server.port(), second.server.port());
    assert!(first.server.stop(HANG));
    get(&second);

    // A port in use is an error that says so, and costs nothing.
    let with_second = left_behind();
    let error = Server::start(config(second.server.port()), Arc::clone(&registry))
        .err()
        .unwrap();
    assert!(matches!(error, StartError::Bind { .. }));
    let text = error.to_string();
    let port = second.server.port();
    assert!(
        text.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")),
        "{text}"
    );
    assert!(
        text.ends_with("; set port to a free one, or to 0 for any free one"),
        "{text}"
    );
    until_left_behind(&with_second);

    // After the stop the port is free, also for the next server.
    assert!(second.server.stop(HANG));
    drop(TcpListener::bind(("127.0.0.1", port)).unwrap());
    let again = Server::start(config(port), Arc::clone(&registry)).unwrap();
    assert_eq!(again.port(), port);

    // Two stops at the same time agree.
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| again.stop(HANG));
        let other = scope.spawn(|| again.stop(HANG));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert!(one && other);
    drop((first, second, again));
    until_left_behind(&before);
}
