//! Hundreds and thousands of connections at once: those that open what lasts, those that come and go, and
//! those that stop in the middle of TLS. A well-behaved client is answered beside them, memory stays within the
//! bound, and nothing is left of who is gone. A file, and so a process, of its own: what is measured is that of
//! the process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::future::Future;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use harness::hostile::{Call, Habits, Hostile, USUAL_FRAME};
use harness::http2::{framed, GET, STREAM};
use harness::key_stores::{Files, TlsClient};
use harness::raw::{
    self, call, frame, initial_window, Raw, END_HEADERS, END_STREAM, HEADERS, PREFACE, RST_STREAM,
    SETTINGS,
};
use harness::{get_request, resident, store, Client, Harness, HANG, OK};
use prost::Message;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use tokio::time::timeout;
use tonic::Code;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_metrics::model::Value;
use venice_metrics::Instrument;

const MIB: u64 = 1024 * 1024;
/// What all clients may make the server hold.
const BOUND: u64 = 64 * MIB;
/// What is not counted one by one: connections, windows, the allocator's rest, and the clients, which are in
/// this process.
const BESIDE: u64 = 64 * MIB;
const WATCH: &str = "/grpc.health.v1.Health/Watch";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const LARGE: usize = 4_000_000;

/// Memory and descriptors are those of the process, so one crowd at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

struct Stage {
    harness: Harness,
    _store: TestStoreVersion,
    _alone: MutexGuard<'static, ()>,
}

fn stage(settings: &[&str]) -> Stage {
    let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    store.put(0, b"large", 1, &vec![7; LARGE]);
    let bound = BOUND.to_string();
    let settings = [&["max.client.bytes", &bound], settings].concat();
    Stage {
        harness: Harness::start(&registry, &settings),
        _store: store,
        _alone: alone,
    }
}

impl Stage {
    fn address(&self) -> SocketAddr {
        self.harness.address()
    }

    /// A new client connects and is answered.
    fn serves(&self) {
        block_on(async {
            let read = async {
                let mut client = Client::connect(self.address()).await;
                let response = client.get("store_v1", 0, b"key").await;
                assert_eq!(
                    (response.error_code, &response.data[..]),
                    (OK, &b"payload"[..])
                );
            };
            timeout(HANG, read)
                .await
                .expect("a new client is not served");
        });
    }

    /// Whether there is room for a call of a new client.
    fn lets_in(&self) -> bool {
        block_on(async {
            let call = async {
                let mut client = Client::connect(self.address()).await;
                client.grpc.get(get_request("store_v1", 0, b"key")).await
            };
            match timeout(HANG, call).await.expect("a call does not end") {
                Ok(_) => true,
                Err(status) => {
                    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
                    false
                }
            }
        })
    }

    /// The same over TLS.
    fn serves_tls(&self) {
        block_on(async {
            let read = TlsClient::ANONYMOUS.read(self.address());
            let read = timeout(HANG, read).await;
            assert_eq!(read.expect("a new client is not served"), Ok(()));
        });
    }

    /// Waits until clients make the server hold nothing.
    fn holds_nothing(&self) {
        until("memory is held for nobody", || {
            self.harness.server.memory().held() == 0
        });
    }
}

/// With a runtime of its own, so that connections end with it.
fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let deadline = Instant::now() + HANG;
    while !is() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Open files of the process.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Calls that last as long as their client wants: each has a task, a channel, and a connection that is in
/// use.
#[test]
fn calls_that_last_on_hundreds_of_connections() {
    for (name, path, body, ends) in [
        ("watches of health", WATCH, framed(0, b""), true),
        (
            "watches of an unknown service",
            WATCH,
            framed(0, b"\n\x01x"),
            true,
        ),
        ("watches without a question", WATCH, Vec::new(), false),
        (
            "reflection without a question",
            REFLECTION,
            Vec::new(),
            false,
        ),
        (
            // "list_services", whose answers nobody reads.
            "reflection whose answers nobody reads",
            REFLECTION,
            framed(0, &[&[0x3A, 1][..], b"x"].concat()).repeat(20),
            false,
        ),
    ] {
        let stage = stage(&["reflection", "true"]);
        stage.serves();
        let before = resident();
        let habits = Habits {
            window: 0,
            reads: true,
            call: Call {
                path,
                body: body.into(),
                ends,
            },
            calls: 60,
            frame: USUAL_FRAME,
        };
        let mut crowd: Vec<Hostile> = (0..300)
            .map(|_| Hostile::connect(stage.address(), &habits))
            .collect();
        let mut most = 0;
        let begun = Instant::now();
        // Until they have done what they can.
        let mut busy = true;
        while busy && begun.elapsed() < HANG {
            busy = false;
            for one in &mut crowd {
                busy |= one.drive();
            }
            most = most.max(resident());
        }
        stage.serves();
        // All who watch hear of it at once.
        for serving in [false, true, false] {
            stage.harness.server.health().set_serving(serving);
            crowd.iter_mut().for_each(|one| {
                one.drive();
            });
            most = most.max(resident());
        }
        stage.serves();
        let grown = most.max(resident()).saturating_sub(before);
        println!(
            "{name}: {} MiB, {} bytes are held, {} calls were refused",
            grown / MIB,
            stage.harness.server.memory().held(),
            stage.harness.server.memory().refused()
        );
        assert!(grown < BOUND + BESIDE, "{name}: {grown} bytes");
        drop(crowd);
        stage.holds_nothing();
    }
}

/// Streaming calls on which nothing is asked are no fault, but those of a hundred connections take all room for
/// calls. They give way to who has few; who has a few idle ones stays.
#[test]
fn idle_streaming_calls_keep_nobody_out() {
    let stage = stage(&[]);
    let idle = |calls| Habits {
        window: 65_535,
        reads: true,
        call: Call {
            path: STREAM,
            body: Arc::new([]),
            ends: false,
        },
        calls,
        frame: USUAL_FRAME,
    };
    let mut modest = Hostile::connect(stage.address(), &idle(2));
    while modest.drive() {}
    // More than there are own parts of connections, or each new one would have its own.
    let mut crowd: Vec<Hostile> = (0..100)
        .map(|_| Hostile::connect(stage.address(), &idle(200)))
        .collect();
    until("there is room for any number of calls", || {
        let mut gives_way = false;
        for one in &mut crowd {
            one.drive();
            gives_way |= one.hung_up || one.goaway.is_some();
        }
        gives_way || !stage.lets_in()
    });
    let counted = stage.harness.server.observed().snapshot(160);
    let refused = counted.metric(Instrument::RequestRefusedCount).unwrap();
    let of = [("venice.server.reason", "client_memory")];
    println!("calls that were refused: {:?}", refused.value(&of));
    assert!(matches!(refused.value(&of), Some(Value::U64(1..))));
    // Nobody drives them now: they hold what they have.
    for _ in 0..5 {
        until("a new client is kept out", || stage.lets_in());
    }
    modest.drive();
    assert_eq!((modest.goaway, modest.hung_up), (None, false));
}

/// What one of those who come and go does before it goes.
fn come_and_go(address: SocketAddr, which: usize) {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    let message = framed(0, &get_request("store_v1", 0, b"large").encode_to_vec());
    match which % 6 {
        // Not a word.
        0 => drop(stream),
        // Half a preface.
        1 => (&stream).write_all(&PREFACE[..11]).unwrap(),
        // No calls.
        2 => drop(Raw::hello(stream, &[])),
        // A call that is answered.
        3 => {
            let mut raw = Raw::hello(stream, &[]);
            let get = get_request("store_v1", 0, b"key");
            raw.send(&call(1, GET, &get)).unwrap();
            while !raw.next().unwrap().unwrap().is(HEADERS, END_STREAM) {}
        }
        // Calls whose answers are in the midst of being sent.
        4 => {
            let mut raw = Raw::hello(stream, &initial_window(100_000));
            for stream in [1, 3, 5] {
                raw.send(&call(stream, GET, &get_request("store_v1", 0, b"large")))
                    .unwrap();
            }
            while !raw.next().unwrap().unwrap().is(HEADERS, END_HEADERS) {}
        }
        // Calls of all kinds that have begun, and one that was cancelled.
        _ => {
            let mut raw = Raw::hello(stream, &[]);
            for (stream, path) in [(1, GET), (3, STREAM), (5, WATCH), (7, REFLECTION), (9, GET)] {
                let head = frame(HEADERS, END_HEADERS, stream, &raw::head(path));
                let part = frame(raw::DATA, 0, stream, &message[..7]);
                raw.send(&[head, part].concat()).unwrap();
            }
            raw.send(&frame(RST_STREAM, 0, 9, &[0, 0, 0, 8])).unwrap();
        }
    }
}

#[test]
fn thousands_that_come_and_go_leave_nothing() {
    let stage = stage(&[]);
    let address = stage.address();
    let round = || {
        let clients: Vec<_> = (0..4)
            .map(|first| {
                std::thread::spawn(move || {
                    for which in 0..150 {
                        come_and_go(address, first + which);
                    }
                })
            })
            .collect();
        clients.into_iter().for_each(|one| one.join().unwrap());
        stage.serves();
        stage.holds_nothing();
    };
    // What the allocator, the caches and the runtime keep.
    (0..3).for_each(|_| round());
    let (usual, before) = (resident(), descriptors());
    (0..10).for_each(|_| round());
    let grown = resident().saturating_sub(usual);
    println!("6,000 connections: {} KiB", grown / 1024);
    // Less than the state of that many connections.
    assert!(grown < BESIDE, "memory grew by {grown} bytes");
    until("descriptors are open for nobody", || {
        descriptors() <= before
    });
}

/// Files and settings of a server with TLS.
fn tls_settings(files: &Files) -> Vec<String> {
    [
        "tls.key.store",
        &files.setting("server-both.pem"),
        "tls.client.auth",
        "none",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn tls_client() -> ClientConnection {
    let name = ServerName::try_from("localhost").unwrap();
    let config = Arc::new(TlsClient::ANONYMOUS.config());
    ClientConnection::new(config, name).unwrap()
}

#[test]
fn handshakes_that_stop_halfway_keep_nobody_out() {
    let files = Files::new();
    let settings = tls_settings(&files);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let stage = stage(&[&settings[..], &["max.connections", "500"]].concat());
    stage.serves_tls();
    let mut hello = Vec::new();
    tls_client().write_tls(&mut hello).unwrap();
    let before = resident();
    let mut halfway = Vec::new();
    for _ in 0..8 {
        for which in 0..250 {
            let mut stream = TcpStream::connect(stage.address()).unwrap();
            // Whole, so that the server has done its part; without its last byte; a byte of it.
            let length = [hello.len(), hello.len() - 1, 1][which % 3];
            // Some of them had to go meanwhile.
            drop(stream.write_all(&hello[..length]));
            halfway.push(stream);
        }
        stage.serves_tls();
    }
    let grown = resident().saturating_sub(before);
    println!("2,000 handshakes: {} MiB", grown / MIB);
    assert!(grown < BESIDE, "memory grew by {grown} bytes");
    // Those that have no place are closed.
    let mut gone = 0;
    for mut stream in halfway {
        stream.set_nonblocking(true).unwrap();
        let mut bytes = [0; 8192];
        gone += usize::from(loop {
            match stream.read(&mut bytes) {
                Ok(0) => break true,
                Ok(_) => {}
                Err(error) => break error.kind() != std::io::ErrorKind::WouldBlock,
            }
        });
    }
    assert!(gone >= 1500, "{gone} were closed");
}

#[test]
fn tls_clients_that_do_not_read_keep_nobody_out() {
    let files = Files::new();
    let settings = tls_settings(&files);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let stage = stage(&settings);
    stage.serves_tls();
    let before = resident();
    let mut most = 0;
    let get = |stream| call(stream, GET, &get_request("store_v1", 0, b"large"));
    let deaf: Vec<_> = (0..100)
        .map(|which| {
            let socket = raw::connect(stage.address(), Some(4096));
            let mut raw = Raw::hello(StreamOwned::new(tls_client(), socket), &[]);
            // With windows that are no obstacle, or with none.
            let window = if which % 2 == 0 { 0x7FFF_FFFF } else { 0 };
            let settings = frame(SETTINGS, 0, 0, &initial_window(window));
            let more = raw::window_update(0, 0x4000_0000);
            raw.send(&[settings, more].concat()).unwrap();
            // Some 4 GB of answers; the server takes requests as far as it has room.
            for at in 0..10 {
                raw.send(&get(2 * at + 1)).unwrap();
            }
            most = most.max(resident());
            raw
        })
        .collect();
    for _ in 0..20 {
        stage.serves_tls();
        most = most.max(resident());
    }
    let grown = most.saturating_sub(before);
    println!("100 deaf clients: {} MiB", grown / MIB);
    assert!(grown < BOUND + BESIDE, "memory grew by {grown} bytes");
    drop(deaf);
    stage.holds_nothing();
}
