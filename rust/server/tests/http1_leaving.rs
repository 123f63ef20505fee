//! What a client asked for over HTTP/1.1 that is gone, or has ended its sending, while it is worked at.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::Read;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use harness::compute::{block, body, description, scores, serving, until_waiting, v1};
use harness::http1::{Http1, HEALTH};
use harness::raw::connect;
use harness::{store, Harness};
use venice_catalog::Compression;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_metrics::model::Value;
use venice_metrics::Instrument;

const TOLD: &str = "the client ended its sending behind the request, and 100 ms later (setting receive.timeout.ms) there was no \
     answer; keep the connection open both ways until it is there, or raise the setting";

/// A server whose one thread that computes is held up by tests.
struct Served {
    harness: Harness,
    _store: TestStoreVersion,
}

impl Served {
    fn new(receive_millis: &str) -> Served {
        let registry: Arc<Registry> = Registry::new();
        let store = store(&registry, "store_v1");
        store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
        let settings = ["http.requests", "all", "receive.timeout.ms", receive_millis];
        Served {
            harness: serving(&registry, description(Compression::NoOp), &settings),
            _store: store,
        }
    }

    /// A client that has asked for something to be computed, which waits as the only one.
    async fn asks(&self, before: &str, behind: &str) -> Http1<TcpStream> {
        let client = self.sends(before, behind);
        until_waiting(&self.harness, 1).await;
        client
    }

    fn sends(&self, before: &str, behind: &str) -> Http1<TcpStream> {
        let mut client = Http1::of(connect(self.harness.address(), None));
        let body = body(&scores(&[1.0]), &[(0, b"key")]);
        let length = body.len();
        let head = format!(
            "POST /compute/store_v1 HTTP/1.1\r\nHost: h\r\nX-VENICE-API-VERSION: 3\r\nContent-Length: {length}\r\n\r\n"
        );
        client.send([before.as_bytes(), head.as_bytes(), &body, behind.as_bytes()].concat());
        client
    }

    fn refused(&self) -> u64 {
        let snapshot = self.harness.server.observed().snapshot(160);
        let refused = snapshot.metric(Instrument::RequestRefusedCount).unwrap();
        let late = refused.points.iter().filter(|point| {
            let mut attributes = point.attributes.iter();
            attributes.any(|attribute| &*attribute.value == "receive_timeout")
        });
        let number = late.map(|point| match point.value {
            Value::U64(number) => number,
            ref other => panic!("{other:?}"),
        });
        number.sum()
    }
}

/// A system that has bytes for a client that it has not read resets the connection when the client closes.
#[tokio::test]
async fn who_resets_the_connection_is_not_worked_for() {
    let served = Served::new("3600000");
    let _gate = block(&served.harness);
    for behind in ["", HEALTH] {
        let mut client = served.asks(HEALTH, behind).await;
        // The answer to the first request is there, and is read in part.
        client.stream.read_exact(&mut [0; 9]).unwrap();
        drop(client);
        until_waiting(&served.harness, 0).await;
    }
    assert_eq!(served.refused(), 0);
}

#[tokio::test]
async fn who_closes_is_worked_for_no_longer_than_a_request_may_take_to_come() {
    let served = Served::new("100");
    let _gate = block(&served.harness);
    for behind in ["", HEALTH] {
        drop(served.asks("", behind).await);
        until_waiting(&served.harness, 0).await;
    }
}

/// Whoever still reads is told, and what it sent behind the request is not looked at.
#[tokio::test]
async fn who_ended_its_sending_is_told_when_it_is_given_up() {
    let served = Served::new("100");
    let _gate = block(&served.harness);
    for behind in ["", HEALTH] {
        let mut client = served.asks(HEALTH, behind).await;
        client.stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(client.answer().unwrap().text(), (200, "OK"));
        client.is_told_and_closed(408, TOLD);
        until_waiting(&served.harness, 0).await;
    }
    assert_eq!(served.refused(), 2);
}

#[tokio::test]
async fn who_ended_its_sending_has_its_answers() {
    let served = Served::new("3600000");
    let gate = block(&served.harness);
    let mut client = served.asks("", HEALTH).await;
    client.stream.shutdown(Shutdown::Write).unwrap();
    drop(gate);
    assert_eq!(client.answer().unwrap().status, 200);
    assert_eq!(client.answer().unwrap().text(), (200, "OK"));
    assert!(client.is_closed());
}

/// Who keeps its sending open waits for as long as it likes.
#[tokio::test]
async fn who_may_send_more_is_waited_for() {
    let served = Served::new("100");
    let gate = block(&served.harness);
    let mut client = served.asks("", "").await;
    // When this one is given up, which came later, it would have been, too.
    let mut ended = served.sends("", "");
    until_waiting(&served.harness, 2).await;
    ended.stream.shutdown(Shutdown::Write).unwrap();
    ended.is_told_and_closed(408, TOLD);
    until_waiting(&served.harness, 1).await;
    drop(gate);
    assert_eq!(client.answer().unwrap().status, 200);
}
