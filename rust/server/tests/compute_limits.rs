//! Limits of read compute that are changed while the server runs, and what is said of requests beyond them.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::compute::{asked, computed, description, result, scores, serving, v1, ComputeClient};
use harness::store;
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_wire::compute_request::ComputeRequest;

/// A plan that is kept was made when more was allowed.
#[tokio::test]
async fn limits_that_are_lowered_hold_for_requests_that_came_before_too() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let mut client = ComputeClient::connect(&harness).await;
    let request = || asked(&scores(&[1.0]), &[(0, b"key")]);
    let expected = [(0, result("item", 2.0, 0))];
    let bytes = scores(&[1.0]).result_schema.len();
    let schema = format!(
        "the result schema has {bytes} bytes, and may have {} (setting compute.max.result.schema.bytes)",
        bytes - 1
    );
    for (setting, lower, text) in [
        ("compute.max.result.schema.bytes", bytes - 1, schema),
        (
            "compute.max.operations",
            1,
            "the request has more than 1 operations or fields (setting compute.max.operations)"
                .to_owned(),
        ),
        (
            "compute.max.value.bytes",
            5,
            "the value of key 0 has ".to_owned(),
        ),
    ] {
        harness.server.change(setting, "10000").unwrap();
        // Made, found, and used again.
        for _ in 0..3 {
            let response = client.compute(request()).await;
            assert_eq!(computed(&response.records), expected, "{setting}");
        }
        harness.server.change(setting, &lower.to_string()).unwrap();
        let (_, told) = client.refusal(request()).await;
        assert!(told.starts_with(&text), "{told}");
        harness.server.change(setting, "10000").unwrap();
        let response = client.compute(request()).await;
        assert_eq!(computed(&response.records), expected, "{setting}");
    }
}

#[tokio::test]
async fn schemas_that_are_too_deep_and_names_that_are_too_long_are_told_in_few_words() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let mut client = ComputeClient::connect(&harness).await;
    let of = |kind: &str| {
        format!(r#"{{"type":"record","name":"R","fields":[{{"name":"name","type":{kind}}}]}}"#)
    };
    let (open, close) = (r#"{"type":"array","items":"#.repeat(300), "}".repeat(300));
    let deep = of(&format!(r#"{open}"int"{close}"#));
    let long = of(r#""string""#).replace(
        r#""name","type""#,
        &format!(r#""{}","type""#, "n".repeat(500)),
    );
    for (schema, code, text) in [
        (
            deep,
            500,
            "deep in each other, counted as JSON; define inner ones first".to_owned(),
        ),
        (
            long,
            500,
            format!(
                "The result field {}... (of 500 bytes) is not",
                "n".repeat(200)
            ),
        ),
    ] {
        let request = ComputeRequest {
            operations: Vec::new(),
            result_schema: schema.into(),
        };
        let (found, told) = client.refusal(asked(&request, &[(0, b"key")])).await;
        assert_eq!(found, code);
        assert!(told.contains(&text) && told.len() < 400, "{told}");
    }
}
