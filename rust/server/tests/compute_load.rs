//! Read compute under load: other reads are answered meanwhile, connections share its threads, and what clients choose takes
//! bounded memory.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::future::Future;
use std::sync::mpsc::{channel, Sender};
use std::sync::Arc;

use harness::compute::{asked, computed, description, scores, serving, v1, ComputeClient};
use harness::{resident, store, Harness, HANG, OK};
use parking_lot::Mutex;
use tokio::task::{spawn, JoinHandle};
use tokio::time::timeout;
use venice_catalog::Compression;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_proto::ReadComputeResponse;
use venice_server::internals::read_path::COMPUTES_WAITING_PER_THREAD;
use venice_wire::compute_request::ComputeRequest;

const KEY: [(u32, &[u8]); 1] = [(0, b"key")];

fn filled(registry: &Arc<Registry>) -> TestStoreVersion {
    let store = store(registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    store
}

/// Has the one compute thread of a server wait until the sender is dropped.
fn block(harness: &Harness) -> Sender<()> {
    let (gate, wait) = channel::<()>();
    let compute = harness.server.compute().unwrap();
    let (begun, begins) = channel();
    let work = compute.run(harness.server.disk().lane(), move || {
        begun.send(()).unwrap();
        let _ = wait.recv();
    });
    // Put into the queue by the first poll; nobody waits for its result.
    let mut work = Box::pin(work);
    let nobody = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(work.as_mut().poll(nobody).is_pending());
    begins.recv_timeout(HANG).unwrap();
    gate
}

async fn until_waiting(harness: &Harness, requests: usize) {
    let waiting = async {
        while harness.server.compute().unwrap().waiting() != requests {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, waiting).await.unwrap();
}

/// Requests on one connection, which are answered in their time.
async fn ask(harness: &Harness, requests: usize) -> Vec<JoinHandle<ReadComputeResponse>> {
    let client = ComputeClient::connect(harness).await;
    let one = |_| {
        let mut client = ComputeClient(client.0.clone());
        let request = asked(&scores(&[1.0]), &KEY);
        spawn(async move { client.compute(request).await })
    };
    (0..requests).map(one).collect()
}

#[tokio::test]
async fn reads_are_answered_while_no_thread_that_computes_is_free() {
    let registry = Registry::new();
    let store = filled(&registry);
    for row in 0..100u8 {
        store.put(0, &[row], 1, &v1("row", &[], &[]));
    }
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let gate = block(&harness);
    let waiting = ask(&harness, 64).await;
    until_waiting(&harness, 64).await;
    let mut client = harness.client().await;
    for _ in 0..100 {
        let response = client.get("store_v1", 0, b"key").await;
        assert_eq!(response.error_code, OK);
    }
    // More than a worker reads itself.
    let rows: Vec<[u8; 1]> = (0..100).map(|row| [row]).collect();
    let rows: Vec<(u32, &[u8])> = rows.iter().map(|row| (0, &row[..])).collect();
    assert_eq!(client.batch_get("store_v1", &rows).await.error_code, OK);
    // All of them still wait.
    assert_eq!(harness.server.compute().unwrap().waiting(), 64);
    drop(gate);
    for request in waiting {
        let response = request.await.unwrap();
        assert_eq!(response.error_code, OK);
        assert_eq!(computed(&response.records).len(), 1);
    }
}

#[tokio::test]
async fn who_has_most_in_a_full_queue_gives_way() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let gate = block(&harness);
    let full = COMPUTES_WAITING_PER_THREAD;
    let many = ask(&harness, full).await;
    until_waiting(&harness, full).await;
    // The same connection has its share already, and another one has none.
    let few = ask(&harness, 2).await;
    let gave_way = async {
        while many.iter().filter(|request| request.is_finished()).count() < 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, gave_way).await.unwrap();
    assert_eq!(harness.server.compute().unwrap().waiting(), full);
    drop(gate);
    for request in few {
        assert_eq!(request.await.unwrap().error_code, OK);
    }
    let mut refused = 0;
    for request in many {
        let response = request.await.unwrap();
        if response.error_code != OK {
            assert_eq!(
                (response.error_code, &*response.error_message),
                (503, "Server over capacity")
            );
            refused += 1;
        }
    }
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn a_short_request_does_not_wait_for_the_end_of_a_long_one() {
    let registry = Registry::new();
    let store = filled(&registry);
    let vector = vec![1.0; 256];
    for row in 0..2000u32 {
        store.put(0, &row.to_be_bytes(), 1, &v1("row", &vector, &[]));
    }
    let settings = ["compute.turn.us", "100"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let gate = block(&harness);
    // On one connection, so that answers come in the order in which they were ready.
    let client = ComputeClient::connect(&harness).await;
    let order = Arc::<Mutex<Vec<&str>>>::default();
    let ask = |name: &'static str, keys: &[(u32, &[u8])]| {
        let (mut client, order) = (ComputeClient(client.0.clone()), Arc::clone(&order));
        let request = asked(&scores(&vector), keys);
        spawn(async move {
            let response = client.compute(request).await;
            assert_eq!(response.error_message, "");
            order.lock().push(name);
        })
    };
    let rows: Vec<[u8; 4]> = (0..2000u32).map(u32::to_be_bytes).collect();
    let rows: Vec<(u32, &[u8])> = rows.iter().map(|row| (0, &row[..])).collect();
    let rows = [&rows[..], &rows[..], &rows[..], &rows[..]].concat();
    let long = ask("long", &rows);
    until_waiting(&harness, 1).await;
    let short = ask("short", &KEY);
    until_waiting(&harness, 2).await;
    drop(gate);
    long.await.unwrap();
    short.await.unwrap();
    assert_eq!(*order.lock(), ["short", "long"]);
}

#[tokio::test]
async fn a_request_whose_client_has_gone_leaves_the_queue() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let gate = block(&harness);
    let waiting = ask(&harness, 8).await;
    until_waiting(&harness, 8).await;
    for request in &waiting[..5] {
        request.abort();
    }
    until_waiting(&harness, 3).await;
    drop(gate);
    for request in waiting.into_iter().skip(5) {
        assert_eq!(request.await.unwrap().error_code, OK);
    }
}

#[tokio::test]
async fn a_deadline_that_passes_in_the_queue_ends_the_call() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let gate = block(&harness);
    let mut client = ComputeClient::connect(&harness).await;
    let mut request = tonic::Request::new(asked(&scores(&[1.0]), &KEY));
    request
        .metadata_mut()
        .insert("grpc-timeout", "50m".parse().unwrap());
    let status = client.0.compute(request).await.unwrap_err();
    // Whoever is first to notice: tonic itself says that it has given up.
    let expected = [tonic::Code::DeadlineExceeded, tonic::Code::Cancelled];
    assert!(expected.contains(&status.code()), "{status}");
    until_waiting(&harness, 0).await;
    drop(gate);
    let response = client.compute(asked(&scores(&[1.0]), &KEY)).await;
    assert_eq!(response.error_code, OK);
}

#[tokio::test]
async fn requests_that_always_differ_take_bounded_memory() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let settings = ["compute.plan.cache.bytes", "1MiB"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let mut client = ComputeClient::connect(&harness).await;
    let mut before = 0;
    for number in 0..1500 {
        // Some 20 KiB each: 30 MB in all, and more once they are read.
        let filler = format!("{number} {}", "x".repeat(20_000));
        let schema = harness::compute::RESULT.replace(
            r#""name":"Result""#,
            &format!(r#""name":"Result","doc":"{filler}""#),
        );
        let request = ComputeRequest {
            result_schema: schema.into(),
            ..scores(&[1.0])
        };
        let response = client.compute(asked(&request, &KEY)).await;
        assert_eq!(response.error_message, "");
        if number == 100 {
            before = resident();
        }
    }
    let grown = resident().saturating_sub(before);
    println!("grown by {} KiB", grown / 1024);
    assert!(grown < 12 << 20, "{grown}");
}
