//! Result schemas, which any client that computes brings along: what they cost is in proportion to their bytes, whatever
//! way they come.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::compute::{asked, body, description, serving, v1, ComputeClient};
use harness::http2::{framed, grpc, Http2};
use harness::{resident, store};
use prost::Message;
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_proto::StreamingComputeRequest;
use venice_wire::compute_request::ComputeRequest;

const STREAMING: &str = "/com.linkedin.venice.rust.protocols.ReadComputeService/streamingCompute";
const KEY: [(u32, &[u8]); 1] = [(0, b"key")];
/// Each of them took gigabytes, or minutes of a thread that computes, which nothing ended.
const MOST: u64 = 64 << 20;

fn record(name: &str, rest: &str, fields: &str) -> String {
    format!(r#"{{"type":"record","name":"{name}"{rest},"fields":[{fields}]}}"#)
}

/// A name with as many aliases as there is room for.
fn aliases(round: usize) -> String {
    let aliases: Vec<String> = (0..6_000).map(|at| format!("\"a{round}_{at}\"")).collect();
    let aliases = format!(",\"aliases\":[{}]", aliases.join(","));
    record("R", &aliases, r#"{"name":"name","type":"string"}"#)
}

/// Records, each with two defaults that are of the one before it; or with the last that is wrong.
fn defaults(round: usize, last: &str) -> String {
    let of = |at: usize| {
        let field =
            |name: &str| format!(r#"{{"name":"{name}","type":"R{}","default":{{}}}}"#, at - 1);
        let both = match at {
            0 => format!(r#"{{"name":"x{round}","type":"null","default":null}}"#),
            _ => format!("{},{}", field("a"), field("b")),
        };
        format!(
            r#"{{"name":"f{at}","type":{}}}"#,
            record(&format!("R{at}"), "", &both)
        )
    };
    let mut fields: Vec<String> = (0..60).map(of).collect();
    fields.push(format!(
        r#"{{"name":"last","type":"R59","default":{last}}}"#
    ));
    record("R", "", &fields.join(","))
}

#[tokio::test]
async fn a_schema_costs_what_it_has_bytes_whatever_way_it_comes() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let mut unary = ComputeClient::connect(&harness).await;
    let mut http2 = Http2::connect(harness.address()).await;
    let before = resident();
    for round in 0..4 {
        for (schema, code) in [
            (aliases(round), 200),
            (defaults(round, "{}"), 500),
            (defaults(round, "7"), 500),
        ] {
            assert!(schema.len() < 64 * 1024, "{}", schema.len());
            let request = ComputeRequest {
                operations: Vec::new(),
                result_schema: schema.into(),
            };
            let of_unary = unary.compute(asked(&request, &KEY)).await;
            assert_eq!(of_unary.error_code, code, "{}", of_unary.error_message);
            let body = body(&request, &KEY);
            let fields = [("X-VENICE-API-VERSION", "3")];
            let of_http = http2.ask("POST", "/compute/store_v1", &fields, &body).await;
            assert_eq!(u32::from(of_http.head.status().as_u16()), code);
            let message = StreamingComputeRequest {
                request_id: 1,
                body,
                resource_name: "store_v1".to_owned(),
                method: "POST".to_owned(),
                ..Default::default()
            };
            let message = framed(0, &message.encode_to_vec());
            let streamed = http2.call(grpc(STREAMING), &message).await;
            assert_eq!(streamed.status(), ("0", ""));
        }
    }
    let held = resident().saturating_sub(before);
    assert!(held < MOST, "{} MiB", held >> 20);
}
