//! Read compute over a connection: results of values as they lie in the database, whatever they were written with, and why
//! there are none.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use flate2::write::GzEncoder;
use harness::compute::{
    asked, body, compressed, computed, description, result, scores, serving, v1, v2, ComputeClient,
    DICTIONARY, RESULT, V1,
};
use harness::{store, store_with, Harness, OK};
use tonic::Code;
use venice_catalog::Compression;
use venice_engine::{Registry, StoreVersionState};
use venice_metrics::model::Value;
use venice_metrics::Instrument;
use venice_proto::protocols::CountByValueRequest;
use venice_proto::{ReadComputeRequest, ReadComputeResponse};
use venice_server::internals::runtime::MonotonicClock;
use venice_server::Config;
use venice_wire::compute_request::ComputeRequest;
use zstd_safe::CCtx;

/// Keys of both partitions.
const KEYS: [(u32, &[u8]); 5] = [
    (0, b"first"),
    (1, b"second"),
    (0, b"none"),
    (1, b"third"),
    (0, b"first"),
];

fn zstd(value: &[u8]) -> Vec<u8> {
    let mut context = CCtx::create();
    context.load_dictionary(DICTIONARY).unwrap();
    let mut out = vec![0; zstd_safe::compress_bound(value.len())];
    let written = context.compress2(&mut out[..], value).unwrap();
    out.truncate(written);
    out
}

fn gzip(value: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(value).unwrap();
    gzip.finish().unwrap()
}

/// A value as a store version has it.
fn stored(compression: Compression, value: &[u8]) -> Vec<u8> {
    match compression {
        Compression::Gzip => gzip(value),
        Compression::ZstdWithDict => zstd(value),
        _ => value.to_vec(),
    }
}

#[tokio::test]
async fn the_dictionary_is_that_of_the_state_or_else_of_the_description() {
    let strategy = Compression::ZstdWithDict;
    // On disk, in the description; each with the text of a failure.
    for (on_disk, described, refused) in [
        (true, false, ""),
        (false, true, ""),
        (false, false, "neither its state on disk nor"),
    ] {
        let registry = Registry::new();
        let state = StoreVersionState {
            compression_strategy: strategy.id(),
            compression_dictionary: on_disk.then(|| Bytes::from_static(DICTIONARY)),
            ..Default::default()
        };
        let store = store_with(&registry, "store_v1", &state);
        store.put(
            0,
            b"first",
            1,
            &zstd(&v1("item 1", &[1.0, 2.0], &["a", "b"])),
        );
        let mut description = description(strategy);
        if !described {
            description.versions[0].dictionary = None;
        }
        let harness = serving(&registry, description, &[]);
        let mut client = ComputeClient::connect(&harness).await;
        let request = asked(&scores(&[10.0, 1.0]), &[(0, b"first")]);
        let response = client.compute(request).await;
        if refused.is_empty() {
            assert_eq!(response.error_message, "", "{on_disk} {described}");
            assert_eq!(
                computed(&response.records),
                [(0, result("item 1", 12.0, 2))]
            );
        } else {
            assert_eq!(response.error_code, 500);
            assert!(response.error_message.contains(refused), "{response:?}");
        }
    }
}

#[tokio::test]
async fn values_of_all_schemas_compressed_and_in_chunks_have_results_in_order() {
    for compression in [
        Compression::NoOp,
        Compression::Gzip,
        Compression::ZstdWithDict,
    ] {
        for chunked in [false, true] {
            let registry = Registry::new();
            let store = compressed(&registry, compression, chunked);
            let first = stored(compression, &v1("item 1", &[1.0, 2.0], &["a", "b"]));
            let second = stored(compression, &v2(Some("red"), "item 2", &[3.0, 4.0], &[]));
            let third = stored(compression, &v2(None, "item 3", &[0.5, 0.25], &["a"]));
            if chunked {
                store.put_unchunked(0, b"first", 1, &first);
                store.put_chunked(1, b"second", 2, &second, 7, 1);
            } else {
                store.put(0, b"first", 1, &first);
                store.put(1, b"second", 2, &second);
            }
            match chunked {
                true => store.put_unchunked(1, b"third", 2, &third),
                false => store.put(1, b"third", 2, &third),
            }
            let harness = serving(&registry, description(compression), &[]);
            let mut client = ComputeClient::connect(&harness).await;
            let expected = [
                (0, result("item 1", 1.0 * 10.0 + 2.0, 2)),
                (1, result("item 2", 34.0, 0)),
                (3, result("item 3", 5.25, 1)),
                (4, result("item 1", 12.0, 2)),
            ];
            let request = asked(&scores(&[10.0, 1.0]), &KEYS);
            // The second time by kept plans.
            for _ in 0..2 {
                let response = client.compute(request.clone()).await;
                let context = format!("{compression} {chunked}");
                assert_eq!(response.error_message, "", "{context}");
                assert_eq!(computed(&response.records), expected, "{context}");
                let fields = ReadComputeResponse {
                    records: Vec::new(),
                    ..response
                };
                let as_it_is = ReadComputeResponse {
                    schema_id: 1,
                    response_rcu: 5,
                    error_code: OK,
                    ..Default::default()
                };
                assert_eq!(fields, as_it_is);
            }
            // Who asks for streaming is told what is missing.
            let streaming = ReadComputeRequest {
                is_streaming_request: true,
                ..request
            };
            let response = client.compute(streaming).await;
            let records = computed(&response.records);
            assert_eq!(records.len(), 5);
            assert_eq!(records[2], (-2, vec![]));
            assert!(response.is_streaming_response);
        }
    }
}

#[tokio::test]
async fn values_are_read_by_the_schema_that_is_asked_for_or_the_superset_or_the_latest() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 2, &v2(Some("red"), "item", &[], &[]));
    let mut known = description(Compression::NoOp);
    let harness = serving(&registry, known.clone(), &[]);
    let mut client = ComputeClient::connect(&harness).await;
    // A projection of a field that only the second schema has.
    let color = ComputeRequest {
        operations: Vec::new(),
        result_schema: r#"{"type":"record","name":"R","fields":[
            {"name":"color","type":["null","string"],"default":null}]}"#
            .into(),
    };
    let request = |value_schema_id| ReadComputeRequest {
        value_schema_id,
        ..asked(&color, &[(0, b"key")])
    };
    let red = [(0, b"\x02\x06red".to_vec())];
    for latest in [0, -1, 2] {
        let response = client.compute(request(latest)).await;
        assert_eq!(computed(&response.records), red, "{latest}");
    }
    let without = (
        500,
        "The result field color is not a field in value schema or an operation result schema."
            .to_owned(),
    );
    assert_eq!(client.refusal(request(1)).await, without);
    // From now on the first is the one that has all fields.
    known.superset_schema_id = Some(1);
    harness.server.catalog().put(known).unwrap();
    assert_eq!(client.refusal(request(0)).await, without);
    let response = client.compute(request(2)).await;
    assert_eq!(computed(&response.records), red);
    let unknown = client.refusal(request(7)).await;
    assert_eq!(
        unknown,
        (
            500,
            "the store \"store\" has no value schema with the id 7; ask with the id of one that it has, or hand the \
             server a description that has it (docs/metadata.md)"
                .to_owned()
        )
    );
}

#[tokio::test]
async fn a_schema_of_the_same_id_that_is_another_one_makes_another_plan() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let mut client = ComputeClient::connect(&harness).await;
    let name = ComputeRequest {
        operations: Vec::new(),
        result_schema: r#"{"type":"record","name":"R","fields":[{"name":"name","type":"string"}]}"#
            .into(),
    };
    let request = ReadComputeRequest {
        value_schema_id: 1,
        ..asked(&name, &[(0, b"key")])
    };
    for _ in 0..2 {
        let response = client.compute(request.clone()).await;
        assert_eq!(computed(&response.records), [(0, b"\x08item".to_vec())]);
    }
    // The store was deleted and made anew: its first field is another one.
    let mut anew = description(Compression::NoOp);
    let other = V1.replace(r#""name":"name","type""#, r#""name":"title","type""#);
    anew.value_schemas.insert(1, other.into());
    harness.server.catalog().put(anew).unwrap();
    let (code, text) = client.refusal(request).await;
    assert_eq!(code, 500);
    assert!(
        text.starts_with("The result field name is not a field"),
        "{text}"
    );
}

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
async fn many_keys_of_many_slices_have_their_results() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let vector = |row: u32| vec![row as f32; 64];
    for row in 0..3000u32 {
        // Of two schemas, in turn.
        let value = match row % 3 {
            0 => v2(Some("red"), &row.to_string(), &vector(row), &[]),
            _ => v1(&row.to_string(), &vector(row), &[]),
        };
        let schema = if row % 3 == 0 { 2 } else { 1 };
        store.put((row % 2) as i32, &row.to_be_bytes(), schema, &value);
    }
    store.flush(0);
    let harness = serving(
        &registry,
        description(Compression::NoOp),
        &["compute.turn.us", "100"],
    );
    let mut client = ComputeClient::connect(&harness).await;
    let keys: Vec<(u32, [u8; 4])> = (0..3000u32)
        .map(|row| (row % 2, row.to_be_bytes()))
        .collect();
    let keys: Vec<(u32, &[u8])> = keys.iter().map(|(of, key)| (*of, &key[..])).collect();
    let response = client.compute(asked(&scores(&[1.0; 64]), &keys)).await;
    assert_eq!(response.error_message, "");
    let expected: Vec<(i32, Vec<u8>)> = (0..3000)
        .map(|row| (row, result(&row.to_string(), 64.0 * row as f32, 0)))
        .collect();
    assert!(computed(&response.records) == expected);
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
