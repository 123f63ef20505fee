//! Plans that take longer to make than a turn are made elsewhere, so who always asks for a new one takes the threads that
//! compute from nobody.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::future::Future;
use std::sync::mpsc::{channel, Sender};
use std::task::{Context, Waker};

use harness::compute::{
    asked, body, computed, description, operation, result, scores, serving, until_waiting, v1,
    ComputeClient,
};
use harness::http2::Http2;
use harness::{store, Harness, HANG, OK};
use tokio::task::{spawn, JoinHandle};
use tokio::time::timeout;
use tonic::codegen::tokio_stream;
use venice_catalog::Compression;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_proto::{ReadComputeResponse, StreamingComputeRequest};
use venice_wire::compute_request::{ComputeRequest, OperationKind};

/// Operations of a plan that takes several turns: each has a field of the result.
const MANY: usize = 4_000;
const LIMITS: [&str; 4] = [
    "compute.max.operations",
    "100000",
    "compute.max.result.schema.bytes",
    "1048576",
];
const KEYS: [(u32, &[u8]); 2] = [(0, b"key"), (0, b"missing")];

struct Served {
    harness: Harness,
    _store: TestStoreVersion,
}

fn served(settings: &[&str]) -> Served {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &["tag"]));
    let settings = [&LIMITS, settings].concat();
    Served {
        harness: serving(&registry, description(Compression::NoOp), &settings),
        _store: store,
    }
}

/// A request that differs from others by its number.
fn long(number: usize) -> ComputeRequest<'static> {
    let names = (0..MANY).map(|at| format!("result{number}x{at}"));
    let count = |name: String| {
        let mut one = operation(OperationKind::Count, "tags", &[], "");
        one.result_field = name.into();
        one
    };
    let operations: Vec<_> = names.map(count).collect();
    let field = |name: &str| format!(r#"{{"name":"{name}","type":["null","int"]}}"#);
    let fields = operations.iter().map(|one| field(&one.result_field));
    let fields: Vec<String> = fields.collect();
    let schema = format!(
        r#"{{"type":"record","name":"R","fields":[{}]}}"#,
        fields.join(",")
    );
    ComputeRequest {
        operations,
        result_schema: schema.into(),
    }
}

/// What comes of it: one tag, as often.
fn counted() -> Vec<u8> {
    [2, 2].repeat(MANY)
}

/// Has those who make long plans wait until the sender is dropped.
fn block_planners(harness: &Harness) -> Sender<()> {
    let (gate, wait) = channel::<()>();
    let (begun, begins) = channel();
    let compute = harness.server.compute().unwrap();
    let work = compute.run_as_planner(harness.server.disk().lane(), move || {
        begun.send(()).unwrap();
        let _ = wait.recv();
    });
    let mut work = Box::pin(work);
    let nobody = &mut Context::from_waker(Waker::noop());
    assert!(work.as_mut().poll(nobody).is_pending());
    begins.recv_timeout(HANG).unwrap();
    gate
}

/// Asks for so many new plans, each on a connection of its own, until all of them are to be made elsewhere.
async fn ask_for_long_plans(
    harness: &Harness,
    many: usize,
) -> Vec<JoinHandle<ReadComputeResponse>> {
    let mut calls = Vec::new();
    for number in 0..many {
        let mut client = ComputeClient::connect(harness).await;
        calls.push(spawn(async move {
            client.compute(asked(&long(number), &KEYS)).await
        }));
    }
    let compute = harness.server.compute().unwrap();
    let elsewhere = async {
        // And what the planners wait for.
        while compute.planning() != many + 1 {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, elsewhere).await.unwrap();
    calls
}

#[tokio::test]
async fn who_asks_for_long_plans_keeps_nobody_else_waiting() {
    let served = served(&[]);
    let harness = &served.harness;
    let gate = block_planners(harness);
    let calls = ask_for_long_plans(harness, 16).await;
    // No plan is made, and others have their answers; also who asks for a short plan that is new.
    let mut client = ComputeClient::connect(harness).await;
    for number in 0..50 {
        let response = client
            .compute(asked(&scores(&[number as f32]), &KEYS))
            .await;
        assert_eq!((response.error_code, &*response.error_message), (OK, ""));
        let dot = result("item", 2.0 * number as f32, 1);
        assert_eq!(computed(&response.records), [(0, dot)]);
    }
    assert!(calls.iter().all(|call| !call.is_finished()));
    drop(gate);
    for call in calls {
        let response = call.await.unwrap();
        assert_eq!((response.error_code, &*response.error_message), (OK, ""));
        assert_eq!(computed(&response.records), [(0, counted())]);
    }
    until_waiting(harness, 0).await;
}

/// `POST /compute` of Venice's clients is no way around it.
#[tokio::test]
async fn long_plans_over_http_are_made_elsewhere_too() {
    let served = served(&["http.requests", "all"]);
    let harness = &served.harness;
    let gate = block_planners(harness);
    let address = harness.address();
    let ask = |request: &ComputeRequest<'_>| {
        let body = body(request, &KEYS);
        spawn(async move {
            let fields = [("X-VENICE-API-VERSION", "3")];
            let mut http2 = Http2::connect(address).await;
            let asked = http2.ask("POST", "/compute/store_v1", &fields, &body);
            let answer = timeout(HANG, asked).await.unwrap();
            (answer.head.status().as_u16(), computed(&answer.body))
        })
    };
    let long = ask(&long(0));
    let compute = harness.server.compute().unwrap();
    let elsewhere = async {
        while compute.planning() != 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, elsewhere).await.unwrap();
    let short = ask(&scores(&[1.0])).await.unwrap();
    assert_eq!(short, (200, vec![(0, result("item", 2.0, 1))]));
    assert!(!long.is_finished());
    drop(gate);
    assert_eq!(long.await.unwrap(), (200, vec![(0, counted())]));
}

/// A plan that is kept is found where others compute.
#[tokio::test]
async fn a_long_plan_is_made_once() {
    let served = served(&[]);
    let harness = &served.harness;
    let mut client = ComputeClient::connect(harness).await;
    let first = client.compute(asked(&long(0), &KEYS)).await;
    assert_eq!(first.error_message, "");
    let _gate = block_planners(harness);
    let again = client.compute(asked(&long(0), &KEYS)).await;
    assert_eq!(again, first);
}

/// One that is too large to be kept is made again for each slice of a stream, and never by the threads that compute.
#[tokio::test]
async fn a_stream_has_its_long_plans_made_elsewhere() {
    for cache in ["33554432", "65536"] {
        let served = served(&["compute.plan.cache.bytes", cache]);
        let mut client = ComputeClient::connect(&served.harness).await;
        let keys = [(0, &b"key"[..]); 40];
        let request = StreamingComputeRequest {
            request_id: 7,
            resource_name: "store_v1".to_owned(),
            method: "POST".to_owned(),
            body: body(&long(0), &keys),
            value_schema_id: -1,
        };
        let requests = tokio_stream::iter([request]);
        let responses = client.0.streaming_compute(requests).await.unwrap();
        let (mut responses, mut records) = (responses.into_inner(), Vec::new());
        let footer = loop {
            let response = timeout(HANG, responses.message()).await.unwrap();
            let response = response.unwrap().unwrap();
            records.extend(computed(&response.records));
            if let Some(footer) = response.footer {
                break footer;
            }
        };
        assert_eq!((footer.error_code, &*footer.error_message), (OK, ""));
        assert_eq!((footer.found_keys, footer.failed_keys), (40, 0));
        let counted = counted();
        let expected: Vec<_> = (0..40).map(|key| (key, counted.clone())).collect();
        assert!(records == expected, "{cache}: {} records", records.len());
    }
}

/// What is wrong with a request of a long plan is told as ever.
#[tokio::test]
async fn a_long_plan_that_cannot_be_made_is_refused_as_a_short_one() {
    let served = served(&[]);
    let mut client = ComputeClient::connect(&served.harness).await;
    let mut wrong = long(0);
    wrong.operations[MANY - 1].field = "nowhere".into();
    let (code, text) = client.refusal(asked(&wrong, &KEYS)).await;
    let says = "The field nowhere being operated on is not in value schema";
    assert!(code == 500 && text.contains(says), "{code} {text}");
}
