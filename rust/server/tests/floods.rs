//! Who is hung up on for what it sends is told why, and the log says so; who acknowledges what the server
//! sends never is.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use harness::http2::{framed, GET};
use harness::raw::{
    call, connect, frame, head, initial_window, window_update, Raw, ACK, DATA, END_HEADERS,
    END_STREAM, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use harness::{batch_request, get_request, store, Harness};
use prost::Message;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_proto::{StreamingBatchGetRequest, StreamingBatchGetResponse};

const STREAM: &str = "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";
const ENHANCE_YOUR_CALM: u32 = 11;

fn started() -> (TestStoreVersion, Harness) {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &["worker.threads", "1"]);
    (store, harness)
}

/// Sends what `next` makes until the server ends the connection; returns its GOAWAY.
fn hung_up_on<S: Read + Write>(
    raw: &mut Raw<S>,
    mut next: impl FnMut(u32) -> Vec<u8>,
) -> (u32, u32, String) {
    for at in 0..100_000 {
        if raw.send(&next(at)).is_err() {
            break;
        }
        // What comes must be read, or the server waits.
        if at % 1000 == 999 {
            raw.send(&frame(PING, 0, 0, b"how now?")).unwrap();
            loop {
                match raw.next().unwrap() {
                    Some(frame) if frame.is(PING, ACK) && frame.payload == b"how now?" => break,
                    Some(frame) if frame.kind == GOAWAY => {
                        // And then the end, in order.
                        while let Some(frame) = raw.next().unwrap() {
                            assert_eq!(frame.kind, GOAWAY, "nothing follows");
                        }
                        return frame.goodbye();
                    }
                    Some(_) => {}
                    None => panic!("the end without a word"),
                }
            }
        }
    }
    panic!("nobody hung up");
}

#[test]
fn who_floods_is_told_why_and_the_log_says_so() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let (_store, harness) = started();

    let mut raw = Raw::hello(connect(harness.address(), None), &[]);
    raw.send(&call(1, GET, &get_request("store_v1", 0, b"key")))
        .unwrap();
    while !raw.next().unwrap().unwrap().is(HEADERS, END_STREAM) {}
    let (last, code, why) = hung_up_on(&mut raw, |_| frame(PING, 0, 0, b"pingping").repeat(10));
    // The call was answered: whoever made it need not make it again.
    assert_eq!((last, code), (1, ENHANCE_YOUR_CALM));
    assert_eq!(
        why,
        "the client floods the connection with frames beside calls"
    );
    drop(raw);
    let lines = log.wait();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = &lines[0];
    for part in ["127.0.0.1:", &*why, "clients=1"] {
        assert!(line.contains(part), "{line}");
    }

    // More of them are told why, and not said again so soon.
    let mut raw = Raw::hello(connect(harness.address(), None), &[]);
    let (_, code, _) = hung_up_on(&mut raw, |at| {
        let stream = 2 * at + 1;
        let cancel = frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]);
        [frame(HEADERS, END_HEADERS, stream, &head(GET)), cancel].concat()
    });
    assert_eq!(code, ENHANCE_YOUR_CALM);
    drop(raw);
    assert!(harness.server.stop(harness::HANG));
    assert_eq!(log.lines().len(), 1);
    holds_what_others_need(&log);
}

/// Who holds what others need, and does not read it, is told so as well.
fn holds_what_others_need(log: &Log) {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"large", 1, &vec![7; 4_000_000]);
    let harness = Harness::start(&registry, &["max.client.bytes", "16777216"]);
    let ask = |raw: &mut Raw<_>, calls: u32| {
        for at in 0..calls {
            let request = get_request("store_v1", 0, b"large");
            raw.send(&call(2 * at + 1, GET, &request)).unwrap();
        }
    };
    let mut raw = Raw::hello(connect(harness.address(), None), &initial_window(0));
    ask(&mut raw, 8);
    // The one place for a large answer is its own.
    while raw.next().unwrap().unwrap().kind != HEADERS {}
    let mut other = Raw::hello(connect(harness.address(), None), &initial_window(0));
    ask(&mut other, 1);
    let goodbye = loop {
        let frame = raw.next().unwrap().expect("the end without a word");
        if frame.kind == GOAWAY {
            break frame.goodbye();
        }
    };
    assert_eq!(raw.next().unwrap(), None, "the end, in order");
    let (last, code, why) = goodbye;
    assert_eq!((last, code), (15, ENHANCE_YOUR_CALM));
    let told =
        "does not read its answers, finish its requests or use its calls (setting max.client.bytes: 16777216)";
    assert!(why.ends_with(told), "{why}");
    while other.next().unwrap().unwrap().kind != HEADERS {}
    drop((raw, other));
    assert!(harness.server.stop(harness::HANG));
    let lines = log.lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for part in [
        "127.0.0.1:",
        "limit=16777216",
        "clients=1",
        "raise max.client.bytes",
    ] {
        assert!(lines[1].contains(part), "{}", lines[1]);
    }
}

/// As grpc-go and grpcio do, with small answers: two updates and a PING for each DATA.
#[test]
fn a_hundred_thousand_requests_on_one_call_that_are_acknowledged() {
    acknowledged(50);
}

/// A client that does not wait: as many requests are on their way as the windows take.
#[test]
fn a_hundred_thousand_requests_on_one_call_that_wait_for_nothing() {
    acknowledged(REQUESTS);
}

const REQUESTS: u64 = 100_000;

fn acknowledged(at_once: u64) {
    let (_store, harness) = started();
    let mut raw = Raw::hello(connect(harness.address(), None), &[]);
    raw.send(&frame(HEADERS, END_HEADERS, 1, &head(STREAM)))
        .unwrap();
    let keys = batch_request("store_v1", &[(0, b"key")]);
    let mut messages = Vec::new();
    let (mut asked, mut answered, mut pings) = (0, 0, 0);
    // What the server takes: on the connection, and on the call, which its SETTINGS say.
    let (mut connection, mut stream) = (65_535, 65_535);
    while answered < REQUESTS {
        let mut requests = Vec::new();
        // A little at a time, so that both sides read.
        while asked < REQUESTS
            && asked < answered + at_once
            && requests.len() < 32 * 1024
            && connection.min(stream) > 100
        {
            asked += 1;
            let request = StreamingBatchGetRequest {
                request_id: asked,
                resource_name: "store_v1".to_owned(),
                method: "POST".to_owned(),
                key_bytes: keys.key_bytes.clone(),
            };
            let message = framed(0, &request.encode_to_vec());
            connection -= message.len() as i64;
            stream -= message.len() as i64;
            requests.extend(frame(DATA, 0, 1, &message));
        }
        raw.send(&requests).unwrap();
        let frame = raw
            .next()
            .unwrap_or_else(|error| panic!("after {answered} answers: {error}"))
            .unwrap_or_else(|| panic!("the end after {answered} answers"));
        match frame.kind {
            DATA => {
                let bytes = frame.payload.len() as u32;
                let acknowledged = [
                    window_update(0, bytes),
                    self::frame(PING, 0, 0, b"how far?"),
                    window_update(1, bytes),
                ];
                raw.send(&acknowledged.concat()).unwrap();
                messages.extend_from_slice(&frame.payload);
            }
            GOAWAY => panic!("after {answered} answers: {:?}", frame.goodbye()),
            WINDOW_UPDATE => {
                let more = i64::from(number(&frame.payload));
                match frame.stream {
                    0 => connection += more,
                    _ => stream += more,
                }
            }
            SETTINGS if frame.flags & ACK == 0 => {
                let settings = frame.payload.chunks(6);
                let initial = settings.filter(|setting| setting[..2] == [0, 4]);
                stream += initial
                    .map(|setting| i64::from(number(&setting[2..])) - 65_535)
                    .sum::<i64>();
                raw.send(&self::frame(SETTINGS, ACK, 0, &[])).unwrap();
            }
            PING => pings += u64::from(frame.flags & ACK != 0),
            _ => {}
        }
        answered += footers(&mut messages);
    }
    assert!(pings >= REQUESTS, "{pings} of its PINGs were answered");
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

/// Takes the whole messages, and counts those that end an answer.
fn footers(messages: &mut Vec<u8>) -> u64 {
    let (mut at, mut footers) = (0, 0);
    while let Some(prefix) = messages.get(at..at + 5) {
        let length = u32::from_be_bytes(prefix[1..].try_into().unwrap()) as usize;
        let Some(message) = messages.get(at + 5..at + 5 + length) else {
            break;
        };
        let message = StreamingBatchGetResponse::decode(message).unwrap();
        if let Some(footer) = message.footer {
            assert_eq!((footer.error_code, footer.found_keys), (200, 1));
            footers += 1;
        }
        at += 5 + length;
    }
    messages.drain(..at);
    footers
}

/// Keeps the lines about floods.
#[derive(Clone, Default)]
struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    spans: Arc<AtomicUsize>,
}

impl Log {
    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for the first line.
    fn wait(&self) -> Vec<String> {
        let deadline = std::time::Instant::now() + harness::HANG;
        while self.lines().is_empty() {
            assert!(std::time::Instant::now() < deadline, "the log says nothing");
            std::thread::yield_now();
        }
        self.lines()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "venice_server::transport::floods"
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.lines.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) as u64 + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0 += &format!(" {}={value:?}", field.name());
    }
}
