//! What the slow log has of requests that something was computed for.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use harness::compute::{
    asked, block, description, scores, serving, until_waiting, v1, ComputeClient,
};
use harness::{store, Harness, HANG, OK};
use tokio::task::{spawn, spawn_blocking};
use tokio::time::timeout;
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_server::internals::observe::{Ended, Phase, SlowRequest, Why};

const KEYS: [(u32, &[u8]); 3] = [(0, b"key"), (0, b"missing"), (0, b"key")];
/// Longer than the threshold.
const LONG: Duration = Duration::from_millis(5);

/// Requests kept for this reason, once there is one.
async fn kept(harness: &Harness, why: Why) -> Vec<Arc<SlowRequest>> {
    let kept = async {
        loop {
            let mut kept = harness.server.slow_requests().requests;
            kept.retain(|request| request.why == why);
            if !kept.is_empty() {
                return kept;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, kept).await.unwrap()
}

fn serve(registry: &Arc<Registry>, threshold: &str) -> Harness {
    let settings = ["slow.log.threshold.us", threshold];
    serving(registry, description(Compression::NoOp), &settings)
}

#[tokio::test]
async fn a_request_that_waits_for_a_compute_thread_says_so() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    let harness = serve(&registry, "2000");
    let gate = block(&harness);
    let mut client = ComputeClient::connect(&harness).await;
    let request = asked(&scores(&[1.0]), &KEYS);
    let call = spawn(async move { client.compute(request).await });
    until_waiting(&harness, 1).await;
    spawn_blocking(|| thread::sleep(LONG)).await.unwrap();
    drop(gate);
    let response = call.await.unwrap();
    assert_eq!((response.error_code, &*response.error_message), (OK, ""));

    let kept = kept(&harness, Why::Slow).await;
    let request = &*kept[0];
    assert_eq!(request.method, "compute");
    assert_eq!(&*request.store_version, "store_v1");
    assert_eq!((request.keys, request.status), (3, Ended::Answered(200)));
    assert!(request.took(Phase::Queue) >= LONG, "{request:?}");
    assert!(request.took(Phase::Read) > Duration::ZERO, "{request:?}");
    assert!(request.total >= request.took(Phase::Queue) + request.took(Phase::Read));
    assert!(request.request_bytes > 0 && request.response_bytes > 0);
}

#[tokio::test]
async fn some_are_kept_by_chance() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    // None of them is slow.
    let harness = serve(&registry, "60000000");
    let mut client = ComputeClient::connect(&harness).await;
    // One of 16 is kept, so none is once in 10^28 runs.
    for _ in 0..1_000 {
        let response = client.compute(asked(&scores(&[1.0]), &KEYS)).await;
        assert_eq!((response.error_code, &*response.error_message), (OK, ""));
    }
    let kept = kept(&harness, Why::Compute).await;
    assert!(kept.len() < 1_000);
    for request in kept {
        assert_eq!((request.method, request.keys), ("compute", 3));
        assert!(request.took(Phase::Read) > Duration::ZERO, "{request:?}");
    }
}
