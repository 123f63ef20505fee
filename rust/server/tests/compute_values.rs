//! Read compute over a connection: results of values as they lie in the database, whatever they were written with.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use bytes::Bytes;
use harness::compute::{
    asked, compressed, computed, description, gzip, result, scores, serving, v1, v2, ComputeClient,
    DICTIONARY, V1,
};
use harness::{store, store_with, OK};
use venice_catalog::Compression;
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{ReadComputeRequest, ReadComputeResponse};
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
