//! Calls that come in one turn of a connection are prepared for together, and answered as if each were alone.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::http2::{framed, grpc, Answer, Http2, GET};
use harness::key_stores::{Files, TlsClient};
use harness::{batch_request, get_request, store, store_with, Harness};
use prost::Message;
use tokio::sync::Mutex;
use venice_engine::testing::{all_answered_directly, fetched_ahead, TableFormat, TestStoreVersion};
use venice_engine::{Registry, StoreVersionState};
use venice_proto::VeniceClientRequest;
use venice_server::internals::runtime::{ManualClock, MonotonicClock};
use venice_server::{AccessResult, Config};

const SETTINGS: [&str; 6] = [
    "bind.address",
    "127.0.0.1",
    "worker.threads",
    "1",
    "disk.threads",
    "1",
];

/// What is fetched ahead is counted for the process.
static ONE: Mutex<()> = Mutex::const_new(());

/// `grpc-status`, `grpc-message` and the message of an answer.
type Said = (String, String, Vec<u8>);

fn said(answer: &Answer) -> Said {
    let (status, message) = answer.status();
    (status.to_owned(), message.to_owned(), answer.body.clone())
}

/// Sends calls without a pause between them, so that they come in few turns, and waits for all answers.
async fn together(client: &mut Http2, requests: &[VeniceClientRequest]) -> Vec<Said> {
    let mut calls = Vec::new();
    for request in requests {
        let (response, mut body) = client.open(grpc(GET)).await;
        let message = framed(0, &request.encode_to_vec());
        body.send_data(message.into(), true).unwrap();
        calls.push(response);
    }
    let mut answers = Vec::new();
    for call in calls {
        answers.push(said(&Answer::receive(call).await));
    }
    answers
}

async fn alone(client: &mut Http2, request: &VeniceClientRequest) -> Said {
    let message = framed(0, &request.encode_to_vec());
    said(&client.call(grpc(GET), &message).await)
}

/// Marsaglia's xorshift.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

const KEYS: u64 = 300;

fn key(number: u64) -> Vec<u8> {
    number
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .to_be_bytes()
        .to_vec()
}

fn fill(store: &TestStoreVersion, chunked: bool) {
    for number in 0..KEYS {
        let (partition, key) = ((number % 2) as i32, key(number));
        let payload = number.to_be_bytes().repeat((number % 100) as usize * 3);
        if chunked && number % 10 == 3 {
            store.put_chunked(partition, &key, 1, &payload, 500, 2);
        } else if chunked {
            store.put_unchunked(partition, &key, 3, &payload);
        } else {
            store.put(partition, &key, 2, &payload);
        }
    }
    store.flush(0);
    store.flush(1);
}

/// Any get that a client may send: of keys that are there or not, in memory or not, in tables of any kind; and
/// whatever is refused.
fn any(draw: &mut Draw) -> VeniceClientRequest {
    let stores = [
        "blocks_v1",
        "blocks_v1",
        "plain_v1",
        "chunked_v2",
        "cold_v1",
        "over_v1",
        "unknown_v1",
        "nonsense",
    ];
    let store = stores[draw.below(stores.len() as u64) as usize];
    let number = draw.below(KEYS + 40);
    let partition = match draw.below(12) {
        0 => 99,
        1 => u32::MAX,
        2 => 1_000_000_000,
        _ => number as u32 % 2,
    };
    let get = get_request(store, partition, &key(number));
    match draw.below(14) {
        0 => VeniceClientRequest {
            key_string: "no base64 !?f=b64".to_owned(),
            ..get
        },
        1 => VeniceClientRequest {
            key_string: String::new(),
            ..get
        },
        2 => get_request(store, partition, &[7; 3000]),
        3 => batch_request(store, &[(0, &key(number)), (1, &key(1))]),
        4 => VeniceClientRequest {
            resource_name: "n".repeat(5000),
            ..get
        },
        _ => get,
    }
}

#[tokio::test]
async fn calls_of_one_turn_are_answered_as_each_alone() {
    let _one = ONE.lock().await;
    let registry = Registry::new();
    let chunked = StoreVersionState {
        chunked: true,
        compression_strategy: 1,
        ..Default::default()
    };
    let stores = [
        store(&registry, "blocks_v1"),
        TestStoreVersion::create_with_format(&registry, "plain_v1", TableFormat::Plain),
        store_with(&registry, "chunked_v2", &chunked),
        store(&registry, "cold_v1"),
        store(&registry, "over_v1"),
    ];
    stores[1].open(0);
    stores[1].open(1);
    for (store, chunked) in stores.iter().zip([false, false, true, false, false]) {
        fill(store, chunked);
    }
    let config = Config::from_pairs(&SETTINGS).unwrap();
    let harness = Harness::start_with(&registry, config, Arc::new(ManualClock::default()));
    // Nothing is left of it, and time stands still.
    let quota = harness.server.quota();
    quota.set_store_version("over_v1", 1, 0.000_001).unwrap();
    let mut client = Http2::connect(harness.address()).await;
    alone(&mut client, &get_request("over_v1", 0, &key(0))).await;

    let mut draw = Draw(0x5EED_0F7A_11CE);
    for round in 0..60 {
        // Now some of it is not in memory.
        stores[3].reopen(0);
        let count = 1 + draw.below(40) as usize;
        let requests: Vec<_> = (0..count).map(|_| any(&mut draw)).collect();
        let gathered = together(&mut client, &requests).await;
        stores[3].reopen(0);
        for (request, gathered) in requests.iter().zip(&gathered) {
            let single = alone(&mut client, request).await;
            assert_eq!(gathered, &single, "round {round}: {request:?}");
        }
    }
    harness.server.stop(std::time::Duration::ZERO);
}

#[tokio::test]
async fn several_gets_are_fetched_ahead_and_one_alone_is_not() {
    let _one = ONE.lock().await;
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    fill(&store, false);
    let config = Config::from_pairs(&SETTINGS).unwrap();
    let harness = Harness::start_with(&registry, config, Arc::<MonotonicClock>::default());
    let mut client = Http2::connect(harness.address()).await;
    let get = |number: u64| get_request("store_v1", (number % 2) as u32, &key(number));
    let read = |said: &Said| (said.0.clone(), said.2.len() > 5);
    let found = ("0".to_owned(), true);
    for number in 0..KEYS {
        assert_eq!(read(&alone(&mut client, &get(number)).await), found);
    }
    let (before, direct) = (fetched_ahead(), all_answered_directly());
    for number in 0..20 {
        assert_eq!(read(&alone(&mut client, &get(number)).await), found);
    }
    assert_eq!(fetched_ahead(), before);
    assert_eq!(all_answered_directly() - direct, 20);
    let requests: Vec<_> = (0..32).map(get).collect();
    for said in together(&mut client, &requests).await {
        assert_eq!(read(&said), found);
    }
    assert_ne!(fetched_ahead(), before);
    assert_eq!(all_answered_directly() - direct, 20 + 32);
    // What is in a memtable is newer than all files.
    store.put(0, &key(0), 2, b"another value");
    store.put(1, b"another key", 2, b"value");
    let direct = all_answered_directly();
    let answers = together(&mut client, &requests).await;
    let another = b"another value";
    let mut parts = answers[0].2.windows(another.len());
    assert!(parts.any(|part| part == another), "{:?}", answers[0]);
    for said in answers {
        assert_eq!(read(&said), found);
    }
    alone(&mut client, &requests[1]).await;
    assert_eq!(all_answered_directly() - direct, 32 + 1);

    // What is refused is not worth it, once most of it was.
    let quota = harness.server.quota();
    quota.set_store_version("store_v1", 1, 0.000_001).unwrap();
    together(&mut client, &requests).await;
    together(&mut client, &requests).await;
    let before = fetched_ahead();
    together(&mut client, &requests).await;
    assert_eq!(fetched_ahead(), before);
    quota.disable("store_v1").unwrap();
    together(&mut client, &requests).await;
    together(&mut client, &requests).await;
    assert_ne!(fetched_ahead(), before);
    harness.server.stop(std::time::Duration::ZERO);
}

#[tokio::test]
async fn who_may_not_read_a_store_gets_none_of_it_whatever_is_asked_beside() {
    let _one = ONE.lock().await;
    let registry = Registry::new();
    let stores = ["open_v1", "secret_v1"].map(|name| store(&registry, name));
    stores.iter().for_each(|store| fill(store, false));
    let files = Files::new();
    let (keys, trust) = (files.setting("server-both.pem"), files.setting("ca.pem"));
    let tls = [
        "tls.key.store",
        &keys,
        "tls.trust.store",
        &trust,
        "tls.client.auth",
        "required",
    ];
    let config = Config {
        access_control: true,
        ..Config::from_pairs(&[&SETTINGS[..], &tls].concat()).unwrap()
    };
    let harness = Harness::start_with(&registry, config, Arc::<MonotonicClock>::default());
    let access = Arc::clone(harness.server.access().unwrap());
    std::thread::spawn(move || {
        while let Some(question) = access.next_question() {
            let answer = match &*question.subject().store {
                "open" => AccessResult::Granted,
                _ => AccessResult::Forbidden,
            };
            question.answer(answer);
        }
    });
    let stream = TlsClient::with("client").connect(harness.address()).await;
    let mut client = Http2::over(stream.unwrap()).await;
    let get = |number: u64| {
        let store = ["open_v1", "secret_v1"][(number / 3 % 2) as usize];
        get_request(store, (number % 2) as u32, &key(number))
    };
    let requests: Vec<_> = (0..32).map(get).collect();
    for _ in 0..3 {
        let gathered = together(&mut client, &requests).await;
        for (request, gathered) in requests.iter().zip(&gathered) {
            let expected = if request.resource_name == "open_v1" {
                "0"
            } else {
                "7"
            };
            assert_eq!(gathered.0, expected, "{gathered:?}");
            assert_eq!(gathered, &alone(&mut client, request).await);
        }
    }
    harness.server.stop(std::time::Duration::ZERO);
}
