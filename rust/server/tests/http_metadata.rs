//! What is told of stores over HTTP: the same bytes, statuses and texts as over `StoreMetadataService`.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::http2::{framed, grpc, Answer, Http2};
use harness::Harness;
use prost::Message;
use venice_catalog::Store;
use venice_engine::Registry;
use venice_proto::{
    DictionaryRequest, StoreMetadataResponse, StorePropertiesRequest, StoreRequest,
};

const DESCRIPTION: &str = r#"{
    "name": "store", "currentVersion": 2, "storageNodeReadQuotaEnabled": true,
    "versions": [{"number": 1, "partitionCount": 1},
        {"number": 2, "partitionCount": 2, "compression": "ZSTD_WITH_DICT", "dictionary": "AQID"}],
    "keySchemas": {"1": "\"int\""}, "valueSchemas": {"1": "\"long\"", "2": "\"string\""},
    "routing": {"replicas": {"0": ["http://h:1"], "1": ["http://h:1"]}, "helixGroups": {"http://h:1": 0}},
    "properties": {"schemaVersion": 47, "avro": "/w=="}
}"#;

async fn get(http2: &mut Http2, path: &str) -> Answer {
    http2.ask("GET", path, &[], b"").await
}

/// The same question over gRPC.
async fn told(http2: &mut Http2, method: &str, request: impl Message) -> StoreMetadataResponse {
    let path = format!("/com.linkedin.venice.rust.protocols.StoreMetadataService/{method}");
    let answer = http2
        .call(grpc(&path), &framed(0, &request.encode_to_vec()))
        .await;
    assert_eq!(answer.status(), ("0", ""));
    StoreMetadataResponse::decode(&answer.body[5..]).unwrap()
}

fn assert_same(answer: &Answer, told: &StoreMetadataResponse) {
    assert_eq!(u32::from(answer.head.status().as_u16()), told.error_code);
    assert_eq!(answer.field("content-type"), told.content_type);
    assert_eq!(
        answer.field("x-venice-schema-id"),
        told.schema_id.to_string()
    );
    assert_eq!(
        answer.field("content-length"),
        answer.body.len().to_string()
    );
    assert_eq!(answer.field("x-venice-compression-strategy"), "0");
    assert_eq!(answer.field("x-venice-rcu"), "1");
    let body = if told.error_code == 200 {
        &told.data[..]
    } else {
        told.error_message.as_bytes()
    };
    assert_eq!(answer.body, body);
}

#[tokio::test]
async fn answers_are_those_of_the_service_before_and_after_a_store_is_described() {
    let harness = Harness::start(&Registry::new(), &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    for is_described in [false, true] {
        if is_described {
            let store = Store::from_json(DESCRIPTION.as_bytes()).unwrap();
            harness.server.catalog().put(store).unwrap();
        }
        let store_name = "store".to_owned();
        let request = StoreRequest {
            store_name: store_name.clone(),
        };
        let answer = get(&mut http2, "/metadata/store").await;
        assert_same(
            &answer,
            &told(&mut http2, "metadata", request.clone()).await,
        );
        let status = answer.head.status().as_u16();
        assert_eq!(status, if is_described { 200 } else { 500 });
        assert_eq!(
            answer.field("x-venice-schema-id"),
            if is_described { "4" } else { "-1" }
        );
        let answer = get(&mut http2, "/Current_Version/store").await;
        assert_same(&answer, &told(&mut http2, "currentVersion", request).await);
        for version in [1, 2, 3] {
            let answer = get(&mut http2, &format!("/dictionary/store/{version}")).await;
            let request = DictionaryRequest {
                store_name: store_name.clone(),
                version,
            };
            assert_same(&answer, &told(&mut http2, "dictionary", request).await);
            let is_there = is_described && version == 2;
            let expected: &[u8] = if is_there { &[1, 2, 3] } else { &[] };
            assert_eq!(answer.body, expected);
            assert_eq!(answer.field("content-type"), "application/octet-stream");
        }
        for largest in [None, Some(1)] {
            let path = largest.map_or(String::new(), |id| format!("/{id}"));
            let answer = get(&mut http2, &format!("/store_properties/store{path}")).await;
            let request = StorePropertiesRequest {
                store_name: store_name.clone(),
                largest_known_schema_id: largest,
            };
            // Both tell the time, at different times.
            let told = told(&mut http2, "storeProperties", request).await;
            assert_eq!(
                answer.field("x-venice-schema-id"),
                told.schema_id.to_string()
            );
            assert_eq!(u32::from(answer.head.status().as_u16()), told.error_code);
        }
    }
}

#[tokio::test]
async fn questions_without_a_meaning_are_told_what_is_wrong() {
    let harness = Harness::start(&Registry::new(), &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    for (path, text) in [
        (
            "/metadata",
            "not a valid request for a METADATA action: /metadata",
        ),
        (
            "/dictionary/store",
            "Not a valid request for a DICTIONARY action: /dictionary/store",
        ),
        (
            "/dictionary/store/x",
            "version is \"x\"; send a decimal number: /dictionary/<store>/<version>",
        ),
        (
            "/store_properties",
            "not a valid request for a Store Properties action: /store_properties",
        ),
    ] {
        assert_eq!(get(&mut http2, path).await.text(), (400, text));
    }
    let long = format!("/metadata/{}", "s".repeat(300));
    let answer = get(&mut http2, &long).await;
    assert_eq!(answer.text().0, 400);
    assert!(answer
        .text()
        .1
        .ends_with("and may have 232 bytes; send the name of a store, without a version"));
}

/// A store version that is not here but should be: a router may try another node.
#[tokio::test]
async fn the_current_version_that_is_not_here_is_unavailable() {
    let harness = Harness::start(&Registry::new(), &[]);
    let store = Store::from_json(DESCRIPTION.as_bytes()).unwrap();
    harness.server.catalog().put(store).unwrap();
    let mut http2 = Http2::connect(harness.address()).await;
    for (resource, status) in [("store_v2", 503), ("store_v1", 400), ("other_v2", 400)] {
        let answer = get(&mut http2, &format!("/storage/{resource}/0/key")).await;
        let text = format!("No storage exists for: {resource}");
        assert_eq!(answer.text(), (status, &*text));
    }
}

/// What is told is counted until it was sent, and has the limit of all answers.
#[tokio::test]
async fn answers_have_a_limit() {
    let harness = Harness::start(&Registry::new(), &["max.response.bytes", "20"]);
    let store = Store::from_json(DESCRIPTION.as_bytes()).unwrap();
    harness.server.catalog().put(store).unwrap();
    let mut http2 = Http2::connect(harness.address()).await;
    let answer = get(&mut http2, "/metadata/store").await;
    let (status, text) = answer.text();
    assert_eq!(status, 500);
    assert!(
        text.contains("an answer may have 20 (setting max.response.bytes)"),
        "{text}"
    );
}

/// What one is told the other is, too, to the byte.
#[tokio::test]
async fn answers_have_the_limit_that_they_have_over_grpc() {
    let harness = Harness::start(&Registry::new(), &[]);
    let store = Store::from_json(DESCRIPTION.as_bytes()).unwrap();
    harness.server.catalog().put(store).unwrap();
    let mut http2 = Http2::connect(harness.address()).await;
    let request = StoreRequest {
        store_name: "store".to_owned(),
    };
    let largest = told(&mut http2, "metadata", request.clone())
        .await
        .encoded_len();
    for (limit, status) in [(largest, 200), (largest - 1, 500)] {
        let limit = limit.to_string();
        harness.server.change("max.response.bytes", &limit).unwrap();
        let answer = get(&mut http2, "/metadata/store").await;
        assert_eq!(answer.head.status().as_u16(), status);
        assert_same(
            &answer,
            &told(&mut http2, "metadata", request.clone()).await,
        );
    }
}

#[tokio::test]
async fn a_deadline_that_has_passed_is_told() {
    let harness = Harness::start(&Registry::new(), &[]);
    let description = Store::from_json(DESCRIPTION.as_bytes()).unwrap();
    harness.server.catalog().put(description).unwrap();
    let mut http2 = Http2::connect(harness.address()).await;
    for (within, status) in [("0n", 408), ("1H", 200)] {
        let fields = [("grpc-timeout", within)];
        let answer = http2.ask("GET", "/metadata/store", &fields, b"").await;
        assert_eq!(answer.head.status().as_u16(), status);
    }
}
