//! A server that stops does not wait for the end of what is computed: its thread gives it up between two operations. One test, as it looks
//! at the threads of the process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;
use std::time::Duration;

use harness::compute::{asked, description, operation, serving, until_waiting, v1, ComputeClient};
use harness::{store, HANG};
use tokio::task::{spawn, spawn_blocking, yield_now};
use tokio::time::timeout;
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_wire::compute_request::{ComputeRequest, OperationKind};

/// Threads that compute.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names
        .filter(|name| name.starts_with("venice-compute"))
        .count()
}

#[tokio::test]
async fn a_stop_ends_what_is_computed_between_two_operations() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    // Each of many operations copies all of it: seconds in all.
    let vector = vec![1.0; 6 << 20];
    store.put(0, b"key", 1, &v1("item", &vector, &[]));
    let harness = Arc::new(serving(&registry, description(Compression::NoOp), &[]));
    let names: Vec<String> = (0..1000).map(|at| format!("r{at}")).collect();
    let field = |name: &String| format!(r#"{{"name":"{name}","type":["null","int"]}}"#);
    let fields: Vec<String> = names.iter().map(field).collect();
    let schema = format!(
        r#"{{"type":"record","name":"R","fields":[{}]}}"#,
        fields.join(",")
    );
    let count = |name: &String| {
        let mut one = operation(OperationKind::Count, "vector", &[], "");
        one.result_field = name.clone().into();
        one
    };
    let long = ComputeRequest {
        operations: names.iter().map(count).collect(),
        result_schema: schema.into(),
    };
    let mut client = ComputeClient::connect(&harness).await;
    let call = spawn(async move { client.0.compute(asked(&long, &[(0, b"key")])).await });
    // A thread has it, and its queue is empty.
    let compute = harness.server.compute().unwrap();
    let busy = async {
        while compute.busy() == 0 {
            yield_now().await;
        }
    };
    timeout(HANG, busy).await.unwrap();
    until_waiting(&harness, 0).await;
    assert_eq!(threads(), 1);
    let stopped = spawn_blocking({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(Duration::from_millis(50))
    });
    stopped.await.unwrap();
    let answer = call.await.unwrap();
    assert!(answer.is_err(), "the call was cut: {answer:?}");
    assert_eq!(threads(), 0, "the thread goes on");
}
