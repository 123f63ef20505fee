//! Limits of connections: how many, how long, and what their calls may look like.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use harness::http2::{framed, grpc, Answer, Http2, GET};
use harness::raw::{call, connect, frame, initial_window, window_update, Raw, DATA};
use harness::{get_request, store, Harness, HANG};
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_metrics::model::Value;
use venice_metrics::Instrument;

fn started(settings: &[&str]) -> (TestStoreVersion, Harness) {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    (store, Harness::start(&registry, settings))
}

fn get() -> Vec<u8> {
    framed(0, &get_request("store_v1", 0, b"key").encode_to_vec())
}

async fn reads(http2: &mut Http2) {
    assert_eq!(http2.call(grpc(GET), &get()).await.status(), ("0", ""));
}

/// Waits until the server hangs up.
async fn until_closed(mut stream: TcpStream) {
    let ended = async {
        let mut bytes = [0; 1000];
        while !matches!(stream.read(&mut bytes).await, Ok(0) | Err(_)) {}
    };
    timeout(HANG, ended).await.unwrap();
}

#[tokio::test]
async fn further_connections_are_closed_and_places_come_back() {
    let (_store, harness) = started(&["max.connections", "3"]);
    let address = harness.address();
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut http2 = Http2::connect(address).await;
        reads(&mut http2).await;
        open.push(http2);
    }
    for _ in 0..10 {
        until_closed(TcpStream::connect(address).await.unwrap()).await;
    }
    for http2 in &mut open {
        reads(http2).await;
    }
    let gone = open.pop().unwrap();
    gone.connection.abort();
    drop(gone);
    // The server has to notice first.
    let again = async { while !is_kept(address).await {} };
    timeout(HANG, again).await.unwrap();
}

/// The beginning of HTTP/2.
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A connection that has spoken HTTP/2, as the server knows: it has answered.
async fn spoken(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(HELLO).await.unwrap();
    // The head of the server's SETTINGS, whose payload follows.
    let mut head = [0; 9];
    let read = stream.read_exact(&mut head);
    timeout(HANG, read).await.unwrap().unwrap();
    let mut payload = vec![0; usize::from(head[2])];
    let read = stream.read_exact(&mut payload);
    timeout(HANG, read).await.unwrap().unwrap();
    stream
}

/// Reads frames up to GOAWAY.
async fn until_goodbye(stream: &mut TcpStream) {
    const GOAWAY: u8 = 7;
    let read = async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.unwrap();
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            stream.read_exact(&mut payload).await.unwrap();
            if head[3] == GOAWAY {
                return;
            }
        }
    };
    timeout(HANG, read).await.unwrap();
}

#[tokio::test]
async fn who_says_nothing_gives_way_and_who_asks_stays() {
    let (_store, harness) = started(&["max.connections", "4", "max.connections.per.address", "4"]);
    let address = harness.address();
    let mut busy = Http2::connect(address).await;
    reads(&mut busy).await;
    // The oldest of those without a call, but it has spoken.
    let mut idle = spoken(address).await;
    let silent = TcpStream::connect(address).await.unwrap();
    let also_silent = TcpStream::connect(address).await.unwrap();
    let mut new = Vec::new();
    for quiet in [silent, also_silent] {
        new.push(Http2::connect(address).await);
        reads(new.last_mut().unwrap()).await;
        until_closed(quiet).await;
    }
    new.push(Http2::connect(address).await);
    reads(new.last_mut().unwrap()).await;
    // It may have a call on its way, so it is told.
    until_goodbye(&mut idle).await;
    // And ends, though it answers no ping of the goodbye: its place is another's.
    until_closed(idle).await;
    // Nobody is left who would have to go.
    until_closed(TcpStream::connect(address).await.unwrap()).await;
    for http2 in new.iter_mut().chain([&mut busy]) {
        reads(http2).await;
    }
}

/// Far more silent sockets than there are places, and each new client gets in.
#[tokio::test]
async fn silent_sockets_keep_nobody_out() {
    let (_store, harness) = started(&["max.connections", "20"]);
    let address = harness.address();
    let mut silent = Vec::new();
    for _ in 0..10 {
        for _ in 0..20 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let mut http2 = Http2::connect(address).await;
        reads(&mut http2).await;
    }
}

/// Every address of 127.0.0.0/8 is this machine, on Linux.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_clients_of_an_address_have_their_part_of_the_places() {
    let (_store, harness) = started(&["max.connections", "10", "max.connections.per.address", "2"]);
    let address = harness.address();
    let from = |last: u8| async move {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket
            .bind(SocketAddr::from(([127, 0, 0, last], 0)))
            .unwrap();
        socket.connect(address).await.unwrap()
    };
    let mut held = Vec::new();
    for last in [1, 2, 3] {
        for _ in 0..2 {
            let mut http2 = Http2::over(from(last).await).await;
            reads(&mut http2).await;
            held.push(http2);
        }
        until_closed(from(last).await).await;
    }
    for http2 in &mut held {
        reads(http2).await;
    }
}

/// Whether the server keeps a new connection.
async fn is_kept(address: SocketAddr) -> bool {
    let called = async {
        let stream = TcpStream::connect(address).await.ok()?;
        let (mut requests, connection) = h2::client::handshake(stream).await.ok()?;
        let connection = tokio::spawn(connection);
        let (response, _stream) = requests.send_request(grpc("/no/such"), true).ok()?;
        let answered = response.await.ok();
        connection.abort();
        answered
    };
    called.await.is_some()
}

#[tokio::test]
async fn an_idle_connection_is_said_goodbye_to() {
    let (_store, harness) = started(&["max.connection.idle.ms", "50"]);
    let mut http2 = Http2::connect(harness.address()).await;
    reads(&mut http2).await;
    // Without an error: GOAWAY, and the end.
    let ended = timeout(HANG, http2.connection).await.unwrap();
    ended.unwrap().unwrap();
}

#[tokio::test]
async fn an_old_connection_ends_after_its_calls() {
    let (_store, harness) = started(&["max.connection.age.ms", "100"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let (response, mut stream) = http2.open(grpc(GET)).await;
    let message = get();
    stream
        .send_data(message[..5].to_vec().into(), false)
        .unwrap();
    // GOAWAY came when no new call is taken; the one in flight is answered.
    let refused = async {
        while http2.try_open(grpc(GET)).await.is_ok() {
            // Lets the connection's own task look at what came.
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    timeout(HANG, refused).await.unwrap();
    stream
        .send_data(message[5..].to_vec().into(), true)
        .unwrap();
    assert_eq!(Answer::receive(response).await.status(), ("0", ""));
    let ended = timeout(HANG, http2.connection).await.unwrap();
    ended.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_gone() {
    let (_store, harness) = started(&["keep.alive.ms", "20", "keep.alive.timeout.ms", "20"]);
    // One that answers stays.
    let mut http2 = Http2::connect(harness.address()).await;
    // One that says hello, and then nothing.
    let stream = TcpStream::connect(harness.address()).await.unwrap();
    let mut stream = stream.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    std::io::Write::write_all(&mut stream, HELLO).unwrap();
    stream.set_nonblocking(true).unwrap();
    until_closed(TcpStream::from_std(stream).unwrap()).await;
    reads(&mut http2).await;
}

/// Nobody waits for ever for a client to take the reason why it is hung up on. Each asks for more than the one
/// before, so that with some of them the last bytes of all have to wait.
#[test]
fn who_breaks_a_rule_and_reads_nothing_is_gone() {
    let (store, harness) = started(&[
        "keep.alive.ms",
        "100",
        "keep.alive.timeout.ms",
        "100",
        "max.client.bytes",
        "1073741824",
    ]);
    store.put(0, b"large", 1, &[7; 50_000]);
    let wide = initial_window(0x7FFF_FFFF);
    let held: Vec<_> = (0..80)
        .map(|answers| {
            let mut raw = Raw::hello(connect(harness.address(), Some(4096)), &wide);
            let mut bytes = window_update(0, 0x7FFF_0000);
            for at in 0..answers {
                let request = get_request("store_v1", 0, b"large");
                bytes.extend(call(2 * at + 1, GET, &request));
            }
            bytes.extend(frame(DATA, 0, 0, b"of no call"));
            raw.send(&bytes).unwrap();
            raw
        })
        .collect();
    let begun = Instant::now();
    let open = || {
        let snapshot = harness.server.observed().snapshot(160);
        match snapshot.total(Instrument::ConnectionActiveCount) {
            Some(Value::I64(open)) => *open,
            other => panic!("{other:?}"),
        }
    };
    while open() > 0 {
        assert!(begun.elapsed() < HANG, "{} are still there", open());
        sleep(Duration::from_millis(10));
    }
    drop(held);
}

#[tokio::test]
async fn a_request_that_drips_is_given_up() {
    let (_store, harness) = started(&["receive.timeout.ms", "50"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let (response, mut stream) = http2.open(grpc(GET)).await;
    stream.send_data(get()[..7].to_vec().into(), false).unwrap();
    assert_eq!(
        Answer::receive(response).await.status(),
        (
            "4",
            "the request did not arrive within 50 ms (setting receive.timeout.ms); send it \
             faster, or raise the setting"
        )
    );
    reads(&mut http2).await;
}

#[tokio::test]
async fn headers_over_the_limit_end_their_call_alone() {
    let (_store, harness) = started(&["max.header.bytes", "2000"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let with = |length: usize| {
        let mut request = grpc(GET);
        let value = "x".repeat(length).parse().unwrap();
        request.headers_mut().insert("long", value);
        request
    };
    assert_eq!(http2.call(with(1500), &get()).await.status(), ("0", ""));
    let (response, _stream) = http2.open(with(2500)).await;
    match timeout(HANG, response).await.unwrap() {
        // Request header fields too large.
        Ok(response) => assert_eq!(response.status(), 431),
        Err(error) => assert!(error.is_reset(), "{error}"),
    }
    reads(&mut http2).await;
}

#[tokio::test]
async fn calls_beyond_the_limit_of_a_connection_wait_in_the_client() {
    let (_store, harness) = started(&["max.concurrent.streams", "2"]);
    let mut http2 = Http2::connect(harness.address()).await;
    reads(&mut http2).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        open.push(http2.open(grpc(GET)).await);
    }
    assert_eq!(http2.most_calls(), 2);
    for (response, mut stream) in open {
        stream.send_data(get().into(), true).unwrap();
        assert_eq!(Answer::receive(response).await.status(), ("0", ""));
    }
    reads(&mut http2).await;
}
