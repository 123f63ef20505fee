//! What a batch that is answered by megabytes takes beside its answer, counted byte by byte.
//!
//! Counted is what Rust code has allocated and not freed, of all threads. RocksDB's C++ has an allocator of its own: what it pins for a
//! read are blocks of its cache, or pages of files.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

use harness::{batch_request, store, Harness};
use prost::Message;
use venice_engine::Registry;

static LIVE: AtomicIsize = AtomicIsize::new(0);
static MOST: AtomicIsize = AtomicIsize::new(0);

struct Counting;

fn add(bytes: isize) {
    let live = LIVE.fetch_add(bytes, Relaxed) + bytes;
    MOST.fetch_max(live, Relaxed);
}

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as isize);
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(-(layout.size() as isize));
        // SAFETY: guaranteed by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there while it is moved.
        add(size as isize);
        // SAFETY: guaranteed by the caller.
        let moved = unsafe { System.realloc(pointer, layout, size) };
        add(-(layout.size() as isize));
        moved
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const KEYS: u32 = 5000;
const VALUE_BYTES: usize = 1024;
/// What such a batch may take above its answer.
const ABOVE: usize = 2 << 20;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const END_STREAM: u8 = 1;

fn key(number: u32) -> [u8; 16] {
    let mut key = [7; 16];
    key[..4].copy_from_slice(&number.to_be_bytes());
    key
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// Preface, and windows that hold no answer up.
fn hello() -> Vec<u8> {
    let widest = 0x7fff_ffff_u32;
    let settings = [&[0, 4][..], &widest.to_be_bytes()].concat();
    let more = (widest - 65_535).to_be_bytes();
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(4, 0, 0, &settings),
        frame(8, 0, 0, &more),
    ]
    .concat()
}

/// A whole call of `batchGet`.
fn call(stream: u32, message: &[u8]) -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    for (name, value) in [
        (
            ":path",
            "/com.linkedin.venice.protocols.VeniceReadService/batchGet",
        ),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        block.push(0);
        for text in [name, value] {
            block.push(text.len() as u8);
            block.extend_from_slice(text.as_bytes());
        }
    }
    let mut call = frame(HEADERS, 4, stream, &block);
    let body = [&[0][..], &(message.len() as u32).to_be_bytes(), message].concat();
    let mut pieces = body.chunks(16 * 1024).peekable();
    while let Some(piece) = pieces.next() {
        let end = if pieces.peek().is_none() {
            END_STREAM
        } else {
            0
        };
        call.extend(frame(DATA, end, stream, piece));
    }
    call
}

/// Reads to the end of the answer, into memory that is there. How many bytes of DATA it had, and the sum of them.
fn read_answer(socket: &mut TcpStream, stream: u32, buffer: &mut [u8]) -> (usize, u64) {
    let (mut data, mut sum) = (0, 0);
    loop {
        socket.read_exact(&mut buffer[..9]).unwrap();
        let [_, a, b, c] = [0, buffer[0], buffer[1], buffer[2]];
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let (kind, flags) = (buffer[3], buffer[4]);
        let of = u32::from_be_bytes([buffer[5], buffer[6], buffer[7], buffer[8]]);
        socket.read_exact(&mut buffer[..length]).unwrap();
        if of != stream {
            continue;
        }
        if kind == DATA {
            data += length;
            sum += buffer[..length]
                .iter()
                .map(|byte| u64::from(*byte))
                .sum::<u64>();
        }
        if flags & END_STREAM != 0 {
            return (data, sum);
        }
    }
}

#[test]
fn five_thousand_keys_take_two_mebibytes_above_their_answer() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let value: Vec<u8> = (0..VALUE_BYTES).map(|byte| byte as u8).collect();
    for number in 0..KEYS {
        store.put(number as i32 % 2, &key(number), 1, &value);
    }
    store.flush(0);
    store.flush(1);
    let harness = Harness::start(
        &registry,
        &["max.response.bytes", "16777216", "worker.threads", "1"],
    );
    let keys: Vec<[u8; 16]> = (0..KEYS).map(key).collect();
    let keys: Vec<(u32, &[u8])> = (0..)
        .zip(&keys)
        .map(|(at, key)| (at % 2, &key[..]))
        .collect();
    let message = batch_request("store_v1", &keys).encode_to_vec();
    let calls: Vec<Vec<u8>> = (0..3).map(|at| call(2 * at + 1, &message)).collect();
    let address: SocketAddr = harness.address();
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(&hello()).unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let values: u64 = value.iter().map(|byte| u64::from(*byte)).sum();
    for (at, call) in (0..).zip(&calls) {
        // The first reads blocks into the cache. No memory of an answer before is used again by it.
        let before = LIVE.load(Relaxed);
        MOST.store(before, Relaxed);
        socket.write_all(call).unwrap();
        let (data, sum) = read_answer(&mut socket, 2 * at + 1, &mut buffer);
        assert!(data > KEYS as usize * VALUE_BYTES && sum > u64::from(KEYS) * values);
        let above = MOST.load(Relaxed) - before - data as isize;
        println!("{data} bytes, {above} above");
        assert!(
            above <= ABOVE as isize,
            "{above} bytes above an answer of {data}"
        );
    }
}
