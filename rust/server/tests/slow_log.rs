//! Why a request was slow: what the slow log has of it, and what its client is told.
//!
//! Requests are made slow by what they wait for: Java holds a decision back, and a disk thread has other
//! work. So what they took has a lower bound; nothing here has an upper one.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::future::Future;
use std::sync::mpsc::{channel, Sender};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use harness::http2::{framed, grpc, Answer, Http2, GET};
use harness::key_stores::{Files, TlsClient};
use harness::{base64url, batch_request, get_request, store, Client, Harness, HANG, OK};
use http::Request;
use prost::Message;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_proto::VeniceClientRequest;
use venice_server::internals::observe::{Ended, Phase, SlowRequest, Why};
use venice_server::internals::runtime::MonotonicClock;
use venice_server::{AccessResult, Config};
use venice_wire::status::Code;

/// A key and a value that no number of the log looks like.
const KEY: &[u8] = b"the key of nobody";
const VALUE: &[u8] = b"the value of nobody";

/// The threshold of all tests but one, and longer than that.
const THRESHOLD: [&str; 2] = ["slow.log.threshold.us", "2000"];
const LONG: Duration = Duration::from_millis(5);

fn filled(registry: &Arc<Registry>) -> TestStoreVersion {
    let store = store(registry, "store_v1");
    store.put(0, KEY, 1, VALUE);
    store
}

const BATCH_GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/batchGet";

/// A batch that always goes to the disk threads.
fn large_batch() -> VeniceClientRequest {
    batch_request("store_v1", &[(0, KEY); 50])
}

fn asking(value: &str) -> Request<()> {
    asking_of(GET, value)
}

fn asking_of(path: &str, value: &str) -> Request<()> {
    let mut request = grpc(path);
    let value = value.parse().unwrap();
    request.headers_mut().insert("venice-timings", value);
    request
}

/// The times that an answer brings, by name, in milliseconds.
fn timings(answer: &Answer) -> Vec<(String, f64)> {
    let fields = answer.trailers.as_ref().unwrap_or(answer.head.headers());
    let Some(value) = fields.get("venice-timings") else {
        return Vec::new();
    };
    let parts = value.to_str().unwrap().split(", ");
    let times = parts.map(|part| {
        let (name, millis) = part.split_once(";dur=").unwrap();
        (name.to_owned(), millis.parse().unwrap())
    });
    times.collect()
}

fn time(timings: &[(String, f64)], name: &str) -> Option<f64> {
    let found = timings.iter().find(|(known, _)| known == name);
    found.map(|(_, millis)| *millis)
}

type Kept = Arc<SlowRequest>;

/// The slow requests, once there are so many: an answer is here before the server knows that it was sent.
async fn slow(harness: &Harness, number: usize) -> Vec<Kept> {
    let kept = async {
        loop {
            let mut kept = harness.server.slow_requests().requests;
            kept.retain(|request| request.why == Why::Slow);
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

/// The test takes as long as it says; the requests that wait meanwhile take longer.
async fn let_time_pass() {
    spawn_blocking(|| thread::sleep(LONG)).await.unwrap();
}

#[tokio::test]
async fn a_request_that_waits_for_java_says_so() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let files = Files::new();
    let (keys, trust) = (files.setting("server-both.pem"), files.setting("ca.pem"));
    let tls = [
        "tls.key.store",
        &keys,
        "tls.trust.store",
        &trust,
        "tls.client.auth",
        "required",
    ];
    let local = ["bind.address", "127.0.0.1", "worker.threads", "1"];
    let config = Config {
        access_control: true,
        ..Config::from_pairs(&[&local[..], &tls, &THRESHOLD].concat()).unwrap()
    };
    let harness = Harness::start_with(&registry, config, Arc::<MonotonicClock>::default());
    let access = Arc::clone(harness.server.access().unwrap());
    let java = thread::spawn(move || {
        for answer in [AccessResult::Granted, AccessResult::Forbidden] {
            let question = access.next_question().unwrap();
            thread::sleep(LONG);
            question.answer(answer);
        }
    });
    let stream = TlsClient::with("client").connect(harness.address()).await;
    let mut http2 = Http2::over(stream.unwrap()).await;
    let get = framed(0, &get_request("store_v1", 0, KEY).encode_to_vec());
    let answer = http2.call(asking("1"), &get).await;
    assert_eq!(answer.status(), ("0", ""));
    let told = timings(&answer);
    let least = LONG.as_secs_f64() * 1000.0;
    // Java may have the question a moment before the request begins to wait.
    assert!(time(&told, "total").unwrap() >= least, "{told:?}");
    assert!(time(&told, "access").is_some(), "{told:?}");
    assert!(time(&told, "total") >= time(&told, "access"), "{told:?}");
    assert!(
        time(&told, "read").unwrap() > 0.0,
        "who asks has the read timed: {told:?}"
    );
    assert_eq!(time(&told, "queue"), None);

    let kept = slow(&harness, 1).await;
    let request = &*kept[0];
    assert_eq!(&*request.store_version, "store_v1");
    assert_eq!((request.method, request.keys), ("get", 1));
    assert_eq!(request.status, Ended::Answered(200));
    assert!(request.took(Phase::Access) > Duration::ZERO && request.total >= LONG);
    assert!(request.took(Phase::Send) > Duration::ZERO);
    assert!(request.response_bytes as usize > VALUE.len());

    // Another method has a decision of its own, which ends the call with a status. Nobody asks for times.
    let other = VeniceClientRequest {
        method: "POST".to_owned(),
        ..get_request("store_v1", 0, KEY)
    };
    let other = http2
        .call(grpc(GET), &framed(0, &other.encode_to_vec()))
        .await;
    assert_eq!(other.status().0, "7");
    assert_eq!(timings(&other), []);
    let kept = slow(&harness, 2).await;
    assert_eq!(kept[1].status, Ended::Status(Code::PermissionDenied));
    assert_eq!(&*kept[1].store_version, "store_v1");
    assert!(kept[1].took(Phase::Access) > Duration::ZERO && kept[1].total >= LONG);
    java.join().unwrap();
}

#[tokio::test]
async fn a_request_that_waits_for_a_disk_thread_says_so() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(
        &registry,
        &[&THRESHOLD[..], &["disk.threads", "1"]].concat(),
    );
    let gate = block_disk(&harness);
    let mut http2 = Http2::connect(harness.address()).await;
    let (response, mut stream) = http2.open(asking("1")).await;
    let batch = framed(0, &large_batch().encode_to_vec());
    stream.send_data(batch.clone().into(), true).unwrap();
    until_waiting(&harness, 1).await;
    let_time_pass().await;

    // One whose time is up meanwhile: it is known of what it was, and that it never had a thread.
    let mut late = grpc(GET);
    late.headers_mut()
        .insert("grpc-timeout", "5m".parse().unwrap());
    let late = http2.call(late, &batch).await;
    assert_eq!(late.status().0, "4");
    let kept = slow(&harness, 1).await;
    assert_eq!(kept[0].status, Ended::Status(Code::DeadlineExceeded));
    assert_eq!((&*kept[0].store_version, kept[0].keys), ("store_v1", 50));
    assert!(kept[0].took(Phase::Queue) > Duration::ZERO);
    assert_eq!(kept[0].took(Phase::Read), Duration::ZERO);

    drop(gate);
    let answer = Answer::receive(response).await;
    let told = timings(&answer);
    assert!(
        time(&told, "queue").unwrap() >= LONG.as_secs_f64() * 1000.0,
        "{told:?}"
    );
    assert!(time(&told, "read").unwrap() > 0.0, "{told:?}");
    let kept = slow(&harness, 2).await;
    assert_eq!((&*kept[1].store_version, kept[1].keys), ("store_v1", 50));
    assert_eq!(kept[1].status, Ended::Answered(200));
    assert!(kept[1].took(Phase::Queue) >= LONG);
    assert!(kept[1].took(Phase::Read) > Duration::ZERO);
    assert_eq!(kept[1].request_bytes as usize, batch.len() - 5);

    let log = harness.server.slow_requests();
    assert_eq!(log.threshold, Some(Duration::from_millis(2)));
    let after = harness.server.slow_requests_after(kept[0].sequence);
    let last = kept[1].sequence;
    assert!(after
        .requests
        .iter()
        .any(|request| request.sequence == last));
    assert!(after
        .requests
        .iter()
        .all(|request| request.sequence > kept[0].sequence));
    for text in [log.to_text(), log.to_json(), log.to_rows()] {
        assert!(
            text.contains("store_v1") && text.contains("DEADLINE_EXCEEDED"),
            "{text}"
        );
        for secret in [KEY, VALUE] {
            let secret = std::str::from_utf8(secret).unwrap();
            assert!(
                !text.contains(secret) && !text.contains(&base64url(secret.as_bytes())),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn times_are_told_to_who_asks_and_to_nobody_else() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &["slow.log.threshold.us", "0"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let get = |key| framed(0, &get_request("store_v1", 0, key).encode_to_vec());
    let small = batch_request("store_v1", &[(0, KEY); 3]);
    let small = framed(0, &small.encode_to_vec());
    let large = framed(0, &large_batch().encode_to_vec());
    for (path, message, queues) in [
        (GET, get(KEY), false),
        (GET, get(b"none"), false),
        (BATCH_GET, small.clone(), false),
        // By the method of single gets it goes to a disk thread.
        (GET, small, true),
        (BATCH_GET, large, true),
    ] {
        for value in ["0", "2", "1, 1", ""] {
            let answer = http2.call(asking_of(path, value), &message).await;
            assert_eq!(timings(&answer), []);
        }
        assert_eq!(timings(&http2.call(grpc(path), &message).await), []);
        // Of calls one after the other each has the header.
        for _ in 0..3 {
            let answer = http2.call(asking_of(path, "1"), &message).await;
            assert_eq!(answer.status(), ("0", ""));
            let told = timings(&answer);
            assert!(time(&told, "total") >= time(&told, "read"), "{told:?}");
            assert!(time(&told, "read").is_some(), "{told:?}");
            assert!(queues || time(&told, "queue").is_none(), "{told:?}");
            let plain = http2.call(grpc(path), &message).await;
            assert_eq!(plain.body, answer.body);
        }
    }
    // With a status there is no message, and one block of fields.
    let unparsable = framed(0, &[0x0A]);
    let refused = http2.call(asking("1"), &unparsable).await;
    assert_eq!(refused.status().0, "2");
    assert!(time(&timings(&refused), "total").is_some());
    assert_eq!(timings(&http2.call(grpc(GET), &unparsable).await), []);
    // The threshold is 0.
    let log = harness.server.slow_requests();
    assert_eq!((log.threshold, log.requests.len()), (None, 0));
}

#[tokio::test]
async fn some_are_kept_by_chance_and_what_is_kept_is_bounded() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let settings = [
        "slow.log.threshold.us",
        "60000000",
        "slow.log.bytes",
        "65536",
    ];
    let harness = Harness::start(&registry, &settings);
    let mut client = harness.client().await;
    let of = |why| {
        let mut kept = harness.server.slow_requests().requests;
        kept.retain(|request| request.why == why);
        kept
    };
    for request in [get_request("store_v1", 0, KEY), large_batch()] {
        let why = if request.is_batch_request {
            Why::Disk
        } else {
            Why::Sampled
        };
        let kept = async {
            while of(why).len() < 2 {
                let reply = client.grpc.get(request.clone()).await.unwrap();
                assert_eq!(reply.into_inner().error_code, OK);
            }
        };
        timeout(HANG, kept).await.unwrap();
        for request in of(why) {
            assert!(
                request.took(Phase::Read) > Duration::ZERO
                    && request.took(Phase::Read) <= request.total
            );
            assert_eq!(request.took(Phase::Access), Duration::ZERO);
            assert_eq!(&*request.store_version, "store_v1");
        }
    }
    // Not all of them.
    let kept = harness.server.slow_requests().requests.len();
    read_many(&mut client, 100).await;
    assert!(harness.server.slow_requests().requests.len() < kept + 50);

    // With the lowest threshold all are slow, at once, but those that take less than a microsecond.
    harness
        .server
        .slow_log()
        .set_threshold(Duration::from_micros(1));
    let many = async {
        while of(Why::Slow).last().is_none_or(|last| last.sequence <= 500) {
            read_many(&mut client, 100).await;
        }
    };
    timeout(HANG, many).await.unwrap();
    // Of two workers one had all: a half of its half.
    assert!(
        of(Why::Slow).len() < 16 * 1024 / 100,
        "{}",
        of(Why::Slow).len()
    );
    let first = of(Why::Slow).first().map(|first| first.sequence);
    assert!(first > Some(100), "the oldest go first: {first:?}");
    assert!(of(Why::Disk).len() > 1, "they push out none of the others");
}

async fn read_many(client: &mut Client, number: usize) {
    for _ in 0..number {
        assert_eq!(client.get("store_v1", 0, KEY).await.error_code, OK);
    }
}
