//! Streaming calls as they are seen from outside: each of their requests is a read of its own, in the metrics, in the
//! slow log and as a span; and who asks is told the times of the call.
//!
//! Requests are made slow by what they wait for. So what they took has a lower bound; nothing here has an upper one.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::future::Future;
use std::sync::mpsc::{channel, Sender};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use harness::collector::collector;
use harness::http2::{framed, grpc, Answer, Http2, STREAM};
use harness::{batch_request, store, Harness, HANG};
use http::Request;
use prost::Message;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_metrics::model::Value;
use venice_metrics::Instrument;
use venice_proto::StreamingBatchGetRequest;
use venice_server::internals::observe::{Ended, Phase, SlowRequest, Why};
use venice_wire::status::Code;

const KEY: &[u8] = b"the key of nobody";
const VALUE: &[u8] = b"the value of nobody";

const THRESHOLD: [&str; 2] = ["slow.log.threshold.us", "2000"];
/// Longer than that.
const LONG: Duration = Duration::from_millis(5);
/// So many keys go to the disk threads, behind a first slice that is read from memory.
const MANY: usize = 50;

fn filled(registry: &Arc<Registry>) -> TestStoreVersion {
    let store = store(registry, "store_v7");
    store.put(0, KEY, 1, VALUE);
    store
}

fn message(id: u64, resource: &str, keys: &[(u32, &[u8])]) -> Vec<u8> {
    let request = StreamingBatchGetRequest {
        request_id: id,
        resource_name: resource.to_owned(),
        method: "POST".to_owned(),
        key_bytes: batch_request(resource, keys).key_bytes,
    };
    framed(0, &request.encode_to_vec())
}

fn with(fields: &[(&'static str, &str)]) -> Request<()> {
    let mut request = grpc(STREAM);
    for (name, value) in fields {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

/// A time of the trailer that has them, in milliseconds.
fn time(answer: &Answer, name: &str) -> Option<f64> {
    let value = answer.trailers.as_ref().unwrap().get("venice-timings")?;
    let mut parts = value.to_str().unwrap().split(", ");
    let part = parts.find_map(|part| part.strip_prefix(name)?.strip_prefix(";dur="));
    part.map(|millis| millis.parse().unwrap())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The slow requests, once there are so many: an answer is here before the server knows that it was sent.
async fn slow(harness: &Harness, number: usize) -> Vec<Arc<SlowRequest>> {
    let kept = async {
        loop {
            let mut kept = harness.server.slow_requests().requests;
            // What fails at once is slow as well on a machine that holds it up.
            kept.retain(|request| {
                request.why == Why::Slow && request.status != Ended::Answered(500)
            });
            if kept.len() >= number {
                return kept;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, kept).await.unwrap()
}

/// Has the one disk thread of a server wait until the sender is dropped.
fn block_disk(harness: &Harness) -> Sender<()> {
    let (gate, wait) = channel::<()>();
    let disk = harness.server.disk();
    let (begun, begins) = channel();
    let work = disk.run(disk.lane(), move || {
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

async fn until_waiting(harness: &Harness, reads: usize) {
    let waiting = async {
        while harness.server.disk().waiting() != reads {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, waiting).await.unwrap();
}

/// The test takes as long as it says; what waits meanwhile takes longer.
async fn let_time_pass() {
    spawn_blocking(|| thread::sleep(LONG)).await.unwrap();
}

fn count(harness: &Harness, of: Instrument, attributes: &[(&str, &str)]) -> u64 {
    let snapshot = harness.server.observed().snapshot(160);
    let value = snapshot
        .metric(of)
        .and_then(|metric| metric.value(attributes));
    match value {
        None => 0,
        Some(Value::U64(number)) => *number,
        Some(Value::Histogram(histogram)) => histogram.count,
        Some(other) => panic!("{of:?}: {other:?}"),
    }
}

fn reads(harness: &Harness, store: &str, status: &str) -> u64 {
    let of = [
        ("venice.store.name", store),
        ("venice.request.method", "multi_get_streaming"),
        ("http.response.status_code", status),
    ];
    count(harness, Instrument::ReadCallCount, &of)
}

fn times(whole: &[u8], part: &str) -> usize {
    let windows = whole.windows(part.len());
    windows.filter(|window| *window == part.as_bytes()).count()
}

#[tokio::test]
async fn a_request_that_waits_for_a_disk_thread_is_kept_told_and_traced() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let (address, spans) = collector();
    let endpoint = format!("http://{address}");
    let traces = [
        "traces.otlp.endpoint",
        &endpoint,
        "traces.otlp.interval.ms",
        "86400000",
    ];
    let settings = [&THRESHOLD[..], &["disk.threads", "1"], &traces].concat();
    let harness = Arc::new(Harness::start(&registry, &settings));
    let gate = block_disk(&harness);
    let mut http2 = Http2::connect(harness.address()).await;
    let trace = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
    let call = with(&[("venice-timings", "1"), ("traceparent", trace)]);
    let (response, mut stream) = http2.open(call).await;
    let many = message(1, "store_v7", &[(0, KEY); MANY]);
    let few = message(2, "store_v7", &[(0, KEY), (0, b"none"), (9, KEY)]);
    stream.send_data(many.clone().into(), false).unwrap();
    until_waiting(&harness, 1).await;
    stream.send_data(few.clone().into(), true).unwrap();
    let_time_pass().await;

    // Another call, whose time is up meanwhile.
    let late = http2.call(with(&[("grpc-timeout", "5m")]), &many).await;
    assert_eq!(late.status().0, "4");
    let kept = slow(&harness, 1).await;
    assert_eq!(kept[0].status, Ended::Status(Code::DeadlineExceeded));
    assert_eq!(kept[0].method, "streamingBatchGet");
    assert_eq!(&*kept[0].store_version, "store_v7");
    assert!(kept[0].took(Phase::Queue) > Duration::ZERO);

    drop(gate);
    let answer = Answer::receive(response).await;
    assert_eq!(answer.status(), ("0", ""));
    assert!(time(&answer, "queue").unwrap() >= millis(LONG));
    assert!(time(&answer, "read").unwrap() > 0.0);
    assert!(time(&answer, "total") >= time(&answer, "queue"));
    let kept = slow(&harness, 2).await;
    let request = &*kept[1];
    assert_eq!((&*request.store_version, request.keys), ("store_v7", 50));
    assert_eq!(request.method, "streamingBatchGet");
    assert_eq!(request.status, Ended::Answered(200));
    assert!(request.took(Phase::Queue) >= LONG && request.total >= LONG);
    assert!(request.took(Phase::Read) > Duration::ZERO);
    assert!(request.took(Phase::Send) > Duration::ZERO);
    assert_eq!(request.request_bytes as usize, many.len() - 5);
    assert!(request.response_bytes as usize > MANY * VALUE.len());
    let text = harness.server.slow_requests().to_text();
    assert!(text.contains("streamingBatchGet store_v7"), "{text}");
    assert!(!text.contains("nobody"), "{text}");

    // What nobody asks for is told to nobody.
    let plain = http2.call(grpc(STREAM), &few).await;
    assert_eq!(plain.status(), ("0", ""));
    assert_eq!(time(&plain, "total"), None);

    // A partition that is not here fails its key, and by that the read; and one came too late.
    assert_eq!(reads(&harness, "store", "200"), 1);
    assert_eq!(reads(&harness, "store", "500"), 3);
    for (reason, times) in [("read_error", 2), ("deadline", 1)] {
        let of = [("venice.server.reason", reason)];
        assert_eq!(count(&harness, Instrument::RequestRefusedCount, &of), times);
    }
    let of = [
        ("venice.store.name", "store"),
        ("venice.request.method", "multi_get_streaming"),
    ];
    assert_eq!(
        count(&harness, Instrument::StorageEngineQueueWaitTime, &of),
        1
    );
    assert_eq!(count(&harness, Instrument::ReadRequestKeyCount, &of), 1);
    let calls = |status| {
        let method = "com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";
        let of = [("grpc.method", method), ("grpc.status", status)];
        count(&harness, Instrument::GrpcServerCallDuration, &of)
    };
    assert_eq!((calls("OK"), calls("DEADLINE_EXCEEDED")), (2, 1));

    drop((http2, stream));
    let server = Arc::clone(&harness);
    let stopped = spawn_blocking(move || server.server.stop(HANG));
    assert!(stopped.await.unwrap());
    let (path, body) = spans.recv_timeout(HANG).unwrap();
    assert_eq!(path, "/v1/traces");
    // One for each request of the call that is traced.
    let rpc = "com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";
    assert_eq!(times(&body, rpc), 2);
    assert_eq!(times(&body, "queue"), 1);
    assert!(times(&body, "read") >= 2 && times(&body, "send") >= 2);
    assert_eq!(times(&body, "nobody"), 0, "no key and no value");
}

#[tokio::test]
async fn what_the_client_takes_is_sending_and_no_time_of_the_server() {
    let registry = Registry::new();
    let store = store(&registry, "store_v7");
    let value = [7; 20_000];
    store.put(0, KEY, 1, &value);
    let harness = Harness::start(&registry, &["worker.threads", "1"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let began = Instant::now();
    let call = with(&[("venice-timings", "1")]);
    let (response, mut stream) = http2.open(call).await;
    let message = message(1, "store_v7", &[(0, KEY); MANY]);
    stream.send_data(message.into(), true).unwrap();
    let (_, mut body) = timeout(HANG, response).await.unwrap().unwrap().into_parts();
    // HTTP/2's window, of which nothing is given back.
    let mut received = 0;
    while received < 65_535 {
        received += timeout(HANG, body.data())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
            .len();
    }
    let_time_pass().await;
    body.flow_control().release_capacity(received).unwrap();
    while let Some(data) = timeout(HANG, body.data()).await.unwrap() {
        let length = data.unwrap().len();
        received += length;
        body.flow_control().release_capacity(length).unwrap();
    }
    assert!(received > MANY * value.len());
    let answer = Answer {
        head: http::Response::new(()),
        body: Vec::new(),
        trailers: timeout(HANG, body.trailers()).await.unwrap().unwrap(),
    };
    let took = millis(began.elapsed());
    let (total, send) = (
        time(&answer, "total").unwrap(),
        time(&answer, "send").unwrap(),
    );
    assert!(
        send > 0.0 && total > 0.0 && total + send <= took,
        "{total} + {send}, {took}"
    );
}

#[tokio::test]
async fn what_is_refused_is_counted_as_such() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &["max.batch.keys", "10"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let refused = |reason| {
        let of = [("venice.server.reason", reason)];
        count(&harness, Instrument::RequestRefusedCount, &of)
    };
    let many = message(1, "store_v7", &[(0, KEY); 11]);
    let nowhere = message(2, "nobody_v1", &[(0, KEY)]);
    let none = message(3, "store_v7", &[]);
    let all = [many, nowhere, none].concat();
    let answer = http2.call(grpc(STREAM), &all).await;
    assert_eq!(answer.status(), ("0", ""));
    let unparsable = http2
        .call(with(&[("venice-timings", "1")]), &framed(0, &[0x0A]))
        .await;
    assert_eq!(unparsable.status().0, "2");
    assert!(time(&unparsable, "total").is_some());
    for reason in ["max_batch_keys", "unparsable", "read_error"] {
        assert_eq!(refused(reason), 1, "{reason}");
    }
    assert_eq!(reads(&harness, "store", "400"), 1);
    assert_eq!(reads(&harness, "unknown_store", "500"), 1);
    assert_eq!(reads(&harness, "store", "200"), 0);
}
