//! What is told of stores over `StoreMetadataService`, on real connections: answers, texts, rights, limits, deadlines.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::fs;

use bytes::Bytes;
use harness::http2::{framed, grpc, Http2};
use harness::{store_with, Harness, HANG};
use prost::Message;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use venice_catalog::Store;
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{
    DictionaryRequest, NodeHealthRequest, StoreMetadataResponse, StoreMetadataServiceClient,
    StorePropertiesRequest, StoreRequest,
};

const DESCRIPTION: &str = r#"{
    "name": "store", "currentVersion": 2, "storageNodeReadQuotaEnabled": true,
    "versions": [{"number": 1, "partitionCount": 1},
        {"number": 2, "partitionCount": 2, "compression": "ZSTD_WITH_DICT", "dictionary": "AQID"}],
    "keySchemas": {"1": "\"int\""}, "valueSchemas": {"1": "\"long\"", "2": "\"string\""},
    "routing": {"replicas": {"0": ["http://h:1"], "1": ["http://h:1"]}, "helixGroups": {"http://h:1": 0}},
    "properties": {"schemaVersion": 47, "avro": "/w=="}
}"#;

fn described() -> Store {
    Store::from_json(DESCRIPTION.as_bytes()).unwrap()
}

struct Client(StoreMetadataServiceClient<Channel>);

impl Client {
    async fn of(harness: &Harness) -> Client {
        let endpoint = Endpoint::try_from(format!("http://{}", harness.address())).unwrap();
        let channel = endpoint.timeout(HANG).connect().await.unwrap();
        Client(StoreMetadataServiceClient::new(channel).max_decoding_message_size(1 << 26))
    }

    async fn metadata(&mut self, store: &str) -> Result<StoreMetadataResponse, Status> {
        let store_name = store.to_owned();
        let answer = self.0.metadata(StoreRequest { store_name }).await;
        answer.map(tonic::Response::into_inner)
    }

    async fn dictionary(
        &mut self,
        store: &str,
        version: i32,
    ) -> Result<StoreMetadataResponse, Status> {
        let store_name = store.to_owned();
        let request = DictionaryRequest {
            store_name,
            version,
        };
        let answer = self.0.dictionary(request).await;
        answer.map(tonic::Response::into_inner)
    }

    async fn properties(&mut self, largest: Option<i32>) -> StoreMetadataResponse {
        let request = StorePropertiesRequest {
            store_name: "store".to_owned(),
            largest_known_schema_id: largest,
        };
        self.0.store_properties(request).await.unwrap().into_inner()
    }

    async fn current_version(&mut self, store: &str) -> StoreMetadataResponse {
        let store_name = store.to_owned();
        let answer = self.0.current_version(StoreRequest { store_name }).await;
        answer.unwrap().into_inner()
    }

    async fn health(&mut self) -> StoreMetadataResponse {
        let answer = self.0.health(NodeHealthRequest {}).await;
        answer.unwrap().into_inner()
    }
}

fn refusal(code: u32, text: &str) -> StoreMetadataResponse {
    StoreMetadataResponse {
        error_code: code,
        error_message: text.to_owned(),
        schema_id: -1,
        content_type: "text/plain".to_owned(),
        data: Vec::new(),
    }
}

#[tokio::test]
async fn a_described_store_is_told_and_a_forgotten_one_is_not() {
    let harness = Harness::start(&Registry::new(), &[]);
    let mut client = Client::of(&harness).await;
    let unknown =
        "Failed to populate metadata for store: store due to: Store: store does not exist.";
    assert_eq!(
        client.metadata("store").await.unwrap(),
        refusal(500, unknown)
    );
    harness.server.catalog().put(described()).unwrap();
    let told = client.metadata("store").await.unwrap();
    assert_eq!(
        (told.error_code, told.schema_id, &*told.content_type),
        (200, 4, "avro/binary")
    );
    assert_eq!(told.error_message, "");
    // Current version 2, strategy 3, two partitions; the rest is compared in the unit tests of the room.
    assert_eq!(told.data[..4], [2, 4, 6, 4]);
    assert!(
        told.data.ends_with(&[0xAC, 2, 0]),
        "limit 150, mode 0: {:?}",
        told.data
    );
    assert!(harness.server.catalog().remove("store"));
    assert_eq!(
        client.metadata("store").await.unwrap(),
        refusal(500, unknown)
    );
}

#[tokio::test]
async fn a_store_that_fast_clients_may_not_read_is_refused() {
    let harness = Harness::start(&Registry::new(), &[]);
    let mut store = described();
    store.storage_node_read_quota_enabled = false;
    harness.server.catalog().put(store).unwrap();
    let text = "Fast client is not enabled for store: store, please ensure storage node read quota is enabled for the \
                given store";
    let told = Client::of(&harness).await.metadata("store").await.unwrap();
    assert_eq!(told, refusal(403, text));
}

#[tokio::test]
async fn texts_name_the_cluster_that_a_setting_names() {
    let harness = Harness::start(&Registry::new(), &["stores.cluster", "venice-0"]);
    let mut client = Client::of(&harness).await;
    let text = "Failed to get current version for store: no due to: Store: no does not exist in cluster venice-0";
    assert_eq!(client.current_version("no").await, refusal(500, text));
    harness.server.change("stores.cluster", "venice-1").unwrap();
    assert!(client
        .current_version("no")
        .await
        .error_message
        .ends_with("in cluster venice-1"));
}

#[tokio::test]
async fn a_dictionary_is_that_of_the_description_or_of_the_hosted_version() {
    let registry = Registry::new();
    let state = StoreVersionState {
        compression_strategy: 3,
        compression_dictionary: Some(Bytes::from_static(&[7, 8])),
        ..StoreVersionState::default()
    };
    let _hosted = store_with(&registry, "hosted_v1", &state);
    let _plain = store_with(&registry, "plain_v1", &StoreVersionState::default());
    let harness = Harness::start(&registry, &[]);
    harness.server.catalog().put(described()).unwrap();
    let mut client = Client::of(&harness).await;
    for (store, version, expected) in [
        ("store", 2, Some(&[1, 2, 3][..])),
        ("hosted", 1, Some(&[7, 8][..])),
        ("store", 1, None),
        ("plain", 1, None),
        ("hosted", 2, None),
        ("other", 1, None),
        ("hosted", -1, None),
    ] {
        let told = client.dictionary(store, version).await.unwrap();
        let expected = StoreMetadataResponse {
            error_code: if expected.is_some() { 200 } else { 404 },
            error_message: String::new(),
            schema_id: -1,
            content_type: "application/octet-stream".to_owned(),
            data: expected.unwrap_or_default().to_vec(),
        };
        assert_eq!(told, expected, "{store} {version}");
    }
}

#[tokio::test]
async fn store_properties_have_the_schemas_that_the_client_lacks() {
    let harness = Harness::start(&Registry::new(), &[]);
    harness.server.catalog().put(described()).unwrap();
    let mut client = Client::of(&harness).await;
    let has = |told: &StoreMetadataResponse, text: &[u8]| {
        told.data.windows(text.len()).any(|part| part == text)
    };
    let all = client.properties(None).await;
    assert_eq!(
        (all.error_code, all.schema_id, &*all.content_type),
        (200, 1, "avro/binary")
    );
    assert!(has(&all, b"\"long\"") && has(&all, b"\"string\""));
    // Zero is a number that was sent, and not one that is missing.
    assert!(has(&client.properties(Some(0)).await, b"\"long\""));
    let later = client.properties(Some(1)).await;
    assert!(!has(&later, b"\"long\"") && has(&later, b"\"string\""));
}

#[tokio::test]
async fn health_and_current_version() {
    let harness = Harness::start(&Registry::new(), &[]);
    harness.server.catalog().put(described()).unwrap();
    let mut client = Client::of(&harness).await;
    let well = client.health().await;
    assert_eq!(
        (well.error_code, &*well.content_type, &*well.data),
        (200, "text/plain", &b"OK"[..])
    );
    harness.server.health().set_serving(false);
    let text = "Venice storage node hardware is not healthy!";
    assert_eq!(client.health().await, refusal(500, text));
    let told = client.current_version("store").await;
    assert_eq!(told.error_code, 200);
    assert_eq!(
        told.data,
        br#"{"currentVersion":2,"message":null,"error":false}"#
    );
}

#[tokio::test]
async fn dictionaries_need_access_and_the_others_do_not() {
    // Without TLS nobody has a certificate, and access control lets nobody read.
    let config = venice_server::Config {
        access_control: true,
        ..venice_server::Config::from_pairs(&["bind.address", "127.0.0.1"]).unwrap()
    };
    let clock = std::sync::Arc::<venice_server::internals::runtime::MonotonicClock>::default();
    let harness = Harness::start_with(&Registry::new(), config, clock);
    harness.server.catalog().put(described()).unwrap();
    let mut client = Client::of(&harness).await;
    let refused = client.dictionary("store", 2).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::PermissionDenied, "SSL Required")
    );
    assert_eq!(client.metadata("store").await.unwrap().error_code, 200);
    assert_eq!(client.properties(None).await.error_code, 200);
    assert_eq!(client.current_version("store").await.error_code, 200);
    assert_eq!(client.health().await.error_code, 200);
}

#[tokio::test]
async fn what_is_too_long_is_refused() {
    let harness = Harness::start(&Registry::new(), &["max.response.bytes", "1000"]);
    let mut client = Client::of(&harness).await;
    let long = client.metadata(&"s".repeat(245)).await.unwrap_err();
    assert_eq!(long.code(), Code::InvalidArgument);
    assert!(long.message().contains("may have 232 bytes"), "{long}");
    let request = client.metadata(&"s".repeat(2000)).await.unwrap_err();
    assert_eq!(request.code(), Code::ResourceExhausted);
    assert_eq!(
        request.message(),
        "request of 2003 bytes is larger than the limit of 1024 bytes; the name of a store has 232 bytes at most"
    );
    let mut store = described();
    let large = format!("\"{}\"", "x".repeat(2000));
    store.value_schemas.insert(3, large.into());
    harness.server.catalog().put(store).unwrap();
    let told = client.metadata("store").await.unwrap();
    assert_eq!(told.error_code, 500);
    assert!(
        told.error_message.starts_with("what is told of the store has 2")
            && told.error_message.ends_with(
                "bytes, and an answer may have 1000 (setting max.response.bytes); raise the setting and the client's \
                 maximum inbound message size"
            ),
        "{}",
        told.error_message
    );
    harness
        .server
        .change("max.response.bytes", "100000")
        .unwrap();
    assert_eq!(client.metadata("store").await.unwrap().error_code, 200);
}

#[tokio::test]
async fn a_deadline_that_is_over_ends_the_call() {
    let harness = Harness::start(&Registry::new(), &[]);
    harness.server.catalog().put(described()).unwrap();
    let mut http2 = Http2::connect(harness.address()).await;
    let asked = StoreRequest {
        store_name: "store".to_owned(),
    };
    let asked = framed(0, &asked.encode_to_vec());
    // All is there that the answer needs, and still it is too late.
    for (within, status) in [("0n", "4"), ("1H", "0")] {
        let mut request = grpc("/com.linkedin.venice.rust.protocols.StoreMetadataService/metadata");
        let within = within.parse().unwrap();
        request.headers_mut().insert("grpc-timeout", within);
        let answer = http2.call(request, &asked).await;
        assert_eq!(answer.status().0, status);
    }
}

#[tokio::test]
async fn broken_requests_and_unknown_methods_have_a_status() {
    let harness = Harness::start(&Registry::new(), &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let service = "/com.linkedin.venice.rust.protocols.StoreMetadataService";
    let path = |method: &str| format!("{service}/{method}");
    let broken = http2
        .call(grpc(&path("metadata")), &framed(0, &[0x0A, 9]))
        .await;
    assert_eq!(broken.status().0, "13");
    let nothing = http2.call(grpc(&path("metadata")), &[]).await;
    assert_eq!(
        nothing.status().1,
        "the call ended without a request message"
    );
    let unknown = http2.call(grpc(&path("other")), &framed(0, &[])).await;
    assert_eq!(unknown.status().0, "12");
    let service = service.trim_start_matches('/');
    assert_eq!(
        unknown.status().1,
        format!("Method not found: {service}/other")
    );
    // An empty name is none of a store.
    let empty = http2.call(grpc(&path("metadata")), &framed(0, &[])).await;
    let answer = StoreMetadataResponse::decode(&empty.body[5..]).unwrap();
    assert_eq!(answer.error_code, 500);
}

#[tokio::test]
async fn a_file_describes_stores_and_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.json");
    fs::write(&file, DESCRIPTION).unwrap();
    let path = folder.path().to_str().unwrap();
    let harness = Harness::start(&Registry::new(), &["stores.descriptions", path]);
    let mut client = Client::of(&harness).await;
    assert_eq!(client.metadata("store").await.unwrap().error_code, 200);
    fs::write(&file, "{}").unwrap();
    let refused = harness
        .server
        .change("stores.descriptions", path)
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "setting stores.descriptions: {}: description of store \"\": name is missing; say whose description it is",
            file.display()
        )
    );
    // What was known stays.
    assert_eq!(client.metadata("store").await.unwrap().error_code, 200);
    fs::write(&file, DESCRIPTION.replace("\"store\"", "\"another\"")).unwrap();
    harness.server.change("stores.descriptions", path).unwrap();
    assert_eq!(client.metadata("store").await.unwrap().error_code, 500);
    assert_eq!(client.metadata("another").await.unwrap().error_code, 200);
    fs::write(&file, "{}").unwrap();
    let config =
        venice_server::Config::from_pairs(&["stores.descriptions", path, "port", "0"]).unwrap();
    let error = venice_server::Server::start(config, Registry::new())
        .err()
        .unwrap();
    assert!(error.to_string().contains("name is missing"), "{error}");
}
