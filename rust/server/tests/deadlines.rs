//! Deadlines and cancelled calls: nobody waits longer than he said, and nothing is read for who has
//! gone.
//!
//! The disk is a gate that the test opens, so that calls wait as long as the test wants.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::SocketAddr;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use h2::client::ResponseFuture;
use h2::SendStream;
use harness::http2::{framed, grpc, Answer, Http2, GET};
use harness::{batch_request, get_request, store, Harness, HANG, OK};
use http::Request;
use prost::Message;
use tokio::net::TcpListener;
use tokio::time::timeout;
use venice_engine::{Registry, Tier};
use venice_proto::VeniceServerResponse;
use venice_server::internals::config::{Limits, Live};
use venice_server::internals::observe::{Metrics, SlowLog};
use venice_server::internals::policy::Quota;
use venice_server::internals::read_path::{
    DiskPool, ReadPath, ReadStep, INLINE_BATCH_KEYS, WAITING_PER_THREAD,
};
use venice_server::internals::response::EncodedResponse;
use venice_server::internals::runtime::{drain_channel, ManualClock};
use venice_server::internals::services::{ServerContext, Session};
use venice_server::internals::transport::{serve, Accepted, Gathering, Transport};
use venice_server::Config;

/// A server with one disk thread, which announces each read by its number of keys, and then waits
/// to be let through.
struct Gated {
    address: SocketAddr,
    context: Arc<ServerContext>,
    starts: Receiver<usize>,
    gate: Sender<()>,
}

async fn gated() -> Gated {
    let (started, starts) = channel();
    let (gate, gates) = channel();
    let gates = Mutex::new(gates);
    let live = Live::new(Config::default());
    let config = Arc::clone(live.at_start());
    let read_path = ReadPath::new(Registry::new(), &Limits::of(&config));
    let disk = DiskPool::start(1, move |request, _, _| {
        let request = venice_proto::VeniceClientRequest::decode(request).unwrap();
        started
            .send(request.key_bytes.len() / RECORD.len())
            .unwrap();
        // An error says that the test is over.
        let _ = gates.lock().unwrap().recv();
        ReadStep::Done(Ok(EncodedResponse::error(OK as i32, "")))
    })
    .unwrap();
    let clock = Arc::<ManualClock>::default();
    let quota = Quota::new(config.quota_refill, 1, clock);
    let transport = Arc::new(Transport::new::<Session>(&live, None));
    let metrics = Metrics::of(&config.metrics);
    let slow_log = SlowLog::of(&config.slow_log, 1);
    let context = Arc::new(ServerContext {
        address: ([127, 0, 0, 1], 0).into(),
        config,
        live,
        read_path,
        disk,
        access: None,
        quota,
        catalog: Default::default(),
        compute: None,
        health: Default::default(),
        metrics,
        slow_log,
        traces: Arc::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = Arc::clone(&context);
    tokio::spawn(async move {
        let (_keep, drain) = drain_channel();
        let gathering = Arc::<Gathering<Session>>::default();
        tokio::spawn(Arc::clone(&gathering).gather());
        while let Ok((stream, peer)) = listener.accept().await {
            let accepted = Accepted {
                stream: stream.into_std().unwrap(),
                address: peer,
                permit: transport.connection_limit.take(peer.ip()).unwrap(),
            };
            let context = Arc::clone(&serving);
            let open = |established| Session::new(context, established);
            let (transport, gathering) = (Arc::clone(&transport), Arc::clone(&gathering));
            let served = serve(accepted, transport, drain.clone(), gathering, open);
            tokio::spawn(served);
        }
    });
    Gated {
        address,
        context,
        starts,
        gate,
    }
}

impl Gated {
    /// The number of keys of the next read, once it has begun.
    async fn next_read(self) -> (usize, Gated) {
        tokio::task::spawn_blocking(move || (self.starts.recv_timeout(HANG).unwrap(), self))
            .await
            .unwrap()
    }

    async fn until_waiting(&self, calls: usize) {
        let waiting = async {
            while self.context.disk.waiting() != calls {
                tokio::task::yield_now().await;
            }
        };
        timeout(HANG, waiting).await.unwrap();
    }
}

const RECORD: [u8; 3] = [0, 0, 0];

/// A batch so large that it always goes to the disk threads; `extra` tells it from others.
fn large_batch(extra: usize) -> Vec<u8> {
    let mut request = batch_request("store_v1", &[]);
    request.key_bytes = RECORD.repeat(INLINE_BATCH_KEYS + extra);
    framed(0, &request.encode_to_vec())
}

async fn send(
    http2: &mut Http2,
    request: Request<()>,
    body: Vec<u8>,
) -> (ResponseFuture, SendStream<Bytes>) {
    let (response, mut stream) = http2.open(request).await;
    stream.send_data(Bytes::from(body), true).unwrap();
    (response, stream)
}

fn with_timeout(value: &str) -> Request<()> {
    let mut request = grpc(GET);
    let value = value.parse().unwrap();
    request.headers_mut().insert("grpc-timeout", value);
    request
}

const EXCEEDED: (&str, &str) = (
    "4",
    "the deadline of the call passed before it was answered",
);

#[tokio::test]
async fn a_call_is_answered_at_its_deadline_and_not_read_later() {
    let server = gated().await;
    let mut http2 = Http2::connect(server.address).await;
    let (first, _stream) = send(&mut http2, grpc(GET), large_batch(1)).await;
    let (keys, server) = server.next_read().await;
    assert_eq!(keys, INLINE_BATCH_KEYS + 1);

    // The one disk thread is busy: this call waits, and is over at its time.
    let answer = http2.call(with_timeout("20m"), &large_batch(2)).await;
    assert_eq!(answer.status(), EXCEEDED);
    // Neither does a request that never ends hold its call.
    let (unfinished, _open) = http2.open(with_timeout("20m")).await;
    assert_eq!(Answer::receive(unfinished).await.status(), EXCEEDED);

    let (third, _stream) = send(&mut http2, with_timeout("10H"), large_batch(3)).await;
    server.gate.send(()).unwrap();
    server.gate.send(()).unwrap();
    assert_eq!(Answer::receive(first).await.status(), ("0", ""));
    assert_eq!(Answer::receive(third).await.status(), ("0", ""));
    let (keys, _server) = server.next_read().await;
    assert_eq!(
        keys,
        INLINE_BATCH_KEYS + 3,
        "the call in between was not read"
    );
}

#[tokio::test]
async fn cancelled_calls_give_their_places_back() {
    let server = gated().await;
    let mut http2 = Http2::connect(server.address).await;
    let (running, _stream) = send(&mut http2, grpc(GET), large_batch(1)).await;
    let (_, server) = server.next_read().await;

    // Fill the queue, from two connections; one is reset call by call, the other just goes away.
    let mut gone = Http2::connect(server.address).await;
    let mut calls = Vec::new();
    for number in 0..WAITING_PER_THREAD {
        let http2 = if number % 2 == 0 {
            &mut http2
        } else {
            &mut gone
        };
        calls.push(send(http2, grpc(GET), large_batch(2)).await);
    }
    server.until_waiting(WAITING_PER_THREAD).await;
    let answer = http2.call(grpc(GET), &large_batch(3)).await;
    let full = VeniceServerResponse::decode(&answer.body[5..]).unwrap();
    assert_eq!(full.error_code, 503);
    let text = "too many requests wait for the disk: 256 for each thread (setting disk.threads)";
    assert!(
        full.error_message.starts_with(text),
        "{}",
        full.error_message
    );

    for (number, (_response, stream)) in calls.iter_mut().enumerate() {
        if number % 2 == 0 {
            stream.send_reset(h2::Reason::CANCEL);
        }
    }
    server.until_waiting(WAITING_PER_THREAD / 2).await;
    gone.connection.abort();
    drop(gone);
    server.until_waiting(0).await;

    // Each place is free, as that many calls can wait once more.
    let mut again = Vec::new();
    for _ in 0..WAITING_PER_THREAD {
        again.push(send(&mut http2, grpc(GET), large_batch(4)).await);
    }
    server.until_waiting(WAITING_PER_THREAD).await;
    for _ in 0..=WAITING_PER_THREAD {
        server.gate.send(()).unwrap();
    }
    assert_eq!(Answer::receive(running).await.status(), ("0", ""));
    for (response, _stream) in again {
        assert_eq!(Answer::receive(response).await.status(), ("0", ""));
    }
    let reads: Vec<usize> = server.starts.try_iter().collect();
    assert_eq!(
        reads,
        [INLINE_BATCH_KEYS + 4; WAITING_PER_THREAD],
        "none that had gone"
    );
}

#[tokio::test]
async fn a_timeout_that_is_none_is_refused_and_one_in_time_changes_nothing() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let message = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());

    let answer = http2.call(with_timeout("1h"), &message).await;
    assert_eq!(answer.status().0, "13");
    assert!(answer
        .status()
        .1
        .starts_with("grpc-timeout is \"1h\"; send one to eight digits"));
    assert_eq!(
        http2.call(with_timeout("0n"), &message).await.status(),
        EXCEEDED
    );
    for value in ["1H", "99999999H", "60S"] {
        let answer = http2.call(with_timeout(value), &message).await;
        assert_eq!(answer.status(), ("0", ""), "{value}");
        let response = VeniceServerResponse::decode(&answer.body[5..]).unwrap();
        assert_eq!(response.data, b"payload");
    }
}

#[tokio::test]
async fn a_deadline_reaches_the_read_of_the_disk() {
    let registry = Registry::new();
    let read_path = ReadPath::new(registry.clone(), &Limits::of(&Config::default()));
    let get = |version: &str| get_request(version, 0, b"key").encode_to_vec();
    let batch = |version: &str| batch_request(version, &[(0, &b"key"[..]); 3]).encode_to_vec();
    let passed = Tier::Until(std::time::Instant::now());
    let coming = Tier::Until(std::time::Instant::now() + HANG);
    // Each of its own files: what is in memory is answered whatever the time.
    for (version, message) in [
        ("store_v1", get("store_v1")),
        ("store_v2", batch("store_v2")),
    ] {
        let store = store(&registry, version);
        store.put(0, b"key", 1, b"payload");
        store.flush(0);
        store.reopen(0);
        let failure = harness::answer(&read_path, &message, passed).unwrap_err();
        assert_eq!(failure.to_string(), EXCEEDED.1);
        let reply = harness::answer(&read_path, &message, coming).unwrap();
        let response = VeniceServerResponse::decode(reply.message()).unwrap();
        assert_eq!(response.error_code, OK);
    }
}
