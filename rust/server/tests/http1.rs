//! HTTP/1.1 on the port of the read server, byte by byte: Venice's requests, and what may come of clients that mean
//! no good.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::Write;
use std::net::Shutdown;

use harness::http1::{keys, post, sized, Answer1, Http1, Served, HEALTH};
use harness::http2::{framed, grpc, Http2, GET};
use harness::raw::connect;
use harness::{get_request, records, Harness, HANG};
use prost::Message;
use venice_engine::Registry;

fn found() -> Answer1 {
    let fields = [
        "content-length: 7",
        "content-type: avro/binary",
        "x-venice-compression-strategy: 0",
        "x-venice-rcu: 1",
        "x-venice-schema-id: 7",
    ];
    Answer1 {
        status: 200,
        fields: fields.map(str::to_owned).to_vec(),
        body: b"payload".to_vec(),
    }
}

const GET_KEY: &str = "GET /storage/store_v1/0/a2V5?f=b64 HTTP/1.1\r\nHost: venice\r\n\r\n";

#[test]
fn a_connection_is_used_again_and_again() {
    let served = Served::new(&[]);
    let mut client = served.client();
    for _ in 0..3 {
        assert_eq!(client.ask(GET_KEY), found());
        let missing = client.ask(GET_KEY.replace("a2V5", "bm9uZQ=="));
        assert_eq!(
            (missing.text(), missing.field("x-venice-schema-id")),
            ((404, ""), "-1")
        );
        let batch = client.ask(sized(&keys(3)));
        assert_eq!((batch.status, batch.field("x-venice-rcu")), (200, "3"));
        assert_eq!(records(&batch.body).len(), 3);
        assert_eq!(client.ask(HEALTH).text(), (200, "OK"));
        let wrong = client.ask("GET /storage/store_v1 HTTP/1.1\r\nHost: venice\r\n\r\n");
        assert_eq!(
            wrong.text(),
            (
                400,
                "Not a valid request for a STORAGE action: /storage/store_v1"
            )
        );
    }
    // The form that names the host, as proxies send it.
    let whole = GET_KEY.replace("/storage", "http://venice:1/storage");
    assert_eq!(client.ask(whole), found());
}

#[test]
fn requests_that_come_at_once_are_answered_in_order() {
    let served = Served::new(&[]);
    let mut client = served.client();
    let batch = sized(&keys(2));
    let mut all = Vec::new();
    for _ in 0..50 {
        all.extend(GET_KEY.as_bytes());
        all.extend(&batch);
        all.extend(HEALTH.as_bytes());
    }
    client.send(&all);
    for _ in 0..50 {
        assert_eq!(client.answer().unwrap(), found());
        assert_eq!(records(&client.answer().unwrap().body).len(), 2);
        assert_eq!(client.answer().unwrap().text(), (200, "OK"));
    }
}

#[test]
fn requests_come_in_any_pieces() {
    let served = Served::new(&[]);
    let mut client = served.client();
    let all = [GET_KEY.as_bytes(), &sized(&keys(2))].concat();
    for byte in &all {
        client.send([*byte]);
    }
    assert_eq!(client.answer().unwrap(), found());
    assert_eq!(records(&client.answer().unwrap().body).len(), 2);
}

#[test]
fn bodies_come_in_chunks_and_with_a_question_first() {
    let served = Served::new(&["max.request.bytes", "100000"]);
    let mut client = served.client();
    let body = keys(3000);
    let mut chunked = post("1.1", "Transfer-Encoding: chunked\r\n", b"");
    for piece in body.chunks(999) {
        chunked.extend(format!("{:x}\r\n", piece.len()).as_bytes());
        chunked.extend(piece);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    let answer = client.ask(&chunked);
    assert_eq!((answer.status, answer.field("x-venice-rcu")), (200, "3000"));

    let expect = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", body.len());
    client.send(post("1.1", &expect, b""));
    assert_eq!(client.answer().unwrap().status, 100);
    client.send(&body);
    let answer = client.answer().unwrap();
    assert_eq!((answer.status, answer.field("x-venice-rcu")), (200, "3000"));

    // One that would be refused is refused before it comes.
    client.send(post(
        "1.1",
        "Content-Length: 1000000\r\nExpect: 100-continue\r\n",
        b"",
    ));
    let answer = client.answer().unwrap();
    assert_eq!(answer.status, 413, "{answer:?}");
    assert_eq!(answer.field("connection"), "close");
    assert!(client.is_closed());
    // So is one that never says how long it is.
    let mut client = served.client();
    let mut endless = post("1.1", "Transfer-Encoding: chunked\r\n", b"");
    endless.extend(b"19000\r\n");
    endless.resize(endless.len() + 0x19000, 0);
    client.send(&endless);
    assert_eq!(client.answer().unwrap().status, 413);
}

/// A client that sends half a body and ends is told so, if it still listens.
#[test]
fn a_body_that_is_none_is_the_clients_fault() {
    let served = Served::new(&[]);
    let chunked = |body: &[u8]| post("1.1", "Transfer-Encoding: chunked\r\n", body);
    let long = [b"1;".as_slice(), &[b'x'; 20_000], b"\r\n"].concat();
    for (body, says) in [
        (&b"zz\r\n"[..], "Invalid chunk size line"),
        (b"-1\r\n", "Invalid chunk size line"),
        (b"fffffffffffffffff\r\n", "invalid chunk size: overflow"),
        (b"1\r\nxy\r\n0\r\n\r\n", "Invalid chunk body CR"),
        (b"1\r\nx\r0\r\n\r\n", "Invalid chunk body LF"),
        (b"1\r\nx\r\n0\r\nno field\r\n\r\n", "invalid"),
        (&long, "chunk extensions over limit"),
    ] {
        let mut client = served.client();
        client.send(chunked(body));
        let answer = client.answer().unwrap();
        let (status, text) = answer.text();
        let begins = "the body of the request is malformed: ";
        assert_eq!(status, 400, "{body:?}: {answer:?}");
        assert!(text.starts_with(begins) && text.contains(says), "{text}");
        assert!(text.contains("(RFC 9112, section 7.1)"), "{text}");
        assert_eq!(answer.field("connection"), "close");
        assert!(client.is_closed());
    }
    for half in [
        chunked(b""),
        chunked(b"5\r\nab"),
        chunked(b"1\r\nx\r\n"),
        post("1.1", "Content-Length: 10\r\n", b"half"),
        post("1.1", "Content-Length: 10\r\n", b""),
    ] {
        let mut client = served.client();
        client.send(&half);
        client.stream.shutdown(Shutdown::Write).unwrap();
        if let Some(answer) = client.answer() {
            let (status, text) = answer.text();
            assert_eq!(status, 400, "{half:?}: {text}");
            let begins = "the connection ended before the body was whole: ";
            assert!(text.starts_with(begins), "{text}");
        }
        assert!(client.is_closed());
    }
}

/// Both count what their clients send, and nothing of what the server puts in front of it.
#[test]
fn a_body_of_exactly_the_limit_is_answered() {
    let body = keys(1000);
    let limit = body.len().to_string();
    let served = Served::new(&["max.request.bytes", &limit]);
    let whole = |body: &[u8]| {
        let size = format!("{:x}\r\n", body.len());
        let chunk = [size.as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
        [
            sized(body),
            post("1.1", "Transfer-Encoding: chunked\r\n", &chunk),
        ]
    };
    for request in whole(&body) {
        let answer = served.client().ask(request);
        assert_eq!((answer.status, answer.field("x-venice-rcu")), (200, "1000"));
    }
    for request in whole(&keys(1001)) {
        let answer = served.client().ask(request);
        let (size, text) = (keys(1001).len(), answer.text());
        let begins = format!("request of {size} bytes is larger than the limit of {limit} bytes");
        assert!(text.0 == 413 && text.1.starts_with(&begins), "{text:?}");
    }
}

/// RFC 9112, section 3.2; the rest of a connection does not suffer.
#[test]
fn a_request_names_its_host_once() {
    let served = Served::new(&[]);
    let mut client = served.client();
    let call = framed(0, b"");
    let grpc =
        format!("POST {GET} HTTP/1.1\r\nContent-Type: application/grpc\r\nContent-Length: 5\r\n");
    for (head, body) in [
        ("GET /health HTTP/1.1\r\n".to_owned(), &b""[..]),
        ("GET http://venice/health HTTP/1.1\r\n".to_owned(), b""),
        ("GET / HTTP/1.1\r\n".to_owned(), b""),
        (
            "POST /storage/store_v1 HTTP/1.1\r\nContent-Length: 0\r\n".to_owned(),
            b"",
        ),
        (grpc, &call),
    ] {
        for (hosts, says) in [
            (
                "",
                "the field Host is missing; send it with the name of the host",
            ),
            (
                "Host: a\r\nhost: a\r\n",
                "the field Host is there 2 times; send it once",
            ),
            (
                "Host: a b\r\n",
                "Host is \"a b\"; send the name of the host",
            ),
        ] {
            let request = [format!("{head}{hosts}\r\n").as_bytes(), body].concat();
            let answer = client.ask(request);
            let (status, text) = answer.text();
            assert!(
                status == 400 && text.starts_with(says),
                "{head}: {answer:?}"
            );
        }
    }
    assert_eq!(client.ask(HEALTH).text(), (200, "OK"));
    client.send("HEAD /health HTTP/1.1\r\n\r\n");
    assert_eq!(client.answer_to(false).unwrap().status, 400);
    let old = "GET /health HTTP/1.0\r\n\r\n";
    assert_eq!(served.client().ask(old).text(), (200, "OK"));
}

#[test]
fn other_methods_and_grpc_are_refused() {
    let served = Served::new(&[]);
    let mut client = served.client();
    let answer = client.ask("DELETE /storage/store_v1 HTTP/1.1\r\nHost: venice\r\n\r\n");
    let text =
        "Only able to parse GET or POST requests for actions: storage, health, compute, metadata, dictionary, \
                   store_properties, current_version. Cannot parse \
                request for: /storage/store_v1";
    assert_eq!(answer.text(), (400, text));
    client.send("HEAD /health HTTP/1.1\r\nHost: venice\r\n\r\n");
    assert_eq!(client.answer_to(false).unwrap().status, 400);
    let nowhere = client.ask("GET / HTTP/1.1\r\nHost: venice\r\n\r\n");
    assert_eq!(nowhere.text(), (405, ""));
    let call = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    let head = format!(
        "POST {GET} HTTP/1.1\r\nHost: venice\r\nContent-Type: application/grpc\r\nContent-Length: {}\r\n\r\n",
        call.len()
    );
    let answer = client.ask([head.as_bytes(), &call].concat());
    let text = "gRPC needs HTTP/2: connect with its preface (prior knowledge), or over TLS with h2 by ALPN";
    assert_eq!(answer.text(), (505, text));
}

#[test]
fn a_connection_ends_when_its_client_wants_it() {
    let served = Served::new(&[]);
    let mut client = served.client();
    let last = GET_KEY.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    assert_eq!(client.ask(last).status, 200);
    assert!(client.is_closed());
    let mut client = served.client();
    assert_eq!(
        client.ask(GET_KEY.replace("HTTP/1.1", "HTTP/1.0")).status,
        200
    );
    assert!(client.is_closed());
}

#[tokio::test]
async fn http2_is_spoken_beside_it() {
    let served = Served::new(&[]);
    let mut http2 = Http2::connect(served.harness.address()).await;
    let request = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    assert_eq!(http2.call(grpc(GET), &request).await.status(), ("0", ""));
    let answer = http2.ask("GET", "/storage/store_v1/0/key", &[], b"").await;
    assert_eq!(answer.body, b"payload");
}

/// By default HTTP/1.1 is not spoken: the connection ends at the first byte that HTTP/2 would not begin with.
#[test]
fn it_is_off_unless_a_setting_says_so() {
    let registry = Registry::new();
    for settings in [
        &[][..],
        &["http.requests", "http2"],
        &["http.requests", "off"],
    ] {
        let harness = Harness::start(&registry, settings);
        let mut client = Http1::of(connect(harness.address(), None));
        let _ = client.stream.write_all(HEALTH.as_bytes());
        assert!(client.is_closed());
    }
}

/// Bytes that are no HTTP end the connection, and nothing else.
#[test]
fn what_is_no_http_is_refused() {
    let served = Served::new(&[]);
    for bytes in [
        &b"\0\0\0\0"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nXX",
        b"GET /health HTTP/9.9\r\n\r\n",
        b"POST /storage/store_v1 HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        b"POST /storage/store_v1 HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /storage/store_v1 HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    ] {
        let mut client = served.client();
        client.send(bytes);
        if let Some(answer) = client.answer() {
            assert!((400..506).contains(&answer.status), "{bytes:?}: {answer:?}");
        }
        client.stream.shutdown(Shutdown::Write).unwrap();
        assert!(client.is_closed(), "{bytes:?}");
    }
    assert_eq!(served.client().ask(HEALTH).text(), (200, "OK"));
}

/// Answers that nobody reads are counted, and hold up nobody else.
#[test]
fn answers_that_are_not_read_hold_up_nobody() {
    let served = Served::new(&["worker.threads", "1"]);
    served.store.put(1, b"large", 1, &vec![3; 2_000_000]);
    let get = "GET /storage/store_v1/1/large HTTP/1.1\r\nHost: venice\r\n\r\n";
    let mut idle = Vec::new();
    for _ in 0..64 {
        let mut client = Http1::of(connect(served.harness.address(), Some(4096)));
        client.send(get.repeat(50));
        idle.push(client);
    }
    let mut client = served.client();
    for _ in 0..100 {
        assert_eq!(client.ask(GET_KEY), found());
    }
    // Who reads in the end gets all that was answered, unless the server needed the room.
    drop(idle);
    assert_eq!(client.ask(get).body.len(), 2_000_000);
}

#[test]
fn a_server_that_stops_answers_what_was_asked() {
    // The system may hold up a thread between its look for the end and its look for the rest of the request; then
    // the answer does not say that the connection ends, which it does all the same.
    let said = (0..5).filter(|_| stops_and_answers() == "close").count();
    assert!(said > 0);
}

/// What an answer says of its connection that is made while the server stops.
fn stops_and_answers() -> String {
    let Served { harness, store } = Served::new(&[]);
    let mut quiet = Http1::of(connect(harness.address(), None));
    assert_eq!(quiet.ask(HEALTH).status, 200);
    let mut busy = Http1::of(connect(harness.address(), None));
    assert_eq!(busy.ask(HEALTH).status, 200);
    let body = keys(2);
    // The server has the request when it asks for the rest.
    let expect = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", body.len());
    busy.send(post("1.1", &expect, b""));
    assert_eq!(busy.answer().unwrap().status, 100);
    let stopping = std::thread::spawn(move || harness.server.stop(HANG));
    // The one without a request is closed at once, the other when it is answered.
    assert!(quiet.is_closed());
    busy.send(&body);
    let answer = busy.answer().unwrap();
    assert_eq!(answer.status, 200);
    assert!(busy.is_closed());
    drop(busy);
    // Nor is it waited for who does not close in turn.
    assert!(stopping.join().unwrap());
    drop(quiet);
    drop(store);
    answer.field("connection").to_owned()
}

#[test]
fn a_connection_without_a_request_ends_in_its_time() {
    let served = Served::new(&["max.connection.idle.ms", "50"]);
    let mut client = served.client();
    assert_eq!(client.ask(HEALTH).status, 200);
    assert!(client.is_closed());
}
