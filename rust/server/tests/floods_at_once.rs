//! Floods on many connections at once: each of them is told to calm down and hung up on, and a client that
//! reads beside them is answered.
//!
//! The names are those of the CVEs, where a flood has one.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::ErrorKind;
use std::net::SocketAddr;

use harness::http2::GET;
use harness::raw::{
    connect, frame, head, literal, Raw, CONTINUATION, DATA, END_HEADERS, GOAWAY, HEADERS, PING,
    PRIORITY, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use harness::{store, Client, Harness, OK};
use venice_engine::Registry;

/// At the same time.
const CONNECTIONS: usize = 32;
/// More than any flood needs.
const MAX_ROUNDS: usize = 20_000;
const ENHANCE_YOUR_CALM: u32 = 11;

/// Sends what `next` makes until the server ends the connection. Returns the code of its last GOAWAY, and
/// `None` if it ended without.
fn hung_up_on(address: SocketAddr, first: &[u8], next: impl Fn(u32) -> Vec<u8>) -> Option<u32> {
    let stream = connect(address, None);
    let mut reading = Raw::of(stream.try_clone().unwrap());
    let mut raw = Raw::hello(stream, &[]);
    // What comes must be read, or the server waits.
    let reader = std::thread::spawn(move || {
        let mut code = None;
        loop {
            match reading.next() {
                Ok(Some(frame)) if frame.kind == GOAWAY => code = Some(frame.goodbye().1),
                Ok(Some(_)) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("nobody hung up"),
                Ok(None) | Err(_) => return code,
            }
        }
    });
    let mut open = raw.send(first).is_ok();
    for at in 0..MAX_ROUNDS as u32 {
        open = open && !reader.is_finished() && raw.send(&next(at)).is_ok();
        if !open {
            break;
        }
    }
    reader.join().unwrap()
}

/// A flood: what comes first, and what comes then, by its number.
type Flood = (&'static str, Vec<u8>, fn(u32) -> Vec<u8>);

fn floods() -> Vec<Flood> {
    let begun = |flags| frame(HEADERS, flags, 1, &head(GET));
    vec![
        ("PING (CVE-2019-9512)", Vec::new(), |_| {
            frame(PING, 0, 0, &[0; 8]).repeat(10)
        }),
        ("SETTINGS (CVE-2019-9515)", Vec::new(), |_| {
            frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]).repeat(10)
        }),
        ("PRIORITY (CVE-2019-9513)", Vec::new(), |_| {
            frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 16]).repeat(10)
        }),
        ("WINDOW_UPDATE", Vec::new(), |_| {
            frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]).repeat(10)
        }),
        ("empty DATA (CVE-2019-9518)", begun(END_HEADERS), |_| {
            frame(DATA, 0, 1, &[]).repeat(10)
        }),
        ("rapid reset (CVE-2023-44487)", Vec::new(), |at| {
            let stream = 2 * at + 1;
            let cancel = frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]);
            [frame(HEADERS, END_HEADERS, stream, &head(GET)), cancel].concat()
        }),
        // The client makes the server cancel, by one error of the stream or another.
        (
            "made you reset (CVE-2025-8671), an update by nothing",
            Vec::new(),
            |at| {
                let stream = 2 * at + 1;
                let update = frame(WINDOW_UPDATE, 0, stream, &[0; 4]);
                [frame(HEADERS, END_HEADERS, stream, &head(GET)), update].concat()
            },
        ),
        (
            "made you reset, a window beyond the greatest",
            Vec::new(),
            |at| {
                let stream = 2 * at + 1;
                let update = frame(WINDOW_UPDATE, 0, stream, &[0x7F, 0xFF, 0xFF, 0xFF]);
                [frame(HEADERS, END_HEADERS, stream, &head(GET)), update].concat()
            },
        ),
        (
            "made you reset, DATA beyond content-length",
            Vec::new(),
            |at| {
                let stream = 2 * at + 1;
                let promised = [head(GET), literal(b"content-length", b"1")].concat();
                let data = frame(DATA, 0, stream, b"four");
                [frame(HEADERS, END_HEADERS, stream, &promised), data].concat()
            },
        ),
        ("CONTINUATION (CVE-2024-27316)", begun(0), |_| {
            let more = literal(b"name", &[b'x'; 100]).repeat(10);
            frame(CONTINUATION, 0, 1, &more)
        }),
        ("empty CONTINUATION", begun(0), |_| {
            frame(CONTINUATION, 0, 1, &[])
        }),
    ]
}

#[test]
fn each_of_many_is_told_to_calm_down() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    // Attackers and reader share one thread.
    let harness = Harness::start(&registry, &["worker.threads", "1"]);
    let address = harness.address();
    for (name, first, next) in floods() {
        let first = std::sync::Arc::new(first);
        let attackers: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let first = std::sync::Arc::clone(&first);
                std::thread::spawn(move || hung_up_on(address, &first, next))
            })
            .collect();
        // A reader of before, and clients that come in the midst of it.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let reads = runtime.block_on(async {
            let mut reads = 0;
            while reads == 0 || attackers.iter().any(|one| !one.is_finished()) {
                let mut client = Client::connect(address).await;
                for _ in 0..10 {
                    let response = client.get("store_v1", 0, b"key").await;
                    assert_eq!(
                        (response.error_code, &response.data[..]),
                        (OK, &b"payload"[..]),
                        "{name}"
                    );
                    reads += 1;
                }
            }
            reads
        });
        let codes: Vec<_> = attackers
            .into_iter()
            .map(|one| one.join().unwrap())
            .collect();
        println!("{name}: {reads} reads beside it");
        // An update by nothing is an error of its stream (RFC 9113, 6.9); it is a matter of how many.
        assert_eq!(codes, [Some(ENHANCE_YOUR_CALM); CONNECTIONS], "{name}");
    }
    assert!(harness.server.stop(harness::HANG));
}
