//! Read compute under load: other reads are answered meanwhile, connections share its threads, what clients choose takes
//! bounded memory, and a server that stops loses no answer.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::compute::{
    asked, block, computed, description, order_of_answers, scores, serving, until_refused,
    until_waiting, v1, ComputeClient,
};
use harness::http2::{framed, grpc, Answer, Http2};
use harness::{resident, store, Harness, HANG, OK};
use prost::Message;
use tokio::task::{spawn, spawn_blocking, JoinHandle};
use tokio::time::timeout;
use venice_catalog::Compression;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_proto::ReadComputeResponse;
use venice_server::internals::read_path::{Failure, WAITING_PER_THREAD};
use venice_wire::compute_request::ComputeRequest;

const KEY: [(u32, &[u8]); 1] = [(0, b"key")];

fn filled(registry: &Arc<Registry>) -> TestStoreVersion {
    let store = store(registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    store
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
    let full = WAITING_PER_THREAD;
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
            let text = "too many requests wait to be computed: 256 for each thread (setting compute.threads)";
            let message = &response.error_message;
            assert!(
                response.error_code == 503 && message.starts_with(text),
                "{message}"
            );
            refused += 1;
        }
    }
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn a_short_request_does_not_wait_for_the_ends_of_long_ones() {
    let registry = Registry::new();
    let store = filled(&registry);
    let vector = vec![1.0; 256];
    for row in 0..2000u32 {
        store.put(0, &row.to_be_bytes(), 1, &v1("row", &vector, &[]));
    }
    let settings = ["compute.turn.us", "100"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let rows: Vec<[u8; 4]> = (0..2000u32).map(u32::to_be_bytes).collect();
    let rows: Vec<(u32, &[u8])> = rows.iter().map(|row| (0, &row[..])).collect();
    // Each takes some hundredths of a second, of optimised code too.
    let times = if cfg!(debug_assertions) { 1 } else { 4 };
    let long = asked(&scores(&vector), &vec![&rows[..]; times].concat());
    let mut requests = vec![("long", long); 16];
    requests.push(("short", asked(&scores(&vector), &KEY)));
    let order = order_of_answers(&harness, requests).await;
    // Those that have begun have as much time as first turns took, which the system may have made long for a few.
    let before = order.iter().position(|name| *name == "short").unwrap();
    assert!(before <= 8, "{before} of 16 long ones had their ends first");
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

/// Whose client reads nothing for the time being, and eight of which are more than may be held.
#[tokio::test]
async fn answers_without_room_wait_for_their_client_and_come_whole() {
    const COMPUTE: &str = "/com.linkedin.venice.rust.protocols.ReadComputeService/compute";
    let registry = Registry::new();
    let store = filled(&registry);
    let name = "n".repeat(100_000);
    for row in 0..30u8 {
        store.put(0, &[row], 1, &v1(&name, &[], &[]));
    }
    let settings = ["max.client.bytes", "16MiB"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let names = ComputeRequest {
        operations: Vec::new(),
        result_schema: r#"{"type":"record","name":"R","fields":[{"name":"name","type":"string"}]}"#
            .into(),
    };
    let rows: Vec<[u8; 1]> = (0..30).map(|row| [row]).collect();
    let rows: Vec<(u32, &[u8])> = rows.iter().map(|row| (0, &row[..])).collect();
    let message = framed(0, &asked(&names, &rows).encode_to_vec());
    let mut http2 = Http2::connect(harness.address()).await;
    let mut answers = Vec::new();
    for _ in 0..8 {
        let (answer, mut stream) = http2.open(grpc(COMPUTE)).await;
        stream.send_data(message.clone().into(), true).unwrap();
        answers.push(answer);
    }
    let memory = harness.server.memory();
    let waiting = async {
        while memory.waiting() == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, waiting).await.unwrap();
    // Who waits for room holds no thread, and keeps nobody out.
    let mut other = ComputeClient::connect(&harness).await;
    let response = other.compute(asked(&scores(&[1.0]), &KEY)).await;
    assert_eq!(response.error_code, OK);
    until_waiting(&harness, 0).await;
    assert!(memory.waiting() > 0, "nobody has read");
    assert!(memory.held() <= 16 << 20, "{}", memory.held());
    let answers: Vec<_> = answers
        .into_iter()
        .map(|answer| spawn(Answer::receive(answer)))
        .collect();
    for answer in answers {
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), ("0", ""));
        let response = ReadComputeResponse::decode(&answer.body[5..]).unwrap();
        assert_eq!((response.error_code, response.response_rcu), (OK, 30));
        let records = computed(&response.records);
        assert_eq!(records.len(), 30);
        assert!(records.iter().all(|(_, value)| value.len() == 100_003));
    }
    assert_eq!(memory.waiting(), 0);
}

#[tokio::test]
async fn a_drain_answers_what_waits_for_a_thread() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Arc::new(serving(&registry, description(Compression::NoOp), &[]));
    let gate = block(&harness);
    let waiting = ask(&harness, 8).await;
    until_waiting(&harness, 8).await;
    let stopping = spawn_blocking({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(HANG)
    });
    until_refused(&harness).await;
    assert!(!stopping.is_finished(), "calls are in flight");
    assert_eq!(harness.server.compute().unwrap().waiting(), 8);
    drop(gate);
    for request in waiting {
        assert_eq!(request.await.unwrap().error_code, OK);
    }
    assert!(stopping.await.unwrap(), "nothing had to be broken off");
    assert_eq!(harness.server.calls_cut(), 0);
    let compute = harness.server.compute().unwrap();
    let lane = harness.server.disk().lane();
    let after = compute.run(lane, || ()).await;
    assert!(matches!(after, Err(Failure::Stopping)), "{after:?}");
}

#[tokio::test]
async fn what_waits_for_a_thread_when_the_time_of_a_drain_is_up_is_broken_off() {
    let registry = Registry::new();
    let _store = filled(&registry);
    // So long a stop waits for a thread, which here does not end by itself.
    let settings = ["read.deadline.ms", "50"];
    let harness = Arc::new(serving(
        &registry,
        description(Compression::NoOp),
        &settings,
    ));
    let gate = block(&harness);
    let client = ComputeClient::connect(&harness).await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let mut client = client.0.clone();
            spawn(async move { client.compute(asked(&scores(&[1.0]), &KEY)).await })
        })
        .collect();
    until_waiting(&harness, 8).await;
    let stopping = spawn_blocking({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(std::time::Duration::from_millis(50))
    });
    assert!(!stopping.await.unwrap(), "calls were not answered");
    assert_eq!(harness.server.calls_cut(), 8);
    for call in calls {
        assert!(call.await.unwrap().is_err());
    }
    assert_eq!(harness.server.compute().unwrap().waiting(), 0);
    // The thread ends with what it does.
    drop(gate);
    drop(client);
    drop(harness);
}
