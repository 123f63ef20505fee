//! Read compute over a connection: why there are no results, who may ask, and what is counted and charged.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::compute::{
    asked, body, compressed, computed, description, gzip, result, scores, serving, v1,
    ComputeClient, RESULT,
};
use harness::{store, Harness, OK};
use tonic::Code;
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_metrics::model::Value;
use venice_metrics::Instrument;
use venice_proto::protocols::CountByValueRequest;
use venice_proto::ReadComputeRequest;
use venice_server::internals::runtime::MonotonicClock;
use venice_server::Config;
use venice_wire::compute_request::ComputeRequest;

#[tokio::test]
async fn every_failure_has_venices_code_and_a_text() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    store.put(0, b"bad", 1, b"\x7F");
    store.put(0, b"foreign", 9, b"");
    let settings = [
        "compute.max.operations",
        "3",
        "compute.max.result.schema.bytes",
        "1000",
        "max.batch.keys",
        "4",
    ];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let mut off = description(Compression::NoOp);
    off.name = "off".to_owned();
    off.read_compute_enabled = false;
    harness.server.catalog().put(off).unwrap();
    let _off = harness::store(&registry, "off_v1");
    let _unknown = harness::store(&registry, "unknown_v1");
    let mut client = ComputeClient::connect(&harness).await;
    let key: [(u32, &[u8]); 1] = [(0, b"key")];
    let good = scores(&[1.0]);
    let of = |request: &ComputeRequest<'_>| asked(request, &key);
    let on = |resource: &str| ReadComputeRequest {
        resource_name: resource.to_owned(),
        ..of(&good)
    };
    let with_schema = |schema: &str| ComputeRequest {
        result_schema: schema.to_owned().into(),
        ..good.clone()
    };
    let mut no_field = good.clone();
    no_field.operations[0].field = "nowhere".into();
    let mut many = good.clone();
    many.operations.extend(scores(&[1.0]).operations);
    let cut_off = |bytes: usize| {
        let mut request = of(&good);
        request.body.truncate(bytes);
        request
    };
    let whole = body(&good, &key).len();
    let one = &[(0, &b"key"[..])];
    let cases: Vec<(ReadComputeRequest, u32, &str)> = vec![
        (
            on("off_v1"),
            405,
            "Read compute is not enabled for the store. Please contact Venice team to enable the feature.",
        ),
        (
            on("nobody_v1"),
            500,
            "Internal Error: com.linkedin.venice.exceptions.VeniceNoStoreException: Store: nobody_v1 does not exist.",
        ),
        (
            on("unknown_v1"),
            500,
            "the server has no description of the store of \"unknown_v1\", and so no schemas; hand it one \
             (docs/metadata.md), or ask another server",
        ),
        (
            cut_off(20),
            400,
            "cannot parse body as ComputeRequestV3: the compute request is cut off: it ends at byte 20",
        ),
        (
            cut_off(whole - 1),
            400,
            "cannot parse the keys behind ComputeRequestV3 as ComputeRouterRequestKeyV1 records: key record 0",
        ),
        (
            of(&many),
            400,
            "the request has more than 3 operations or fields (setting compute.max.operations); ask for fewer per \
             request, or raise the setting",
        ),
        (
            of(&with_schema(&format!("{RESULT}{}", " ".repeat(1000)))),
            400,
            "the result schema has 1",
        ),
        (
            asked(&good, &one.repeat(5)),
            400,
            "batch of more than 4 keys (setting max.batch.keys)",
        ),
        (of(&with_schema("{")), 500, "cannot parse the result schema: "),
        (
            of(&with_schema(r#""int""#)),
            500,
            "Compute result schema and value schema must be RECORD type",
        ),
        (
            of(&no_field),
            500,
            "The field nowhere being operated on is not in value schema",
        ),
        (
            // Also where no value is read.
            asked(&no_field, &[]),
            500,
            "The field nowhere being operated on is not in value schema",
        ),
        (
            asked(&good, &[(0, b"key"), (0, b"bad")]),
            500,
            " (key 1)",
        ),
        (
            asked(&good, &[(0, b"foreign")]),
            500,
            "the store \"store\" has no value schema with the id 9",
        ),
        (
            asked(&good, &[(0, b"key"), (7, b"key")]),
            500,
            "Internal Error: com.linkedin.venice.exceptions.",
        ),
    ];
    for (request, code, text) in cases {
        let (found, told) = client.refusal(request).await;
        assert_eq!(found, code, "{told}");
        let same = match text {
            " (key 1)" => told.ends_with(text),
            text => told.starts_with(text),
        };
        assert!(same, "{told:?} is not {text:?}");
    }
    // And the connection goes on.
    let response = client.compute(of(&good)).await;
    assert_eq!(computed(&response.records), [(0, result("item", 2.0, 0))]);
}

#[tokio::test]
async fn an_operation_that_fails_is_in_the_map_of_errors_and_fails_nothing_else() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0, 3.0, 4.0], &[]));
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let mut client = ComputeClient::connect(&harness).await;
    let response = client.compute(asked(&scores(&[1.0]), &[(0, b"key")])).await;
    assert_eq!(response.error_code, OK);
    let records = computed(&response.records);
    let text =
        "Failed to compute because size of dot product parameter is: 1 while the size of value \
                vector(vector) is: 3";
    let found = String::from_utf8_lossy(&records[0].1).into_owned();
    assert!(found.contains(text), "{found}");
}

#[tokio::test]
async fn values_and_answers_have_bounds_that_are_told() {
    let registry = Registry::new();
    let store = compressed(&registry, Compression::Gzip, true);
    let name = "n".repeat(100_000);
    let large = gzip(&v1(&name, &[1.0], &[]));
    let bomb = gzip(&v1(&"b".repeat(20_000_000), &[1.0], &[]));
    assert!(large.len() < 1000 && bomb.len() < 100_000);
    store.put_unchunked(0, b"large", 1, &large);
    store.put_unchunked(0, b"bomb", 1, &bomb);
    let chunked = [7; 300_000];
    store.put_chunked(1, b"chunked", 1, &chunked, 100_000, 1);
    let settings = [
        "compute.max.value.bytes",
        "200000",
        "max.response.bytes",
        "250000",
    ];
    let harness = serving(&registry, description(Compression::Gzip), &settings);
    let mut client = ComputeClient::connect(&harness).await;
    let good = scores(&[1.0]);
    let response = client.compute(asked(&good, &[(0, b"large")])).await;
    assert_eq!(computed(&response.records), [(0, result(&name, 1.0, 0))]);
    for (partition, key) in [(0, &b"bomb"[..]), (1, b"chunked")] {
        let (code, text) = client.refusal(asked(&good, &[(partition, key)])).await;
        assert_eq!(code, 500);
        assert!(text.starts_with("the value of key 0 has "), "{text}");
        let remedy = "and may have 200000 (setting compute.max.value.bytes); read it by a get, or raise the setting";
        assert!(text.ends_with(remedy), "{text}");
    }
    let three: Vec<(u32, &[u8])> = vec![(0, b"large"); 3];
    let (code, text) = client.refusal(asked(&good, &three)).await;
    assert_eq!(code, 500);
    assert!(text.contains("is larger than the limit of 2"), "{text}");
}

#[tokio::test]
async fn without_the_setting_the_methods_do_not_exist() {
    let registry = Registry::new();
    let _store = store(&registry, "store_v1");
    let harness = serving(
        &registry,
        description(Compression::NoOp),
        &["compute.enabled", "false"],
    );
    let mut client = ComputeClient::connect(&harness).await;
    let request = asked(&scores(&[1.0]), &[]);
    let status = client.0.compute(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(
        status.message(),
        "Method not found: com.linkedin.venice.rust.protocols.ReadComputeService/compute"
    );
}

#[tokio::test]
async fn access_is_asked_for_before_anything_else_is_looked_at() {
    let registry = Registry::new();
    let config = Config {
        access_control: true,
        ..Config::from_pairs(&["bind.address", "127.0.0.1"]).unwrap()
    };
    let clock = Arc::<MonotonicClock>::default();
    let harness = Harness::start_with(&registry, config, clock);
    let mut client = ComputeClient::connect(&harness).await;
    // Neither the store nor the operations are good.
    let request = ReadComputeRequest {
        body: vec![1],
        ..asked(&scores(&[1.0]), &[])
    };
    let status = client.0.compute(request).await.unwrap_err();
    let denied = (Code::PermissionDenied, "SSL Required");
    assert_eq!((status.code(), status.message()), denied);
    let mut client = harness.client().await;
    let request = CountByValueRequest {
        resource_name: "store_v1".to_owned(),
        ..Default::default()
    };
    let status = client.grpc.count_by_value(request).await.unwrap_err();
    assert_eq!((status.code(), status.message()), denied);
}

#[tokio::test]
async fn requests_are_counted_by_venices_method_and_code() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let mut client = ComputeClient::connect(&harness).await;
    let keys: [(u32, &[u8]); 3] = [(0, b"key"), (0, b"none"), (1, b"none")];
    let good = asked(&scores(&[1.0]), &keys);
    client.compute(good.clone()).await;
    client.compute(good.clone()).await;
    let refused = ReadComputeRequest {
        body: vec![1],
        ..good
    };
    client.refusal(refused).await;
    let snapshot = harness.server.observed().snapshot(160);
    let count = |of: Instrument, status: Option<&'static str>| {
        let mut attributes = vec![
            ("venice.store.name", "store"),
            ("venice.request.method", "compute"),
        ];
        attributes.extend(status.map(|code| ("http.response.status_code", code)));
        let value = snapshot.metric(of).unwrap().value(&attributes).cloned();
        match value {
            Some(Value::U64(count)) => count,
            other => panic!("{of:?}: {other:?}"),
        }
    };
    assert_eq!(count(Instrument::ReadCallCount, Some("200")), 2);
    assert_eq!(count(Instrument::ReadCallCount, Some("400")), 1);
    assert_eq!(count(Instrument::ReadResponseKeyNotFoundCount, None), 4);
    let call = [
        (
            "grpc.method",
            "com.linkedin.venice.rust.protocols.ReadComputeService/compute",
        ),
        ("grpc.status", "OK"),
    ];
    let calls = snapshot.metric(Instrument::GrpcServerCallDuration).unwrap();
    let Some(Value::Histogram(calls)) = calls.value(&call) else {
        panic!("{calls:?}");
    };
    assert_eq!(calls.count, 3);
}

#[tokio::test]
async fn each_key_is_charged_and_who_has_no_quota_left_is_told_that_alone() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    let mut off = description(Compression::NoOp);
    off.read_compute_enabled = false;
    let harness = serving(&registry, off, &[]);
    let quota = harness.server.quota();
    quota.set_store_version("store_v1", 1, 1.0).unwrap();
    let mut client = ComputeClient::connect(&harness).await;
    let key: Vec<(u32, &[u8])> = vec![(0, b"key"); 5000];
    let refusal = client.refusal(asked(&scores(&[1.0]), &key)).await;
    assert_eq!(refusal, (429, String::new()));
}
