//! How connections end: the client gets all that was answered, whatever it sends meanwhile, and who does
//! not read ends in time.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use harness::http2::{framed, grpc, Http2, GET};
use harness::key_stores::{Files, TlsClient};
use harness::raw::{
    call, connect, frame, head, initial_window, window_update, Frame, Raw, ACK, CONTINUATION, DATA,
    END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use harness::{get_request, store, Harness, HANG};
use prost::Message;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_proto::VeniceServerResponse;

/// What a kernel takes for a socket whose client does not read, and HTTP/2 besides.
const LARGE: usize = 1_500_000;
/// What the client's kernel takes.
const LITTLE: Option<usize> = Some(16 * 1024);

fn started(settings: &[&str]) -> (TestStoreVersion, Arc<Harness>) {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    store.put(0, b"large", 1, &large());
    (store, Arc::new(Harness::start(&registry, settings)))
}

fn large() -> Vec<u8> {
    (0..LARGE).map(|at| (at / 7) as u8).collect()
}

fn get_large(stream: u32) -> Vec<u8> {
    call(stream, GET, &get_request("store_v1", 0, b"large"))
}

/// Reads the answer to the call on stream 1 slowly: it lets the server send all of it, and says with each
/// step that it has read, as clients do. Returns the body.
fn read_slowly<S: Read + Write>(raw: &mut Raw<S>) -> io::Result<Vec<u8>> {
    raw.at_once = 4096;
    let (mut body, mut goodbyes, mut ended) = (Vec::new(), 0, false);
    while let Some(frame) = raw.next()? {
        match frame.kind {
            DATA => {
                assert_eq!(frame.stream, 1);
                body.extend_from_slice(&frame.payload);
                thread::sleep(Duration::from_micros(500));
                // The server may have shut the connection down; it must listen all the same.
                raw.send(&window_update(0, 1))?;
            }
            HEADERS => ended |= frame.is(HEADERS, END_STREAM),
            SETTINGS if frame.flags & ACK == 0 => raw.send(&self::frame(SETTINGS, ACK, 0, &[]))?,
            PING if frame.flags & ACK == 0 => {
                raw.send(&self::frame(PING, ACK, 0, &frame.payload))?;
            }
            GOAWAY => {
                assert_eq!(frame.goodbye().1, 0, "{}", frame.goodbye().2);
                goodbyes += 1;
                if goodbyes == 2 {
                    let all = LARGE as u32 * 2;
                    raw.send(&[window_update(0, all), window_update(1, all)].concat())?;
                }
            }
            _ => {}
        }
    }
    assert!(ended && goodbyes == 2, "{goodbyes} GOAWAYs");
    Ok(body)
}

fn assert_large(body: &[u8]) {
    let response = VeniceServerResponse::decode(&body[5..]).unwrap();
    assert!(response.data == large(), "{} bytes", response.data.len());
}

#[test]
fn an_old_connection_ends_when_its_answer_was_read() {
    let (_store, harness) = started(&["max.connection.age.ms", "200"]);
    let mut raw = Raw::hello(connect(harness.address(), LITTLE), &[]);
    raw.send(&get_large(1)).unwrap();
    assert_large(&read_slowly(&mut raw).unwrap());
}

#[test]
fn a_stop_waits_until_answers_were_read() {
    let (_store, harness) = started(&[]);
    let mut raw = Raw::hello(connect(harness.address(), LITTLE), &[]);
    raw.send(&get_large(1)).unwrap();
    // The call has begun.
    while !raw.next().unwrap().unwrap().is(HEADERS, END_HEADERS) {}
    let stopping = thread::spawn({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(HANG)
    });
    let read = read_slowly(&mut raw).unwrap();
    assert_large(&read);
    drop(raw);
    assert!(stopping.join().unwrap(), "everybody said goodbye");
}

#[test]
fn over_tls_too_an_old_connection_ends_when_its_answer_was_read() {
    let files = Files::new();
    let settings = [
        "max.connection.age.ms".to_owned(),
        "200".to_owned(),
        "tls.key.store".to_owned(),
        files.setting("server-both.pem"),
        "tls.client.auth".to_owned(),
        "none".to_owned(),
    ];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let (_store, harness) = started(&settings);
    let name = ServerName::try_from("localhost").unwrap();
    let config = Arc::new(TlsClient::ANONYMOUS.config());
    let client = ClientConnection::new(config, name).unwrap();
    let tls = StreamOwned::new(client, connect(harness.address(), LITTLE));
    let mut raw = Raw::hello(tls, &[]);
    raw.send(&get_large(1)).unwrap();
    // The end is close_notify: without it rustls calls it an unexpected end.
    assert_large(&read_slowly(&mut raw).unwrap());
}

#[test]
fn a_client_that_never_closes_keeps_no_stop_from_ending() {
    let (_store, harness) = started(&[]);
    let mut raw = Raw::hello(connect(harness.address(), None), &[]);
    raw.send(&call(1, GET, &get_request("store_v1", 0, b"key")))
        .unwrap();
    while !raw.next().unwrap().unwrap().is(HEADERS, END_STREAM) {}
    let stopping = thread::spawn({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(Duration::from_millis(200))
    });
    // It answers what the server asks, and reads to the end.
    while let Some(frame) = raw.next().unwrap() {
        if frame.kind == PING && frame.flags & ACK == 0 {
            raw.send(&self::frame(PING, ACK, 0, &frame.payload))
                .unwrap();
        }
    }
    assert!(!stopping.join().unwrap(), "it had to be broken off");
    drop(raw);
}

/// Sends until the server has closed the connection for good.
fn until_reset<S: Read + Write>(raw: &mut Raw<S>) {
    let ping = frame(PING, 0, 0, b"8 bytes.");
    let deadline = std::time::Instant::now() + HANG;
    while raw.send(&ping).is_ok() {
        assert!(std::time::Instant::now() < deadline, "it is still open");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_client_that_never_closes_ends_with_the_grace() {
    let (_store, harness) = started(&[
        "max.connection.age.ms",
        "50",
        "max.connection.age.grace.ms",
        "300",
    ]);
    let mut raw = Raw::hello(connect(harness.address(), None), &[]);
    while let Some(frame) = raw.next().unwrap() {
        if frame.kind == PING && frame.flags & ACK == 0 {
            raw.send(&self::frame(PING, ACK, 0, &frame.payload))
                .unwrap();
        }
    }
    until_reset(&mut raw);
}

#[test]
fn answers_that_nobody_reads_end_with_the_grace() {
    let (_store, harness) = started(&[
        "max.connection.age.ms",
        "50",
        "max.connection.age.grace.ms",
        "300",
    ]);
    let mut raw = Raw::hello(connect(harness.address(), None), &initial_window(0));
    for stream in [1, 3, 5] {
        raw.send(&get_large(stream)).unwrap();
    }
    // It lives by PING, and takes nothing.
    let mut goodbyes = 0;
    let ended = loop {
        match raw.next() {
            Ok(Some(frame)) if frame.kind == PING && frame.flags & ACK == 0 => {
                let answer = self::frame(PING, ACK, 0, &frame.payload);
                if raw.send(&answer).is_err() {
                    break Ok(());
                }
            }
            Ok(Some(frame)) => goodbyes += usize::from(frame.kind == GOAWAY),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert_eq!(goodbyes, 2);
    let timed_out = [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut];
    assert!(
        ended.map_err(|error| timed_out.contains(&error.kind())) != Err(true),
        "it is still open"
    );
}

#[test]
fn a_client_that_takes_no_byte_is_gone() {
    let (_store, harness) = started(&["keep.alive.ms", "100", "keep.alive.timeout.ms", "100"]);
    let windows = initial_window(0x7FFF_FFFF);
    let mut raw = Raw::hello(connect(harness.address(), LITTLE), &windows);
    raw.send(&window_update(0, 0x7000_0000)).unwrap();
    for call in 0..20 {
        raw.send(&get_large(2 * call + 1)).unwrap();
    }
    // More than the system takes for it waits; the client goes on sending.
    until_reset(&mut raw);
}

fn increment(window_update: &Frame) -> i64 {
    let bytes: [u8; 4] = window_update.payload[..].try_into().unwrap();
    i64::from(u32::from_be_bytes(bytes))
}

#[test]
fn calls_that_cross_the_last_goaway_are_ignored() {
    let (_store, harness) = started(&["max.connection.age.ms", "50"]);
    let mut raw = Raw::hello(connect(harness.address(), None), &[]);
    let message = framed(0, &get_request("store_v1", 0, b"large").encode_to_vec());
    let (first, rest) = message.split_at(7);
    let open = [
        frame(HEADERS, END_HEADERS, 1, &head(GET)),
        frame(DATA, 0, 1, first),
        window_update(0, LARGE as u32 * 2),
        window_update(1, LARGE as u32 * 2),
    ];
    raw.send(&open.concat()).unwrap();
    // One GOAWAY for all calls, and a PING; some time after the answer a second GOAWAY, which names the last
    // call. A client that has not read it yet may make another.
    let (mut window, mut goodbyes) = (65_535, Vec::new());
    while goodbyes.len() < 2 {
        let frame = raw.next().unwrap().unwrap();
        match frame.kind {
            PING => raw
                .send(&self::frame(PING, ACK, 0, &frame.payload))
                .unwrap(),
            WINDOW_UPDATE if frame.stream == 0 => window += increment(&frame),
            GOAWAY => goodbyes.push(frame.goodbye()),
            _ => {}
        }
    }
    let head = head(GET);
    let (begin, end) = head.split_at(9);
    // An entry for the table of HPACK: whoever drops the frame reads the next ones wrongly.
    let entry = [&[0x40, 1, b'a', 1][..], b"b"].concat();
    let crossing = [
        frame(HEADERS, END_HEADERS, 3, &[&head[..], &entry].concat()),
        window_update(3, 65536),
        frame(PRIORITY, 0, 3, &[0, 0, 0, 1, 16]),
        frame(DATA, 0, 3, &message),
        window_update(3, 65536),
        frame(RST_STREAM, 0, 3, &[0, 0, 0, 8]),
        frame(HEADERS, 0, 5, begin),
        frame(CONTINUATION, END_HEADERS, 5, end),
        window_update(5, 1),
    ];
    raw.send(&crossing.concat()).unwrap();
    // Their data counts for the window of the connection, which has to be given back: more is sent than
    // it is large.
    let piece = vec![7; 16 * 1024];
    let mut crossed: u32 = 0;
    window -= (message.len() * 2) as i64;
    let (mut body, mut ended) = (Vec::new(), false);
    loop {
        while crossed < 768 && window >= piece.len() as i64 {
            let stream = 7 + 2 * (crossed / 16);
            if crossed.is_multiple_of(16) {
                raw.send(&frame(HEADERS, END_HEADERS, stream, &head))
                    .unwrap();
            }
            raw.send(&frame(DATA, 0, stream, &piece)).unwrap();
            raw.send(&window_update(stream, 65536)).unwrap();
            window -= piece.len() as i64;
            crossed += 1;
            if crossed == 768 {
                // The call in flight goes on, and its trailers name the entry of the table.
                let rest = [
                    frame(DATA, 0, 1, rest),
                    frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xBE]),
                ];
                raw.send(&rest.concat()).unwrap();
            }
        }
        let Some(frame) = raw.next().unwrap() else {
            break;
        };
        match frame.kind {
            WINDOW_UPDATE if frame.stream == 0 => window += increment(&frame),
            DATA => body.extend_from_slice(&frame.payload),
            HEADERS => ended |= frame.is(HEADERS, END_STREAM),
            GOAWAY => goodbyes.push(frame.goodbye()),
            RST_STREAM => panic!("the server resets {}", frame.stream),
            _ => {}
        }
    }
    let all = 0x7FFF_FFFF;
    assert_eq!(goodbyes, [(all, 0, String::new()), (1, 0, String::new())]);
    assert!(ended, "the answer has no end");
    assert_large(&body);
}

#[test]
fn connections_that_were_there_before_a_stop_are_served() {
    // One worker, which has to open them all, and a socket that holds those that it has not accepted.
    let (_store, harness) = started(&["worker.threads", "1"]);
    let request = call(1, GET, &get_request("store_v1", 0, b"key"));
    let mut clients: Vec<Raw<TcpStream>> = (0..200)
        .map(|_| Raw::hello(connect(harness.address(), None), &[]))
        .collect();
    for client in &mut clients {
        client.send(&request).unwrap();
    }
    let stopping = thread::spawn({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(HANG)
    });
    for (number, mut client) in clients.into_iter().enumerate() {
        let mut answered = false;
        while !answered {
            let frame = client.next().unwrap_or_else(|error| {
                panic!("client {number}: {error}");
            });
            let frame = frame.unwrap_or_else(|| panic!("client {number} is not answered"));
            answered = frame.is(HEADERS, END_STREAM);
            if frame.kind == PING && frame.flags & ACK == 0 {
                client
                    .send(&self::frame(PING, ACK, 0, &frame.payload))
                    .unwrap();
            }
        }
    }
    assert!(stopping.join().unwrap());
}

#[tokio::test]
async fn a_connection_with_a_call_in_flight_is_not_idle() {
    let (_store, harness) = started(&["max.connection.idle.ms", "30"]);
    let mut watching = Http2::connect(harness.address()).await;
    let (response, mut request) = watching.open(grpc("/grpc.health.v1.Health/Watch")).await;
    request.send_data(framed(0, b"").into(), true).unwrap();
    let mut watched = response.await.unwrap().into_body();
    assert!(watched.data().await.unwrap().is_ok());
    // Each of these waits for longer than a connection may be idle.
    for _ in 0..5 {
        let idle = Http2::connect(harness.address()).await;
        tokio::time::timeout(HANG, idle.connection)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
    watching.call(grpc(GET), &framed(0, b"")).await;
    drop(watched);
}
