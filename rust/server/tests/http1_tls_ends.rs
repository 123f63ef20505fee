//! How clients of HTTP/1.1 end their sending over TLS: by saying so, by closing below it, or in the midst of a record. What was
//! asked for whole is answered, and what was cut off is no request.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::SocketAddr;

use harness::http1::{keys, post, HEALTH};
use harness::key_stores::{Files, TlsClient, SERVER};
use harness::{store, Harness, HANG};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use venice_engine::Registry;

#[derive(Clone, Copy, Debug)]
enum End {
    /// close_notify, and FIN behind it.
    Said,
    /// FIN alone.
    Closed,
    /// FIN within a record.
    Cut,
}

/// All that is answered to a client that sends this, and ends so. The server says its end in any case.
async fn answers(address: SocketAddr, request: &[u8], end: End) -> String {
    let client = TlsClient {
        alpn: &[b"http/1.1"],
        ..TlsClient::ANONYMOUS
    };
    let mut tls = client.connect(address).await.unwrap();
    tls.write_all(request).await.unwrap();
    tls.flush().await.unwrap();
    match end {
        End::Said => tls.shutdown().await.unwrap(),
        End::Closed => tls.get_mut().0.shutdown().await.unwrap(),
        End::Cut => {
            // The head of a record of 100 bytes, and one of them.
            let tcp = tls.get_mut().0;
            tcp.write_all(&[23, 3, 3, 0, 100, 0]).await.unwrap();
            tcp.shutdown().await.unwrap();
        }
    }
    let mut answers = Vec::new();
    let all = tls.read_to_end(&mut answers);
    timeout(HANG, all).await.unwrap().unwrap();
    String::from_utf8(answers).unwrap()
}

#[tokio::test]
async fn what_was_asked_is_answered_and_what_was_cut_is_refused() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let files = Files::new();
    let mut settings: Vec<String> = Vec::new();
    for pair in SERVER.chunks(2) {
        settings.push(pair[0].to_owned());
        settings.push(files.setting(pair[1]));
    }
    for one in ["tls.client.auth", "none", "http.requests", "all"] {
        settings.push(one.to_owned());
    }
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let harness = Harness::start(&registry, &settings);
    let ok = "HTTP/1.1 200 OK\r\n";
    let bad = "HTTP/1.1 400 Bad Request\r\n";
    let short = post("1.1", "Content-Length: 1000\r\n", &keys(2));
    let open = [
        format!("{:x}\r\n", keys(2).len()).as_bytes(),
        &keys(2),
        b"\r\n",
    ]
    .concat();
    let open = post("1.1", "Transfer-Encoding: chunked\r\n", &open);
    let cut_head = "the head of the request ended before its empty line";
    let cut_body = "the connection ended before the body was whole";
    for end in [End::Said, End::Closed, End::Cut] {
        for (request, statuses, says) in [
            (&b""[..], &[][..], ""),
            (HEALTH.as_bytes(), &[ok], "OK"),
            (HEALTH.repeat(2).as_bytes(), &[ok, ok], "OK"),
            (b"GET /health HTTP/1.1\r\nHost: h\r\n", &[bad], cut_head),
            ([HEALTH, "GET /"].concat().as_bytes(), &[ok, bad], cut_head),
            (&short, &[bad], cut_body),
            (&open, &[bad], cut_body),
        ] {
            let answered = answers(harness.address(), request, end).await;
            let sent = String::from_utf8_lossy(request);
            let found = answered
                .split_inclusive('\n')
                .filter(|line| line.contains("HTTP/1.1"));
            let found: Vec<&str> = found
                .map(|line| &line[line.find("HTTP/1.1").unwrap()..])
                .collect();
            assert_eq!(found, statuses, "{end:?} {sent:?}");
            let text = answered.rsplit("\r\n\r\n").next().unwrap();
            assert!(text.starts_with(says), "{end:?} {sent:?}: {answered}");
        }
    }
}
