//! The heads of requests over HTTP/1.1: their limits, and what becomes of one that does not come, or not whole.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::Shutdown;

use harness::http1::{keys, post, sized, Http1, Served, HEALTH};
use harness::raw::connect;
use harness::HANG;

const LATE: &str = "the head of the request did not arrive within 100 ms (setting receive.timeout.ms); send it faster, or \
     raise the setting";

#[test]
fn heads_have_a_limit_and_a_time() {
    let served = Served::new(&["receive.timeout.ms", "100", "max.header.bytes", "8192"]);
    // Whatever it is that makes it large.
    let long_path = format!(
        "GET /storage/store_v1/0/{} HTTP/1.1\r\n\r\n",
        "k".repeat(20_000)
    );
    let long_field = format!("GET /health HTTP/1.1\r\nx: {}\r\n\r\n", "v".repeat(20_000));
    let fields: String = (0..200).map(|at| format!("x{at}: v\r\n")).collect();
    let many_fields = format!("GET /health HTTP/1.1\r\n{fields}\r\n");
    let large = "the head of the request has more than 8192 bytes (setting max.header.bytes";
    let many = "the head of the request has more than 100 fields";
    for (head, says) in [(long_path, large), (long_field, large), (many_fields, many)] {
        let mut client = served.client();
        client.send(&head);
        let answer = client.answer().unwrap();
        let (status, text) = answer.text();
        assert!(status == 431 && text.starts_with(says), "{answer:?}");
        assert!(client.is_closed());
    }
    // The first request of a connection, and any other, have to come in time once they have begun.
    let mut client = served.client();
    client.send("GET /hea");
    client.is_told_and_closed(408, LATE);
    let mut client = served.client();
    for _ in 0..2 {
        assert_eq!(client.ask(HEALTH).status, 200);
    }
    client.send("G");
    client.is_told_and_closed(408, LATE);
    // An answer to HEAD has no body.
    let mut client = served.client();
    client.send("HEAD /health HTTP/1.1\r\n");
    client.is_told_and_closed(408, "");
    // A body has its own, and its client is told.
    let mut client = served.client();
    client.send(post("1.1", "Content-Length: 100\r\n", b"1"));
    let answer = client.answer().unwrap();
    assert_eq!(answer.status, 408, "{answer:?}");
    assert!(client.is_closed());
}

/// What ends in its midst is no request, and whoever still reads is told. An empty line is nothing, as the end of a body
/// that old clients send. Who asks, and then ends its sending, has its answer.
#[test]
fn a_head_that_ends_too_early_is_the_clients_fault() {
    let served = Served::new(&[]);
    let cut = "the head of the request ended before its empty line; send it whole, then close";
    for before in ["", HEALTH] {
        for half in ["G", "GET /health HTTP/1.1\r\nHost: h\r\n", "\r\n\r\n"] {
            let mut client = served.client();
            client.send([before, half].concat());
            client.stream.shutdown(Shutdown::Write).unwrap();
            // What it asked before is answered.
            if !before.is_empty() {
                assert_eq!(client.answer().unwrap().text(), (200, "OK"));
            }
            client.is_told_and_closed(400, cut);
        }
        let mut client = served.client();
        client.send([before, "\r\n"].concat());
        client.stream.shutdown(Shutdown::Write).unwrap();
        if !before.is_empty() {
            assert_eq!(client.answer().unwrap().text(), (200, "OK"));
        }
        assert!(client.is_closed());
    }
}

/// The next request has its time from its first byte on, also when that came with the end of the one before.
#[test]
fn a_head_that_comes_with_the_request_before_it_has_its_time() {
    let served = Served::new(&["receive.timeout.ms", "100"]);
    let chunk = format!("{:x}\r\n", keys(2).len());
    let chunk = [chunk.as_bytes(), &keys(2), b"\r\n0\r\n\r\n"].concat();
    let chunked = post("1.1", "Transfer-Encoding: chunked\r\n", &chunk);
    for whole in [HEALTH.as_bytes(), &sized(&keys(2)), &chunked] {
        for half in [
            "G",
            "GET /hea",
            "GET /health HTTP/1.1\r\nHost: h\r\n",
            "\r\n\r\n",
        ] {
            let mut client = served.client();
            client.send([whole, whole, half.as_bytes()].concat());
            for _ in 0..2 {
                assert_eq!(client.answer().unwrap().status, 200);
            }
            client.is_told_and_closed(408, LATE);
        }
    }
    // An empty line is no request.
    let mut client = served.client();
    client.send([HEALTH.as_bytes(), b"\r\n"].concat());
    for _ in 0..2 {
        assert_eq!(client.answer().unwrap().text(), (200, "OK"));
        client.send(HEALTH);
    }
    assert_eq!(client.answer().unwrap().text(), (200, "OK"));
}

#[test]
fn half_a_head_holds_up_no_stop() {
    let Served { harness, store } = Served::new(&["receive.timeout.ms", "3600000"]);
    let mut clients = Vec::new();
    for beginning in ["G", "GET /health HTTP/1.1\r\nHost: venice\r\n"] {
        // As the first of its connection, and behind an answer.
        let mut client = Http1::of(connect(harness.address(), None));
        client.send(beginning);
        clients.push(client);
        let mut client = Http1::of(connect(harness.address(), None));
        assert_eq!(client.ask(HEALTH).status, 200);
        client.send(beginning);
        clients.push(client);
    }
    let stopping = std::thread::spawn(move || harness.server.stop(HANG));
    for client in &mut clients {
        assert!(client.is_closed());
    }
    assert!(stopping.join().unwrap());
    drop(store);
}
