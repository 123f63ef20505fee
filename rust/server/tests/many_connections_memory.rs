//! What thousands of connections make the server hold stays within `max.client.bytes`, and what one connection costs
//! that has nothing. Each kind has a process of its own: what is measured is the memory of the process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use harness::attack::{stage, BESIDE, MIB};
use harness::http2::{framed, GET};
use harness::raw::{
    self, call, frame, head, initial_window, DATA, END_HEADERS, HEADERS, PING, PREFACE, SETTINGS,
};
use harness::{get_request, own_process, resident, HANG};
use prost::Message;
use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};

const BOUND: [&str; 6] = [
    "max.client.bytes",
    "67108864",
    "max.connections",
    "10000",
    "max.connections.per.address",
    "10000",
];
const CONNECTIONS: u64 = 3000;
/// Of each connection: what docs/http2.md says is not counted, and the allocator's rest.
const EACH: u64 = 32 * 1024;
/// More of each that leaves calls without the end of their bodies.
const EACH_OF_BODIES: u64 = 32 * 1024;

/// What each of them sends, and then reads nothing.
fn kinds() -> Vec<(&'static str, Vec<u8>)> {
    let gets = |key: &[u8], calls: u32| {
        let get = |at| call(2 * at + 1, GET, &get_request("store_v1", 0, key));
        (0..calls).flat_map(get).collect()
    };
    let message = framed(0, &get_request("store_v1", 0, &[7; 45_000]).encode_to_vec());
    let cut = frame(DATA, 0, 1, &message);
    // Requests of 45 KB that lack their last bytes, in frames of so many.
    let bodies = |bytes: usize| -> Vec<u8> {
        let body = |at: u32| {
            let id = 2 * at + 1;
            let pieces = message[..message.len() - 8].chunks(bytes);
            let data = pieces.flat_map(move |piece| frame(DATA, 0, id, piece));
            let head = frame(HEADERS, END_HEADERS, id, &head(GET));
            head.into_iter().chain(data).collect::<Vec<u8>>()
        };
        (0..10).flat_map(body).collect()
    };
    vec![
        ("no calls", Vec::new()),
        ("small answers", gets(&7_u32.to_be_bytes(), 900)),
        ("answers of 60 KB", gets(b"middle", 100)),
        ("refusals", gets(b"no such key", 900)),
        ("pings", frame(PING, 0, 0, &[1; 8]).repeat(4000)),
        ("a frame above the limit", frame(DATA, 0, 1, &[0; 70_000])),
        (
            "a frame that is not whole",
            [
                &frame(HEADERS, END_HEADERS, 1, &head(GET)),
                &cut[..cut.len() - 8],
            ]
            .concat(),
        ),
        (
            "calls without bodies",
            (0..1000)
                .flat_map(|at| frame(HEADERS, END_HEADERS, 2 * at + 1, &head(GET)))
                .collect(),
        ),
        ("bodies that do not end", bodies(16_384)),
        ("bodies in small frames", bodies(1000)),
    ]
}

/// A client that says `bytes`, as far as the server takes them, and reads nothing.
fn deaf(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut socket = raw::connect(address, Some(4096));
    let settings = frame(SETTINGS, 0, 0, &initial_window(0x7FFF_FFFF));
    let more = raw::window_update(0, 0x4000_0000);
    socket
        .write_all(&[PREFACE, &settings, &more].concat())
        .unwrap();
    socket.set_nonblocking(true).unwrap();
    drop(socket.write_all(bytes));
    socket
}

fn allow_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, all).unwrap();
}

#[test]
fn thousands_of_clients_that_do_not_read() {
    let kinds = kinds();
    let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
    own_process::each("thousands_of_clients_that_do_not_read", &names, |wanted| {
        let mut kinds = kinds.iter();
        let (name, bytes) = kinds.find(|(name, _)| *name == wanted).unwrap();
        crowd(name, bytes);
    });
}

/// Thousands of clients that say `bytes`.
fn crowd(name: &str, bytes: &[u8]) {
    allow_descriptors();
    let stage = stage(&BOUND);
    let address = stage.harness.address();
    let before = resident();
    let mut most = 0;
    let crowd: Vec<TcpStream> = (0..CONNECTIONS)
        .map(|at| {
            if at % 50 == 0 {
                most = most.max(resident());
            }
            deaf(address, bytes)
        })
        .collect();
    // Until the server has done with them what it can.
    let mut still = Instant::now();
    let begun = Instant::now();
    while still.elapsed() < Duration::from_secs(1) && begun.elapsed() < HANG {
        std::thread::sleep(Duration::from_millis(20));
        let now = resident();
        if now > most + MIB {
            (most, still) = (now, Instant::now());
        }
    }
    let grown = most.saturating_sub(before);
    let memory = stage.harness.server.memory();
    println!(
        "{name}: {} MiB, {} KiB are held",
        grown / MIB,
        memory.held() / 1024
    );
    let bodies = name.contains("bodies");
    let each = EACH + if bodies { EACH_OF_BODIES } else { 0 };
    assert!(
        grown < 64 * MIB + BESIDE + CONNECTIONS * each,
        "{name}: {grown} bytes"
    );
    drop(crowd);
}
