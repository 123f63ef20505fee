//! Connections that speak something else, or stop in the middle: they end, and others are served
//! on.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use harness::raw::PREFACE;
use harness::{store, Harness, HANG, OK};
use venice_engine::Registry;

const EMPTY_SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

/// Sends bytes, ends its side or not, and waits until the server has ended its own.
fn send(address: SocketAddr, bytes: &[u8], end: bool) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    // The server may reset the connection while it is written to, which is what it should do.
    let written = stream.write_all(bytes);
    if end && written.is_ok() {
        drop(stream.shutdown(Shutdown::Write));
    }
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}");
    }
}

/// Bytes without a pattern, the same on each run.
fn noise(mut seed: u64, length: usize) -> Vec<u8> {
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as u8
    };
    (0..length).map(|_| next()).collect()
}

#[tokio::test]
async fn the_server_survives() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let address = harness.address();
    let mut client = harness.client().await;

    tokio::task::spawn_blocking(move || {
        // Not HTTP/2 at all: the server hangs up by itself.
        send(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", false);
        send(
            address,
            &[
                0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ],
            false,
        );
        // A preface that stops, a connection without a word.
        send(address, &PREFACE[..10], true);
        send(address, b"", true);
        // A frame of a type and length that may not be, headers that are no HPACK, data on no
        // stream.
        for frame in [
            &[0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1][..],
            &[0, 0, 3, 1, 4, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF],
            &[0, 0, 1, 0, 0, 0, 0, 0, 0, 7],
            &[0, 0, 1, 8, 0, 0, 0, 0, 0, 7],
        ] {
            send(address, &[PREFACE, EMPTY_SETTINGS, frame].concat(), false);
        }
        for seed in 1..50 {
            let noise = noise(seed, 500);
            send(address, &noise, true);
            send(address, &[PREFACE, EMPTY_SETTINGS, &noise].concat(), true);
        }
    })
    .await
    .unwrap();

    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
    assert_eq!(
        harness
            .client()
            .await
            .get("store_v1", 0, b"key")
            .await
            .error_code,
        OK
    );
    // On another thread: this one runs the clients, which have to say goodbye.
    assert!(
        tokio::task::spawn_blocking(move || harness.server.stop(HANG))
            .await
            .unwrap()
    );
}
