//! What is counted of read compute, by Venice's names: operations of each kind, and what decoding, computing and encoding took.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::compute::{
    asked, body, compressed, description, gzip, operation, scores, serving, v1, ComputeClient,
};
use harness::{Harness, HANG, OK};
use tokio::time::timeout;
use tonic::codegen::tokio_stream::iter;
use tonic::transport::Endpoint;
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_metrics::model::{Histogram, Summary, Value};
use venice_metrics::Instrument;
use venice_proto::{ReadComputeServiceClient, StreamingComputeRequest};
use venice_wire::compute_request::{ComputeRequest, OperationKind};

const STORE: (&str, &str) = ("venice.store.name", "store");
const TIMES: [Instrument; 3] = [
    Instrument::StorageEngineReadComputeDeserializationTime,
    Instrument::StorageEngineReadComputeExecutionTime,
    Instrument::StorageEngineReadComputeSerializationTime,
];
const ALL: &str = r#"{"type":"record","name":"Result","fields":[
    {"name":"dot","type":["null","float"]},
    {"name":"cosine","type":["null","float"]},
    {"name":"product","type":["null",{"type":"array","items":"float"}]},
    {"name":"number","type":["null","int"]},
    {"name":"__veniceComputationError__","type":{"type":"map","values":"string"}}]}"#;

/// Of the requests that had operations of a kind: how many there were, and what they were counted as.
fn executions(harness: &Harness, operation: &str) -> Option<Summary> {
    let snapshot = harness.server.observed().snapshot(160);
    let metric = snapshot.metric(Instrument::StorageEngineReadComputeExecutionCount)?;
    let of = [STORE, ("venice.read_compute.operation_type", operation)];
    match metric.value(&of)? {
        Value::Summary(summary) => Some(*summary),
        other => panic!("{other:?}"),
    }
}

fn time(harness: &Harness, of: Instrument, attributes: &[(&str, &str)]) -> Histogram {
    let snapshot = harness.server.observed().snapshot(160);
    let metric = snapshot.metric(of).unwrap();
    match metric.value(&[&[STORE], attributes].concat()) {
        Some(Value::Histogram(times)) => times.clone(),
        other => panic!("{of:?}: {other:?}"),
    }
}

#[tokio::test]
async fn operations_are_counted_by_kind_for_each_value_that_was_found() {
    let registry: Arc<Registry> = Registry::new();
    let store = compressed(&registry, Compression::Gzip, false);
    for key in [b"one", b"two"] {
        store.put(0, key, 1, &gzip(&v1("item", &[2.0, 3.0], &["tag"])));
    }
    let harness = serving(&registry, description(Compression::Gzip), &[]);
    let mut client = ComputeClient::connect(&harness).await;
    let keys: [(u32, &[u8]); 3] = [(0, b"one"), (0, b"two"), (0, b"none")];
    let parameter = [1.0, 1.0];
    let all = ComputeRequest {
        operations: vec![
            operation(OperationKind::DotProduct, "vector", &parameter, "dot"),
            operation(
                OperationKind::CosineSimilarity,
                "vector",
                &parameter,
                "cosine",
            ),
            operation(
                OperationKind::HadamardProduct,
                "vector",
                &parameter,
                "product",
            ),
            operation(OperationKind::Count, "tags", &[], "number"),
        ],
        result_schema: ALL.into(),
    };
    let response = client.compute(asked(&all, &keys)).await;
    assert_eq!((response.error_code, &*response.error_message), (OK, ""));
    let one = |sum: f64, count| Summary {
        count,
        sum,
        min: 2.0,
        max: 2.0,
    };
    for kind in [
        "dot_product",
        "cosine_similarity",
        "hadamard_product",
        "count",
    ] {
        assert_eq!(executions(&harness, kind), Some(one(2.0, 1)), "{kind}");
    }
    let response = client.compute(asked(&scores(&parameter), &keys)).await;
    assert_eq!(response.error_code, OK);
    assert_eq!(executions(&harness, "dot_product"), Some(one(4.0, 2)));
    assert_eq!(executions(&harness, "cosine_similarity"), Some(one(2.0, 1)));
    for of in TIMES {
        let times = time(&harness, of, &[]);
        assert_eq!(times.count, 2, "{of:?}");
        assert!(times.sum > 0.0, "{of:?}");
    }
    let unchunked = ("venice.chunking.status", "unchunked");
    assert_eq!(time(&harness, TIMES[0], &[unchunked]).count, 2);

    // What is refused computes nothing, and a request without keys that are here neither.
    let refused = ComputeRequest {
        result_schema: "{".into(),
        ..all
    };
    assert_ne!(client.compute(asked(&refused, &keys)).await.error_code, OK);
    client.compute(asked(&scores(&parameter), &keys[2..])).await;
    assert_eq!(executions(&harness, "dot_product"), Some(one(4.0, 2)));
    assert_eq!(
        time(&harness, TIMES[1], &[]).count,
        3,
        "the second took its time, too"
    );
}

#[tokio::test]
async fn a_streamed_request_is_counted_once_however_many_slices_it_has() {
    let registry: Arc<Registry> = Registry::new();
    let store = compressed(&registry, Compression::NoOp, false);
    let rows: Vec<[u8; 2]> = (0..600u16).map(u16::to_be_bytes).collect();
    for row in &rows {
        store.put(0, row, 1, &v1("item", &[2.0], &[]));
    }
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let keys: Vec<(u32, &[u8])> = rows.iter().map(|row| (0, &row[..])).collect();
    let request = StreamingComputeRequest {
        request_id: 1,
        resource_name: "store_v1".to_owned(),
        method: "POST".to_owned(),
        body: body(&scores(&[1.0]), &keys),
        value_schema_id: -1,
    };
    let endpoint = Endpoint::try_from(format!("http://{}", harness.address())).unwrap();
    let mut client = ReadComputeServiceClient::new(endpoint.connect().await.unwrap());
    let responses = client.streaming_compute(iter([request])).await.unwrap();
    let mut responses = responses.into_inner();
    let mut is_over = false;
    while let Some(response) = timeout(HANG, responses.message()).await.unwrap().unwrap() {
        if let Some(footer) = response.footer {
            assert_eq!(footer.error_code, OK);
            is_over = true;
        }
    }
    assert!(is_over);
    let expected = Summary {
        count: 1,
        sum: 600.0,
        min: 600.0,
        max: 600.0,
    };
    assert_eq!(executions(&harness, "dot_product"), Some(expected));
    assert_eq!(executions(&harness, "hadamard_product"), None);
    assert_eq!(time(&harness, TIMES[1], &[]).count, 1);
}
