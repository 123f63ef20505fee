//! gRPC's channelz: there when the setting says so. What it tells, `tests/interop` reads with gRPC's own client.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::http2::{framed, grpc, Http2};
use harness::Harness;
use venice_engine::Registry;

const SERVICE: &str = "/grpc.channelz.v1.Channelz";

/// gRPC's code, and the message of the answer.
async fn call(http2: &mut Http2, method: &str, message: &[u8]) -> (String, Vec<u8>) {
    let path = format!("{SERVICE}/{method}");
    let answer = http2.call(grpc(&path), &framed(0, message)).await;
    let body = answer.body.get(5..).unwrap_or_default().to_vec();
    (answer.status().0.to_owned(), body)
}

#[tokio::test]
async fn it_is_there_if_the_setting_says_so() {
    let harness = Harness::start(&Registry::new(), &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    assert_eq!(call(&mut http2, "GetServers", b"").await.0, "12");
    harness.server.change("channelz", "true").unwrap();
    let (status, servers) = call(&mut http2, "GetServers", b"").await;
    assert_eq!(status, "0");
    let address = harness.address().to_string();
    let tells = |message: &[u8], text: &str| {
        let mut windows = message.windows(text.len());
        windows.any(|window| window == text.as_bytes())
    };
    assert!(tells(&servers, &address), "where it listens");
    // `server_id` 1.
    let (status, sockets) = call(&mut http2, "GetServerSockets", &[8, 1]).await;
    assert_eq!(status, "0");
    assert!(tells(&sockets, "127.0.0.1:"), "who is connected");
    harness.server.change("channelz", "false").unwrap();
    assert_eq!(call(&mut http2, "GetServers", b"").await.0, "12");
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_is_none_is_refused() {
    let harness = Harness::start(&Registry::new(), &["channelz", "true"]);
    let mut http2 = Http2::connect(harness.address()).await;
    for (method, message, status) in [
        ("GetServer", &[8, 77][..], "5"),
        ("GetSocket", &[8, 77], "5"),
        ("GetChannel", &[8, 1], "5"),
        // `max_results` is -1.
        (
            "GetServerSockets",
            &[8, 1, 24, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            "3",
        ),
        ("GetSocket", &[8], "13"),
        ("GetNothing", b"", "12"),
        // A request is a few numbers.
        ("GetServers", &[0; 300], "8"),
    ] {
        assert_eq!(
            call(&mut http2, method, message).await.0,
            status,
            "{method}"
        );
    }
}
