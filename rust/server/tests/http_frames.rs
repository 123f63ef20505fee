//! Venice's requests over HTTP/2, frame by frame, and clients that mean no good.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::TcpStream;
use std::sync::Arc;

use harness::raw::{
    connect, frame, initial_window, literal, window_update, Frame, Raw, DATA, END_HEADERS,
    END_STREAM, GOAWAY, HEADERS, RST_STREAM,
};
use harness::{batch_request, records, store, Harness, HANG};
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;

struct Served {
    harness: Harness,
    store: TestStoreVersion,
}

fn served(settings: &[&str]) -> Served {
    let registry: Arc<Registry> = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 7, b"payload");
    Served {
        harness: Harness::start(&registry, settings),
        store,
    }
}

impl Served {
    fn client(&self, settings: &[u8]) -> Raw<TcpStream> {
        Raw::hello(connect(self.harness.address(), None), settings)
    }
}

/// GET, http, and a path that enters no table.
fn get(stream: u32, path: &str) -> Vec<u8> {
    let block = [vec![0x82, 0x86], literal(b":path", path.as_bytes())].concat();
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &block)
}

/// A batch get, whose keys are to come.
fn post(stream: u32) -> Vec<u8> {
    let block = [
        vec![0x83, 0x86],
        literal(b":path", b"/storage/store_v1"),
        literal(b"x-venice-api-version", b"1"),
    ];
    frame(HEADERS, END_HEADERS, stream, &block.concat())
}

/// The next frame of a stream, past what belongs to the connection.
fn next(client: &mut Raw<TcpStream>) -> Frame {
    loop {
        let frame = client.next().unwrap().expect("the connection ended");
        if frame.stream > 0 && matches!(frame.kind, HEADERS | DATA | RST_STREAM) {
            return frame;
        }
    }
}

/// A status as text, and in Huffman's code.
struct Status([&'static [u8]; 2]);

const FIELDS_TOO_LARGE: Status = Status([b"431", &[0x69, 0x90, 0xff]]);
const UNAVAILABLE: Status = Status([b"503", &[0x6c, 0x0c, 0xff]]);

/// Whether a block of fields has this status.
fn has(block: &Frame, status: &Status) -> bool {
    assert_eq!(block.kind, HEADERS);
    let is_in = |text: &&[u8]| block.payload.windows(text.len()).any(|part| part == *text);
    status.0.iter().any(is_in)
}

#[test]
fn an_answer_is_fields_and_data_and_no_trailers() {
    let served = served(&[]);
    let mut client = served.client(&[]);
    for stream in [1, 3, 5] {
        client
            .send(&get(stream, "/storage/store_v1/0/a2V5?f=b64"))
            .unwrap();
        let head = next(&mut client);
        assert_eq!((head.stream, head.flags), (stream, END_HEADERS));
        // `:status: 200`, from the static table.
        assert_eq!(head.payload[0], 0x88);
        let data = next(&mut client);
        assert_eq!(
            (data.kind, data.stream, data.flags),
            (DATA, stream, END_STREAM)
        );
        assert_eq!(data.payload, b"payload");
    }
    client.send(&get(7, "/storage/store_v1/0/none")).unwrap();
    let head = next(&mut client);
    assert_eq!(head.flags, END_HEADERS | END_STREAM);
    // 404, likewise.
    assert_eq!(head.payload[0], 0x8d);
}

/// Many requests in one write, whose paths are in HPACK's table and are not: each gets its own answer.
#[test]
fn many_requests_at_once_have_their_own_answers() {
    let served = served(&[]);
    for number in 0..100 {
        let key = format!("key{number}");
        served.store.put(1, key.as_bytes(), 1, key.as_bytes());
    }
    let mut client = served.client(&[]);
    let mut all = Vec::new();
    for number in 0..100u32 {
        let path = format!("/storage/store_v1/1/key{number}");
        let mut field = literal(b":path", path.as_bytes());
        // As netty writes it: into the table.
        field[0] = 0x40;
        let block = [vec![0x82, 0x86], field].concat();
        all.extend(frame(
            HEADERS,
            END_HEADERS | END_STREAM,
            4 * number + 1,
            &block,
        ));
        // The newest entry of the table: the same once more.
        let again = [0x82, 0x86, 0xbe];
        all.extend(frame(
            HEADERS,
            END_HEADERS | END_STREAM,
            4 * number + 3,
            &again,
        ));
    }
    client.send(&all).unwrap();
    let mut answered = 0;
    while answered < 200 {
        let data = next(&mut client);
        if data.kind == DATA {
            let key = format!("key{}", data.stream / 4);
            assert_eq!(data.payload, key.as_bytes());
            answered += 1;
        }
    }
}

#[test]
fn keys_come_with_their_fields_or_behind_them() {
    let served = served(&[]);
    let mut client = served.client(&[]);
    let keys = batch_request("", &[(0, &b"key"[..]); 3]).key_bytes;
    let whole = frame(DATA, END_STREAM, 1, &keys);
    client.send(&[post(1), whole].concat()).unwrap();
    client.send(&post(3)).unwrap();
    let (first, rest) = keys.split_at(5);
    client.send(&frame(DATA, 0, 3, first)).unwrap();
    client.send(&frame(DATA, 0, 3, rest)).unwrap();
    client.send(&frame(DATA, END_STREAM, 3, b"")).unwrap();
    // Either may be answered first.
    let (mut heads, mut bodies) = (Vec::new(), Vec::new());
    while bodies.len() < 2 {
        let frame = next(&mut client);
        match frame.kind {
            HEADERS => heads.push((frame.stream, frame.payload[0])),
            _ => bodies.push((frame.stream, records(&frame.payload).len())),
        }
    }
    heads.sort();
    bodies.sort();
    assert_eq!(heads, [(1, 0x88), (3, 0x88)]);
    assert_eq!(bodies, [(1, 3), (3, 3)]);
}

/// An answer that windows do not allow waits for them, and for nothing else.
#[test]
fn an_answer_waits_for_windows() {
    let served = served(&[]);
    served.store.put(1, b"large", 1, &[9; 300_000]);
    let mut client = served.client(&initial_window(10));
    client.send(&get(1, "/storage/store_v1/1/large")).unwrap();
    assert_eq!(next(&mut client).kind, HEADERS);
    assert_eq!(next(&mut client).payload, [9; 10]);
    // Meanwhile others are answered.
    client.send(&get(3, "/storage/store_v1/0/key")).unwrap();
    assert_eq!(next(&mut client).stream, 3);
    assert_eq!(next(&mut client).payload, b"payload");
    client.send(&window_update(0, 1_000_000)).unwrap();
    client.send(&window_update(1, 1_000_000)).unwrap();
    let mut received = 10;
    loop {
        let data = next(&mut client);
        assert_eq!((data.kind, data.stream), (DATA, 1));
        received += data.payload.len();
        if data.flags & END_STREAM != 0 {
            break;
        }
    }
    assert_eq!(received, 300_000);
}

/// While a connection is told to go, it answers, and health says that the server stops.
#[test]
fn a_server_that_stops_says_so() {
    let Served { harness, store } = served(&[]);
    let mut client = Raw::hello(connect(harness.address(), None), &[]);
    // A call without its body keeps the connection from ending.
    client.send(&post(1)).unwrap();
    client.send(&get(3, "/health")).unwrap();
    assert_eq!(next(&mut client).payload[0], 0x88);
    assert_eq!(next(&mut client).payload, b"OK");
    let stopping = std::thread::spawn(move || {
        harness.server.stop(HANG);
    });
    while client.next().unwrap().unwrap().kind != GOAWAY {}
    client.send(&get(5, "/health")).unwrap();
    client.send(&get(7, "/storage/store_v1/0/key")).unwrap();
    let keys = batch_request("", &[(0, &b"key"[..])]).key_bytes;
    client.send(&frame(DATA, END_STREAM, 1, &keys)).unwrap();
    let (mut bodies, mut heads) = (Vec::new(), 0);
    while heads < 3 || bodies.len() < 3 {
        let frame = next(&mut client);
        match frame.kind {
            HEADERS => heads += 1,
            _ => bodies.push((frame.stream, frame.payload)),
        }
    }
    bodies.sort();
    assert_eq!(records(&bodies[0].1).len(), 1);
    assert_eq!(bodies[1], (5, b"server is stopping".to_vec()));
    assert_eq!(bodies[2], (7, b"payload".to_vec()));
    drop(client);
    stopping.join().unwrap();
    drop(store);
}

/// Fields over the limit end the call (431), four times as many the connection; others go on.
#[test]
fn heads_have_a_limit() {
    let served = served(&["max.header.bytes", "2048"]);
    let mut client = served.client(&[]);
    let path: Vec<Vec<u8>> = (0..30)
        .map(|at| literal(format!("x{at}").as_bytes(), &[b'v'; 100]))
        .collect();
    let block = [
        vec![0x82, 0x86],
        literal(b":path", b"/health"),
        path.concat(),
    ]
    .concat();
    client
        .send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block))
        .unwrap();
    let refused = next(&mut client);
    assert!(has(&refused, &FIELDS_TOO_LARGE), "{refused:?}");
    client.send(&get(3, "/health")).unwrap();
    assert_eq!(next(&mut client).payload[0], 0x88);
}

/// Calls that are only begun, with keys that do not come, are bounded for a connection and hold up no other.
#[test]
fn requests_that_do_not_come_hold_up_nobody() {
    let served = served(&["worker.threads", "1", "max.client.bytes", "16777216"]);
    let mut crowd: Vec<_> = (0..32)
        .map(|_| {
            let mut client = served.client(&[]);
            let calls: Vec<u8> = (0..500).flat_map(|at| post(2 * at + 1)).collect();
            client.send(&calls).unwrap();
            client
        })
        .collect();
    let mut client = served.client(&[]);
    for at in 0..50 {
        client
            .send(&get(2 * at + 1, "/storage/store_v1/0/key"))
            .unwrap();
        assert_eq!(next(&mut client).payload[0], 0x88);
        assert_eq!(next(&mut client).payload, b"payload");
    }
    // Of those that were refused it was said, and the connections are there.
    let refused = next(&mut crowd[0]);
    assert!(
        refused.kind == RST_STREAM || has(&refused, &UNAVAILABLE),
        "{refused:?}"
    );
}
