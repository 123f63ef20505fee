//! Which store versions are read: every way of reading counts for the version that it read, and for no other.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::compute::{asked, description, scores, serving, v1, ComputeClient};
use harness::{batch_request, store, Harness, HANG, KEY_NOT_FOUND, OK};
use tokio::time::timeout;
use tonic::codegen::tokio_stream::iter;
use tonic::transport::Endpoint;
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_proto::protocols::CountByValueRequest;
use venice_proto::{
    ReadComputeServiceClient, StreamingBatchGetRequest, StreamingComputeRequest,
    StreamingReadServiceClient,
};

/// Reads of `store_v1`, of which there are more at each call; those of `store_v2` do not change.
struct Seen<'a> {
    harness: &'a Harness,
    reads: u64,
}

impl Seen<'_> {
    /// Whether there was a read since the last call.
    fn grew(&mut self) -> bool {
        let looked = self.harness.server.version_reads();
        let names: Vec<&str> = looked.iter().map(|one| &*one.store_version).collect();
        assert_eq!(names, ["store_v1", "store_v2"]);
        assert_eq!((looked[1].reads, looked[1].last_read), (0, None));
        assert_eq!(looked[0].last_read.is_some(), looked[0].reads > 0);
        std::mem::replace(&mut self.reads, looked[0].reads) < looked[0].reads
    }
}

#[tokio::test]
async fn every_way_of_reading_is_a_read_of_its_version() {
    let registry = Registry::new();
    let (first, second) = (store(&registry, "store_v1"), store(&registry, "store_v2"));
    for store in [&first, &second] {
        store.put(0, b"key", 1, &v1("name", &[1.0], &[]));
        store.flush(0);
    }
    let harness = serving(
        &registry,
        description(Compression::NoOp),
        &["metrics.enabled", "false"],
    );
    let mut seen = Seen {
        harness: &harness,
        reads: 0,
    };
    let mut client = harness.client().await;
    let endpoint = format!("http://{}", harness.address());
    let channel = Endpoint::try_from(endpoint)
        .unwrap()
        .connect()
        .await
        .unwrap();
    assert!(!seen.grew());

    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
    assert!(seen.grew(), "a get");
    let missing = client.get("store_v1", 0, b"none").await;
    assert_eq!(missing.error_code, KEY_NOT_FOUND);
    assert!(seen.grew(), "a get that finds nothing");
    // On the connection's thread, and on a disk thread.
    for keys in [3, 100] {
        let batch = vec![(0, &b"key"[..]); keys];
        assert_eq!(client.batch_get("store_v1", &batch).await.error_code, OK);
        assert!(seen.grew(), "a batch of {keys} keys");
    }

    let streamed = StreamingBatchGetRequest {
        request_id: 1,
        resource_name: "store_v1".to_owned(),
        method: "POST".to_owned(),
        key_bytes: batch_request("store_v1", &[(0, &b"key"[..])]).key_bytes,
    };
    let mut streaming = StreamingReadServiceClient::new(channel.clone());
    let responses = streaming.batch_get(iter([streamed])).await.unwrap();
    let mut responses = responses.into_inner();
    while let Some(response) = timeout(HANG, responses.message()).await.unwrap().unwrap() {
        assert!(response.footer.is_none_or(|footer| footer.error_code == OK));
    }
    assert!(seen.grew(), "a streamed batch");

    let request = asked(&scores(&[1.0]), &[(0, b"key")]);
    let streamed = StreamingComputeRequest {
        request_id: 1,
        resource_name: request.resource_name.clone(),
        method: "POST".to_owned(),
        body: request.body.clone(),
        value_schema_id: -1,
    };
    let mut computing = ComputeClient::connect(&harness).await;
    assert_eq!(computing.compute(request).await.error_code, OK);
    assert!(seen.grew(), "read compute");
    let mut streaming = ReadComputeServiceClient::new(channel);
    let responses = streaming.streaming_compute(iter([streamed])).await.unwrap();
    let mut responses = responses.into_inner();
    while let Some(response) = timeout(HANG, responses.message()).await.unwrap().unwrap() {
        assert!(response.footer.is_none_or(|footer| footer.error_code == OK));
    }
    assert!(seen.grew(), "streaming compute");
    let request = CountByValueRequest {
        keys: vec![b"key".to_vec()],
        resource_name: "store_v1".to_owned(),
        top_k: 1,
        field_names: vec!["name".to_owned()],
    };
    let counted = client.grpc.count_by_value(request).await.unwrap();
    assert_eq!(counted.into_inner().error_code, OK);
    assert!(seen.grew(), "countByValue");

    // What is refused read nothing.
    let quota = harness.server.quota();
    quota.set_store_version("store_v1", 1, 1.0).unwrap();
    let batch = vec![(0, &b"key"[..]); 1000];
    let refused = client.batch_get("store_v1", &batch).await;
    assert_eq!(refused.error_code, 429);
    assert!(!seen.grew());
}
