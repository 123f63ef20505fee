//! Single gets that come in one turn of a connection are counted together, and come to what each of them comes to alone.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::collections::BTreeMap;
use std::net::TcpStream;

use harness::http2::GET;
use harness::raw::{call, connect, window_update, Raw, DATA, END_STREAM, HEADERS, RST_STREAM};
use harness::{batch_request, get_request, store, Harness};
use parking_lot::Mutex;
use venice_engine::testing::{fetched_ahead, TableFormat, TestStoreVersion};
use venice_engine::Registry;
use venice_metrics::model::{Snapshot, Value};
use venice_metrics::Instrument;
use venice_proto::VeniceClientRequest;
use venice_server::internals::observe::{Ended, Why};

const SETTINGS: [&str; 4] = ["worker.threads", "1", "disk.threads", "1"];
/// What is fetched ahead is counted for the process.
static ONE: Mutex<()> = Mutex::new(());

/// Those whose numbers are the same however long anything takes.
const SAME: [Instrument; 11] = [
    Instrument::ReadCallCount,
    Instrument::ReadRequestKeyCount,
    Instrument::ReadRequestKeySize,
    Instrument::ReadRequestSize,
    Instrument::ReadResponseSize,
    Instrument::ReadResponseValueSize,
    Instrument::ReadResponseKeyNotFoundCount,
    Instrument::RequestRefusedCount,
    Instrument::GrpcServerCallStarted,
    Instrument::GrpcServerCallSent,
    Instrument::GrpcServerCallRcvd,
];
/// Those that have a time for each read or call.
const TIMES: [Instrument; 2] = [Instrument::ReadCallTime, Instrument::GrpcServerCallDuration];

/// What is counted that does not depend on time, by names and attributes.
fn counted(snapshot: &Snapshot) -> BTreeMap<String, String> {
    let mut counted = BTreeMap::new();
    for instrument in SAME.iter().chain(&TIMES) {
        let Some(metric) = snapshot.metric(*instrument) else {
            continue;
        };
        for point in &metric.points {
            let of = point.attributes.iter();
            let of: Vec<_> = of.map(|of| format!("{}={}", of.key, of.value)).collect();
            let value = match &point.value {
                Value::Histogram(times) if TIMES.contains(instrument) => format!("{}", times.count),
                value => format!("{value:?}"),
            };
            counted.insert(format!("{} {of:?}", metric.name), value);
        }
    }
    counted
}

/// A connection whose calls go out in one piece, so that the server has them in one turn, or few.
struct Client {
    raw: Raw<TcpStream>,
    next: u32,
}

impl Client {
    fn connect(harness: &Harness) -> Client {
        let mut raw = Raw::hello(connect(harness.address(), None), &[]);
        raw.send(&window_update(0, 1 << 30)).unwrap();
        Client { raw, next: 1 }
    }

    /// Sends calls, and waits for the ends of all answers.
    fn send(&mut self, requests: &[VeniceClientRequest]) {
        let mut calls = Vec::new();
        for request in requests {
            calls.extend(call(self.next, GET, request));
            self.next += 2;
        }
        self.raw.send(&calls).unwrap();
        let mut open = requests.len();
        while open > 0 {
            let frame = self.raw.next().unwrap().unwrap();
            assert_ne!(frame.kind, RST_STREAM, "{frame:?}");
            let ends = frame.is(HEADERS, END_STREAM) || frame.is(DATA, END_STREAM);
            open -= usize::from(ends);
        }
    }
}

fn fill(store: &TestStoreVersion) {
    for number in 0..50 {
        let payload = vec![7; number * number % 700];
        store.put(0, format!("key{number}").as_bytes(), 1, &payload);
    }
    store.flush(0);
}

/// Of keys that are there, and that are not; in runs of one store, and one by one; batches, and what is refused.
fn request(number: usize) -> VeniceClientRequest {
    let store = match (number / 40 % 2, number % 3) {
        (0, _) | (1, 0) => "blocks_v1",
        (_, 1) => "plain_v1",
        _ => "other_v3",
    };
    let key = match number % 7 {
        0 => format!("none{number}"),
        1..4 => "key9".to_owned(),
        _ => format!("key{}", number % 50),
    };
    match number % 31 {
        5 => batch_request(store, &[(0, b"key1"), (0, b"none")]),
        6 => get_request("unknown_v1", 0, key.as_bytes()),
        7 => get_request(store, 99, key.as_bytes()),
        _ => get_request(store, 0, key.as_bytes()),
    }
}

#[test]
fn what_is_counted_together_is_what_is_counted_of_each_alone() {
    let _one = ONE.lock();
    let registry = Registry::new();
    let stores = [
        store(&registry, "blocks_v1"),
        TestStoreVersion::create_with_format(&registry, "plain_v1", TableFormat::Plain),
        store(&registry, "other_v3"),
    ];
    stores[1].open(0);
    stores.iter().for_each(fill);
    let harnesses = [(); 2].map(|()| Harness::start(&registry, &SETTINGS));
    let requests: Vec<_> = (0..500).map(request).collect();

    let before = fetched_ahead();
    let mut client = Client::connect(&harnesses[0]);
    let mut rest = &requests[..];
    for turn in [1, 2, 3, 8, 31, 32, 33, 64, 100].iter().cycle() {
        let (now, later) = rest.split_at(rest.len().min(*turn));
        client.send(now);
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    assert_ne!(fetched_ahead(), before, "none came together");
    let before = fetched_ahead();
    let mut client = Client::connect(&harnesses[1]);
    for request in requests.chunks(1) {
        client.send(request);
    }
    assert_eq!(fetched_ahead(), before, "some came together");

    let [gathered, single] = harnesses.each_ref().map(|harness| {
        let snapshot = harness.server.observed().snapshot(160);
        let total = snapshot.total(Instrument::GrpcServerCallStarted);
        assert_eq!(total, Some(&Value::U64(requests.len() as u64)));
        counted(&snapshot)
    });
    assert!(gathered.len() > 30, "{gathered:?}");
    assert_eq!(gathered, single);
}

#[test]
fn each_of_those_that_were_slow_together_is_kept() {
    let _one = ONE.lock();
    let registry = Registry::new();
    let store = store(&registry, "blocks_v1");
    fill(&store);
    let slow = ["slow.log.threshold.us", "1"];
    let harness = Harness::start(&registry, &[&SETTINGS[..], &slow].concat());
    let keys = (0..96).map(|number| match number % 3 {
        0 => format!("none{}", number % 2),
        _ => format!("key{}", number % 5),
    });
    let keys: Vec<String> = keys.collect();
    let gets = keys
        .iter()
        .map(|key| get_request("blocks_v1", 0, key.as_bytes()));
    let gets: Vec<_> = gets.collect();
    // Of what is on the disk nothing is fetched ahead: another server of the store has it in memory then.
    Client::connect(&Harness::start(&registry, &SETTINGS)).send(&gets);
    let before = fetched_ahead();
    Client::connect(&harness).send(&gets);
    assert_ne!(fetched_ahead(), before, "none came together");

    let kept = harness.server.slow_requests().requests;
    // A few gets may be faster than a threshold can be.
    assert!((1..=keys.len()).contains(&kept.len()), "{}", kept.len());
    for request in &kept {
        assert_eq!((request.why, request.method), (Why::Slow, "get"));
        assert_eq!((&*request.store_version, request.keys), ("blocks_v1", 1));
        assert!(request.request_bytes > 0 && request.response_bytes > 0);
    }
    let ended = |code| {
        let of_code = kept.iter();
        of_code
            .filter(|request| request.status == Ended::Answered(code))
            .count()
    };
    assert!(ended(-420) > 0, "of those that were slow some were missing");
    assert_eq!(ended(-420) + ended(200), kept.len());
}
