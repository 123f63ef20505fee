//! Allocations of a call in the steady state: none, at either side.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod asker;
mod driver;
mod peer;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use peer::*;
use venice_http2::{ClientLimits, Connection, Heard, Limits};

thread_local! {
    static COUNTED: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNTED.set(COUNTED.get() + 1);
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: guaranteed by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNTED.set(COUNTED.get() + 1);
        // SAFETY: guaranteed by the caller.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Rounds that are not counted: what grows once grows here.
const WARM: u32 = 20;
const ROUNDS: u32 = 200;
const CALLS: u32 = 100;

/// Allocations in all rounds of 100 calls, which `round` makes of their ids.
fn counted(round: fn(&mut Vec<u8>, [u32; CALLS as usize])) -> u64 {
    let protocol = driver::protocol(Limits::default());
    let mut connection = Connection::new(&protocol);
    let message = driver::message(1030);
    let (mut bytes, mut begun) = (Vec::with_capacity(1 << 20), 0);
    bytes.extend(hello(&[(INITIAL_WINDOW_SIZE, 1 << 20)]));
    let first = [&[0x40, 1, b'a', 1, b'b'][..], &POST].concat();
    bytes.extend(frame(HEADERS, LAST, 1, &first[5..]));
    let mut id = 3;
    for number in 0..WARM + ROUNDS {
        let ids = std::array::from_fn(|at| id + 2 * at as u32);
        id += 2 * CALLS;
        round(&mut bytes, ids);
        bytes.extend(window_update(0, 110_000));
        if number == WARM {
            begun = COUNTED.get();
        }
        let before = COUNTED.get();
        let mut calls = 0;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let room = connection.room();
            let length = room.len().min(rest.len());
            room[..length].copy_from_slice(&rest[..length]);
            rest = &rest[length..];
            connection.received(length);
            while connection.has_more() {
                let mut turn = connection.turn(Duration::from_millis(u64::from(number)));
                calls += turn.calls.len();
                driver::answer(&mut turn, &message);
                let out = connection.out().len();
                connection.sent(out);
            }
        }
        let here = COUNTED.get() - before;
        assert!(
            number <= WARM || here == 0,
            "round {number}: {here} allocations"
        );
        assert!(connection.ending().is_none(), "{:?}", connection.ending());
        assert!(calls >= CALLS as usize, "{calls} calls in round {number}");
        bytes.clear();
    }
    // The test's own frames are made of vectors.
    COUNTED.get() - begun
}

fn put(bytes: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    bytes.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
}

#[test]
fn calls_in_pairs_of_frames() {
    counted(|bytes, ids| {
        for id in ids {
            put(bytes, HEADERS, WHOLE, id, &POST);
            put(bytes, DATA, END_STREAM, id, &[7; 60]);
        }
    });
}

#[test]
fn all_headers_and_then_all_data() {
    counted(|bytes, ids| {
        for id in ids {
            put(bytes, HEADERS, WHOLE, id, &POST);
        }
        for id in ids {
            put(bytes, DATA, END_STREAM, id, &[7; 60]);
        }
    });
}

#[test]
fn bodies_in_two_pieces_and_deadlines() {
    counted(|bytes, ids| {
        for id in ids {
            // A literal that enters the table, as a deadline does; Huffman's.
            let mut block = [0x83, 0x86, 0x84, 0x7e, 0x82, 0, 0];
            if id == ids[0] {
                block[3..].copy_from_slice(&[0x5f, 1, b'1', 0x83]);
                put(
                    bytes,
                    HEADERS,
                    WHOLE,
                    id,
                    &[0x83, 0x86, 0x84, 0x5f, 1, b'1'],
                );
            } else {
                block[5..].copy_from_slice(&[0x64, 0x02]);
                put(bytes, HEADERS, WHOLE, id, &block);
            }
            put(bytes, DATA, 0, id, &[7; 60]);
            put(bytes, DATA, END_STREAM, id, &[]);
        }
    });
}

/// Both sides of a connection: 100 requests, and their responses.
#[test]
fn requests_of_a_client_and_their_responses() {
    let mut client = asker::client(ClientLimits::default());
    let mut server = Connection::new(&driver::protocol(Limits::default()));
    let message = driver::message(1030);
    for number in 0..WARM + ROUNDS {
        let before = COUNTED.get();
        for token in 0..u64::from(CALLS) {
            let request = asker::whole(&asker::GET, &[7; 60]);
            assert!(client.begin(token, &request).is_ok());
        }
        let mut heard = 0;
        loop {
            let room = server.room();
            let length = room.len().min(client.out().len());
            room[..length].copy_from_slice(&client.out()[..length]);
            client.sent(length);
            server.received(length);
            while server.has_more() {
                let now = Duration::from_millis(u64::from(number));
                driver::answer(&mut server.turn(now), &message);
            }
            let room = client.room();
            let back = room.len().min(server.out().len());
            room[..back].copy_from_slice(&server.out()[..back]);
            server.sent(back);
            client.received(back);
            client.turn(|what| {
                assert!(matches!(what, Heard::Whole(whole) if whole.body == message));
                heard += 1;
            });
            if length == 0 && back == 0 {
                break;
            }
        }
        let here = COUNTED.get() - before;
        assert_eq!(heard, CALLS);
        assert!(
            number < WARM || here == 0,
            "round {number}: {here} allocations"
        );
    }
}
