//! Attacks on HTTP/2, each beside a client that behaves: it is answered rightly all the time, and the
//! attacker is hung up on, or held to a bounded amount of memory.
//!
//! The names of the attacks are those of their CVEs, where they have one.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use harness::http2::{framed, GET};
use harness::raw::{
    self, frame, literal, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE,
    PRIORITY, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use harness::{get_request, resident, store, Harness, HANG, OK};
use prost::Message;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;

/// More of any frame than a server has to take.
const MANY: usize = 200_000;
/// What all clients may make the server hold.
const BOUND: u64 = 64 * 1024 * 1024;
/// What an attack may cost: that, and what is not counted one by one. The memory of both ends is in this
/// process. What takes memory in other ways is in `client_memory.rs`.
const MEMORY: u64 = BOUND + 64 * 1024 * 1024;
/// Clients that do not read.
const CONNECTIONS: usize = 20;
/// Memory is that of the process, so one attack at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The headers of a read.
fn head() -> Vec<u8> {
    raw::head(GET)
}

/// An attacker below HTTP/2.
struct Attacker(TcpStream);

impl Attacker {
    fn connect(address: SocketAddr) -> Attacker {
        Attacker::with_settings(address, &[])
    }

    fn with_settings(address: SocketAddr, settings: &[u8]) -> Attacker {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream.set_write_timeout(Some(HANG)).unwrap();
        let mut attacker = Attacker(stream);
        attacker.send(PREFACE).unwrap();
        attacker.send(&frame(SETTINGS, 0, 0, settings)).unwrap();
        attacker
    }

    fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes)
    }

    /// Sends what `next` makes until the server hangs up, and reads what comes, or the server might
    /// wait for it.
    fn until_hung_up(mut self, mut next: impl FnMut(usize) -> Vec<u8>) {
        let mut reading = self.0.try_clone().unwrap();
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 65536];
            loop {
                match reading.read(&mut bytes) {
                    Ok(0) => return true,
                    Ok(_) => {}
                    Err(error) => return error.kind() != ErrorKind::WouldBlock,
                }
            }
        });
        for at in 0..MANY {
            if self.send(&next(at)).is_err() {
                break;
            }
        }
        assert!(reader.join().unwrap(), "the server did not hang up");
    }
}

/// A client that reads all the time, on its own connection.
struct Victim {
    done: Arc<AtomicBool>,
    reads: Arc<AtomicUsize>,
    reader: std::thread::JoinHandle<()>,
}

impl Victim {
    fn start(address: SocketAddr) -> Victim {
        let done = Arc::new(AtomicBool::new(false));
        let reads = Arc::new(AtomicUsize::new(0));
        let reader = std::thread::spawn({
            let (done, reads) = (Arc::clone(&done), Arc::clone(&reads));
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let mut client = harness::Client::connect(address).await;
                    while !done.load(Ordering::Relaxed) {
                        let response = client.get("store_v1", 0, b"key").await;
                        assert_eq!(
                            (response.error_code, &response.data[..]),
                            (OK, &b"payload"[..])
                        );
                        reads.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        Victim {
            done,
            reads,
            reader,
        }
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    /// Waits until it has been answered a few times more.
    fn is_served(&self) {
        let before = self.reads();
        let deadline = std::time::Instant::now() + HANG;
        while self.reads() < before + 10 {
            assert!(
                !self.reader.is_finished(),
                "the victim was answered wrongly"
            );
            assert!(
                std::time::Instant::now() < deadline,
                "the victim is not answered"
            );
            std::thread::yield_now();
        }
    }

    fn stop(self) {
        self.done.store(true, Ordering::Relaxed);
        self.reader.join().unwrap();
    }
}

struct Attacked {
    victim: Victim,
    harness: Harness,
    _store: TestStoreVersion,
    _alone: MutexGuard<'static, ()>,
}

/// A server with one worker, so that attacker and victim share it.
fn attacked(settings: &[&str]) -> Attacked {
    let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    store.put(0, b"large", 1, &vec![7; 4_000_000]);
    let bound = BOUND.to_string();
    let common = ["worker.threads", "1", "max.client.bytes", &bound];
    let harness = Harness::start(&registry, &[&common, settings].concat());
    let victim = Victim::start(harness.address());
    victim.is_served();
    Attacked {
        _alone: alone,
        _store: store,
        harness,
        victim,
    }
}

impl Attacked {
    /// The victim is served while `attack` runs and after it, and the attack costs little.
    fn survives(&self, name: &str, attack: impl FnOnce(SocketAddr)) {
        let before = resident();
        // The victim checks each of its answers; some attacks are over between two of them.
        attack(self.harness.address());
        self.victim.is_served();
        let grown = resident().saturating_sub(before);
        assert!(grown < MEMORY, "{name}: memory grew by {grown} bytes");
    }

    fn end(self) {
        self.victim.stop();
        assert!(self.harness.server.stop(HANG));
    }
}

/// Numbers of new streams.
fn stream(at: usize) -> u32 {
    at as u32 * 2 + 1
}

#[test]
fn floods_of_frames_that_ask_for_nothing() {
    let attacked = attacked(&[]);
    for (name, flood) in [
        ("PING (CVE-2019-9512)", frame(PING, 0, 0, &[0; 8])),
        (
            "SETTINGS (CVE-2019-9515)",
            frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]),
        ),
        (
            "PRIORITY (CVE-2019-9513)",
            frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 16]),
        ),
        ("WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])),
        ("frames of no known type", frame(99, 0, 0, &[1, 2, 3])),
    ] {
        attacked.survives(name, |address| {
            Attacker::connect(address).until_hung_up(|_| flood.repeat(10));
        });
    }
    attacked.survives("empty DATA (CVE-2019-9518)", |address| {
        let mut attacker = Attacker::connect(address);
        attacker
            .send(&frame(HEADERS, END_HEADERS, 1, &head()))
            .unwrap();
        attacker.until_hung_up(|_| frame(DATA, 0, 1, &[]).repeat(10));
    });
    attacked.end();
}

#[test]
fn calls_that_are_cancelled_at_once() {
    let attacked = attacked(&[]);
    attacked.survives("rapid reset (CVE-2023-44487)", |address| {
        Attacker::connect(address).until_hung_up(|at| {
            let stream = stream(at);
            let cancel = frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]);
            [frame(HEADERS, END_HEADERS, stream, &head()), cancel].concat()
        });
    });
    // The client makes the server cancel: an update by nothing is an error of the stream.
    attacked.survives("made you reset (CVE-2025-8671)", |address| {
        Attacker::connect(address).until_hung_up(|at| {
            let stream = stream(at);
            let error = frame(WINDOW_UPDATE, 0, stream, &[0; 4]);
            [frame(HEADERS, END_HEADERS, stream, &head()), error].concat()
        });
    });
    attacked.end();
}

#[test]
fn headers_without_end() {
    let attacked = attacked(&[]);
    attacked.survives("CONTINUATION (CVE-2024-27316)", |address| {
        let mut attacker = Attacker::connect(address);
        attacker.send(&frame(HEADERS, 0, 1, &head())).unwrap();
        let more = literal(b"name", &[b'x'; 100]).repeat(10);
        attacker.until_hung_up(|_| frame(CONTINUATION, 0, 1, &more));
    });
    attacked.survives("empty CONTINUATION", |address| {
        let mut attacker = Attacker::connect(address);
        attacker.send(&frame(HEADERS, 0, 1, &head())).unwrap();
        attacker.until_hung_up(|_| frame(CONTINUATION, 0, 1, &[]));
    });
    // One entry of the table, and thousands of references of a byte each, in calls whose answers the
    // client does not let the server send.
    attacked.survives("HPACK bomb (CVE-2026-49975)", |address| {
        let no_window = [0, 4, 0, 0, 0, 0];
        let entry = [&[0x40, 1, b'a', 0x7E][..], &[b'v'; 126]].concat();
        let bomb = [head(), entry, vec![0xBE; 4000]].concat();
        Attacker::with_settings(address, &no_window)
            .until_hung_up(|at| frame(HEADERS, END_HEADERS | END_STREAM, stream(at), &bomb));
    });
    attacked.survives("25,000 names of headers", |address| {
        Attacker::connect(address).until_hung_up(|at| {
            let stream = stream(at);
            let mut frames = frame(HEADERS, 0, stream, &head());
            for part in 0..25 {
                let names = (0..1000).map(|name| literal(format!("{part}-{name}").as_bytes(), b""));
                let names: Vec<u8> = names.flatten().collect();
                let last = if part == 24 { END_HEADERS } else { 0 };
                frames.extend(frame(CONTINUATION, last, stream, &names));
            }
            frames
        });
    });
    attacked.end();
}

#[test]
fn answers_that_nobody_reads() {
    let attacked = attacked(&[]);
    let message = framed(0, &get_request("store_v1", 0, b"large").encode_to_vec());
    let before = resident();
    attacked.survives("windows that stay shut", |address| {
        let no_window = [0, 4, 0, 0, 0, 0];
        // Each of them asks for four gigabytes.
        let mut attackers: Vec<Attacker> = (0..CONNECTIONS)
            .map(|_| Attacker::with_settings(address, &no_window))
            .collect();
        for attacker in &mut attackers {
            for at in 0..900 {
                let head = frame(HEADERS, END_HEADERS, stream(at), &head());
                let body = frame(DATA, END_STREAM, stream(at), &message);
                attacker.send(&[head, body].concat()).unwrap();
            }
            // Once the server answers this, it has looked at all of the calls.
            attacker.send(&frame(PING, 0, 0, b"are they")).unwrap();
            let mut answer = Vec::new();
            let mut byte = [0; 4096];
            while !answer.windows(8).any(|window| window == b"are they") {
                match attacker.0.read(&mut byte) {
                    Ok(length) if length > 0 => answer.extend_from_slice(&byte[..length]),
                    // Those who came later needed what it held.
                    _ => break,
                }
            }
            attacked.victim.is_served();
        }
        let grown = resident().saturating_sub(before);
        assert!(grown < MEMORY, "memory grew by {grown} bytes");
    });
    attacked.end();
}

#[test]
fn requests_that_never_end() {
    let attacked = attacked(&["receive.timeout.ms", "300"]);
    attacked.survives("large bodies, byte by byte", |address| {
        let mut attacker = Attacker::connect(address);
        let announced = [&[0][..], &4_000_000u32.to_be_bytes()].concat();
        for at in 0..500 {
            let head = frame(HEADERS, END_HEADERS, stream(at), &head());
            let body = frame(DATA, 0, stream(at), &announced);
            attacker.send(&[head, body].concat()).unwrap();
        }
        attacked.victim.is_served();
        // Each of them ends by itself, with an answer.
        let mut answered = 0;
        let mut bytes = vec![0; 65536];
        while answered < 500 {
            let length = attacker.0.read(&mut bytes).unwrap();
            assert!(length > 0, "the server hung up");
            answered += bytes[..length]
                .windows(5)
                .filter(|head| head[3] == HEADERS && head[4] & END_STREAM != 0)
                .count();
        }
    });
    attacked.survives("connections without a word", |address| {
        let silent: Vec<_> = (0..500)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        attacked.victim.is_served();
        drop(silent);
    });
    attacked.survives("messages of four gigabytes", |address| {
        let mut attacker = Attacker::connect(address);
        for at in 0..100 {
            let head = frame(HEADERS, END_HEADERS, stream(at), &head());
            let body = frame(DATA, 0, stream(at), &[0, 0xFF, 0xFF, 0xFF, 0xFF, 1]);
            attacker.send(&[head, body].concat()).unwrap();
        }
        attacked.victim.is_served();
    });
    attacked.end();
}
