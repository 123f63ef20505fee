//! A process without free descriptors: said once, and those who wait are turned away. The limit is
//! that of the process, so this is the only test in it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use harness::http2::{framed, grpc, Http2, GET};
use harness::{get_request, store, Harness, HANG};
use prost::Message;
use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;
use tokio::time::timeout;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use venice_engine::Registry;

/// More than the server is given time for: each of them used to be a line after 50 ms.
const WAITING: usize = 50;

/// Counts the warnings of the accept thread.
struct Lines(Arc<AtomicUsize>);

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
            && metadata.target() == "venice_server::transport::listener"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

async fn reads(http2: &mut Http2) {
    let get = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    assert_eq!(http2.call(grpc(GET), &get).await.status(), ("0", ""));
}

#[tokio::test]
async fn who_waits_while_no_descriptor_is_free_is_turned_away() {
    let lines = Arc::new(AtomicUsize::new(0));
    tracing::subscriber::set_global_default(Lines(Arc::clone(&lines))).unwrap();
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut before = Http2::connect(harness.address()).await;
    reads(&mut before).await;

    // Sockets of clients are made while there are descriptors for them.
    let sockets: Vec<_> = (0..WAITING).map(|_| TcpSocket::new_v4().unwrap()).collect();
    let later = TcpSocket::new_v4().unwrap();
    let usual = getrlimit(Resource::Nofile);
    let few = Rlimit {
        current: Some(256),
        ..usual
    };
    setrlimit(Resource::Nofile, few).unwrap();
    let all: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    assert!(all.len() > 10, "{}", all.len());

    for socket in sockets {
        let mut waiting = socket.connect(harness.address()).await.unwrap();
        // Closed, by an end or a reset.
        let closed = timeout(HANG, waiting.read(&mut [0; 1])).await.unwrap();
        assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
        // Who is there is served.
        reads(&mut before).await;
        // Its descriptor must not be what lets the next one in.
        std::mem::forget(waiting.into_std().unwrap());
    }
    assert_eq!(lines.load(Ordering::SeqCst), 1);

    drop(all);
    let stream = later.connect(harness.address()).await.unwrap();
    reads(&mut Http2::over(stream).await).await;
    setrlimit(Resource::Nofile, usual).unwrap();
}
