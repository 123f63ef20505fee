//! gRPC's rules on top of HTTP/2: heads, flags, one message per call; nothing breaks the
//! connection.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::http2::{framed, grpc, Http2, GET};
use harness::{get_request, store, Harness};
use http::{Method, Request, StatusCode};
use prost::Message;
use venice_engine::Registry;
use venice_proto::VeniceServerResponse;

#[tokio::test]
async fn an_answer_is_one_message_and_trailers() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let request = get_request("store_v1", 0, b"key").encode_to_vec();
    let answer = http2.call(grpc(GET), &framed(0, &request)).await;
    assert_eq!(answer.head.status(), StatusCode::OK);
    let headers: Vec<_> = answer.head.headers().iter().collect();
    assert_eq!(headers.len(), 1, "{headers:?}");
    assert_eq!(answer.head.headers()["content-type"], "application/grpc");
    assert_eq!(answer.status(), ("0", ""));
    assert_eq!(answer.body[..5], framed(0, &answer.body[5..])[..5]);
    let response = VeniceServerResponse::decode(&answer.body[5..]).unwrap();
    assert_eq!(response.data, b"payload");
}

#[tokio::test]
async fn broken_calls_end_with_a_status() {
    let registry = Registry::new();
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let twice = [framed(0, b""), framed(0, b"")].concat();
    for (body, code, message) in [
        (vec![], "13", "the call ended without a request message"),
        (
            vec![0, 0],
            "13",
            "the call ended after 2 of 5 bytes of its request message",
        ),
        (
            vec![0, 0, 0, 0, 9, 1],
            "13",
            "the call ended after 6 of 14 bytes of its request message",
        ),
        (
            twice,
            "13",
            "the call has more than one request message, its method takes one",
        ),
        (
            framed(2, b""),
            "13",
            "malformed gRPC message: flag byte is 2, must be 0 or 1",
        ),
        (
            framed(1, b""),
            "12",
            "compressed requests are not supported; send grpc-encoding identity",
        ),
        (
            framed(0, &[0x0A]),
            "2",
            "cannot parse VeniceClientRequest: message ends inside a field at byte 1",
        ),
    ] {
        let answer = http2.call(grpc(GET), &body).await;
        assert_eq!(answer.status(), (code, message));
        assert_eq!(answer.head.status(), StatusCode::OK);
        assert!(answer.body.is_empty() && answer.trailers.is_none());
    }
}

#[tokio::test]
async fn compression_that_is_refused_names_what_is_taken() {
    let registry = Registry::new();
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let answer = http2.call(grpc(GET), &framed(1, b"")).await;
    assert_eq!(answer.head.headers()["grpc-accept-encoding"], "identity");
}

#[tokio::test]
async fn unknown_methods_are_unimplemented() {
    let registry = Registry::new();
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    for path in [
        "/com.linkedin.venice.protocols.VeniceReadService/put",
        "/other.Service/get",
        "/",
    ] {
        let answer = http2.call(grpc(path), &framed(0, b"")).await;
        assert_eq!(
            answer.status(),
            ("12", &*format!("Method not found: {}", &path[1..]))
        );
    }
}

#[tokio::test]
async fn what_is_not_grpc_gets_an_http_status() {
    let registry = Registry::new();
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let request = |method: Method, content_type: &str| {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://server{GET}"));
        request
            .header("content-type", content_type)
            .body(())
            .unwrap()
    };
    for (method, content_type, status) in [
        (
            Method::GET,
            "application/grpc",
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            Method::POST,
            "application/json",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            Method::POST,
            "application/grpc-web",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (Method::POST, "application/grpc+proto", StatusCode::OK),
        (
            Method::POST,
            "application/grpc;charset=utf-8",
            StatusCode::OK,
        ),
    ] {
        let answer = http2.call(request(method, content_type), b"").await;
        assert_eq!(answer.head.status(), status, "{content_type}");
    }
}
