//! What answers repeat of a client's text: its beginning. A text of 9,000 bytes in `grpc-message` makes
//! grpc-java end every call of the connection, as its limit for headers is 8 KiB.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::http2::{framed, grpc, Answer as Answered, Http2, GET};
use harness::{get_request, store, Harness};
use prost::Message;
use venice_engine::Registry;
use venice_proto::{
    StreamingBatchGetRequest, StreamingBatchGetResponse, VeniceClientRequest, VeniceServerResponse,
};
use venice_server::internals::config::{AccessSettings, Limits, RefillPolicy};
use venice_server::internals::policy::{Decision, Principal, Quota};
use venice_server::internals::read_path::{Admission, AdmissionStep, ReadPath};
use venice_server::internals::response::Place;
use venice_server::internals::runtime::ManualClock;
use venice_server::internals::services::reflection;
use venice_server::internals::transport::PeerIdentity;
use venice_server::{Access, AccessResult, Config};
use venice_wire::echoed::MESSAGE_BYTES;

const STREAM: &str = "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";

/// Bytes of each text: more than a client's limit for headers.
const LONG: usize = 9000;

/// What a text may be made of: as it is, what `grpc-message` escapes, what quotes escape, and what has
/// several bytes.
const CHARACTERS: [char; 6] = ['!', '%', '\0', '"', '\u{e4}', '\u{1f600}'];

fn long(character: char) -> String {
    character.to_string().repeat(LONG / character.len_utf8())
}

/// A status whose text is short, says so, and is of the right kind.
fn assert_short(answer: &Answered, status: &str, what: &str) {
    let (code, text) = answer.status();
    assert_eq!(code, status, "{what}: {text}");
    assert!(text.len() <= MESSAGE_BYTES, "{what}: {} bytes", text.len());
    let says_so = text.contains("(the first 200 of ") || text.contains("(the first 19");
    assert!(says_so, "{what}: {text}");
}

async fn called(http2: &mut Http2, message: &VeniceClientRequest) -> Answered {
    let message = framed(0, &message.encode_to_vec());
    http2.call(grpc(GET), &message).await
}

#[tokio::test]
async fn texts_in_a_status_are_cut() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let get = get_request("store_v1", 0, b"key");
    for character in CHARACTERS {
        let text = long(character);
        for key_string in [
            format!("!{}?f=b64", text.replace('%', "*")),
            format!("{}%", text.replace('%', "*")),
            format!("{}%zz", text.replace('%', "*")),
        ] {
            let request = VeniceClientRequest {
                key_string,
                ..get.clone()
            };
            assert_short(&called(&mut http2, &request).await, "2", "a key string");
        }
        let request = VeniceClientRequest {
            resource_name: format!("{text}_v1"),
            ..get.clone()
        };
        assert_short(&called(&mut http2, &request).await, "3", "a resource name");
        let request = VeniceClientRequest {
            method: text,
            ..get.clone()
        };
        assert_short(&called(&mut http2, &request).await, "3", "a method");
    }
    // What HTTP/2 itself lets pass in these.
    let path = format!("/{}", "x".repeat(LONG));
    assert_short(&http2.call(grpc(&path), b"").await, "12", "a path");
    for value in ["!", "\\", "\u{e4}"] {
        let mut call = grpc(GET);
        let value = http::HeaderValue::from_bytes(value.repeat(LONG / 2).as_bytes()).unwrap();
        call.headers_mut().insert("grpc-timeout", value);
        assert_short(&http2.call(call, b"").await, "13", "a time-out");
    }
    // The connection is as good as before.
    assert_eq!(called(&mut http2, &get).await.status(), ("0", ""));
}

#[tokio::test]
async fn texts_in_an_answer_are_cut() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &["reflection", "true"]);
    harness.server.quota().set_node(1000).unwrap();
    let mut http2 = Http2::connect(harness.address()).await;

    // The longest names that pass the door come back whole: they have a bound.
    let unknown = format!("{}_v1", "s".repeat(241));
    let answer = called(&mut http2, &get_request(&unknown, 0, b"key")).await;
    let response = VeniceServerResponse::decode(&answer.body[5..]).unwrap();
    assert_eq!(response.error_code, 400);
    let text = format!("Invalid request resource: {unknown}");
    assert_eq!(response.error_message, text);

    for character in CHARACTERS {
        let request = StreamingBatchGetRequest {
            request_id: 7,
            resource_name: long(character),
            method: "POST".to_owned(),
            ..Default::default()
        };
        let message = framed(0, &request.encode_to_vec());
        let answer = http2.call(grpc(STREAM), &message).await;
        assert_eq!(answer.status().0, "0");
        let response = StreamingBatchGetResponse::decode(&answer.body[5..]).unwrap();
        let footer = response.footer.unwrap();
        assert_eq!((response.request_id, footer.error_code), (7, 400));
        let text = footer.error_message;
        assert!(text.contains("resourceName"), "{text}");
        assert!(text.len() < 1200, "{} bytes", text.len());

        // `file_containing_symbol`, as long as a question may be. The answer has the question in it.
        let symbol = character.to_string().repeat(4000 / character.len_utf8());
        let length = symbol.len() as u16;
        let head = [4 << 3 | 2, length as u8 | 0x80, (length >> 7) as u8];
        let question = [&head, symbol.as_bytes()].concat();
        let framed = framed(0, &question);
        let answer = http2.call(grpc(reflection::V1), &framed).await;
        assert_eq!(answer.status().0, "0");
        let beside = answer.body.len() - question.len();
        assert!(beside < 1300, "{beside} bytes beside the question");
    }
}

#[test]
fn what_the_access_controller_threw_is_cut() {
    let clock = Arc::new(ManualClock::default());
    let how = RefillPolicy {
        interval_millis: 1000,
        capacity_multiple: 1,
    };
    let quota = Quota::new(how, 1, clock.clone());
    let access = Access::new(AccessSettings::default(), clock);
    let mut peer = PeerIdentity::without_certificate("127.0.0.1:1".parse().unwrap());
    peer.certificate = Some(Arc::from(&b"certificate"[..]));
    let principal = Principal::new(peer.certificate.clone(), true);
    let asked = access.decide(&principal, "store_v1", "GET");
    assert!(matches!(asked, Decision::Unknown(_)));
    let question = access.try_next_question().unwrap();
    question.answer(AccessResult::Failed(long('\u{e4}').into()));
    let admission = Admission {
        access: Some((&access, &principal)),
        quota: &quota,
        is_retry: false,
        batches_wait: false,
    };
    let read_path = ReadPath::new(Registry::new(), &Limits::of(&Config::default()));
    let request = get_request("store_v1", 0, b"key").encode_to_vec();
    let AdmissionStep::Decided(Err(refused)) =
        read_path.admit(&request, &admission, &mut Place::apart())
    else {
        panic!("was not refused");
    };
    let status = refused.into_reply().unwrap_err();
    let text = format!("{} (the first 200 of 9000 bytes)", "\u{e4}".repeat(100));
    assert_eq!(status.message, text);
}
