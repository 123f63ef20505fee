//! All that a Fast Client asks a server for over HTTP, on one connection, each request written out as it is on the wire:
//! frames of HTTP/2, and lines of HTTP/1.1. Nothing of a request is made by code of ours.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::TcpStream;

use harness::compute::{serving, v1, V1};
use harness::http1::Http1;
use harness::raw::{
    connect, frame, literal, Raw, DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM,
};
use harness::{store, HANG};
use venice_catalog::Store;
use venice_engine::Registry;
use venice_proto::{StoreMetadataServiceClient, StoreRequest};

/// The keys `first` (index 0, partition 0), and `none` (index 1, partition 1).
const KEYS: &[u8] = b"\x00\x0Afirst\x00\x02\x08none\x02";
/// A projection of the field `name`: no operations, and a result schema of 71 bytes.
const PROJECTION: &[u8] = b"\x00\
    \x8E\x01{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"name\",\"type\":\"string\"}]}";

/// What is asked, and what comes back.
struct Exchange {
    method: &'static str,
    path: &'static str,
    fields: &'static [(&'static str, &'static str)],
    request: Vec<u8>,
    status: u16,
    content_type: &'static str,
    schema: i32,
    rcu: u32,
    answer: Vec<u8>,
}

fn get(path: &'static str, content_type: &'static str, schema: i32, answer: &[u8]) -> Exchange {
    Exchange {
        method: "GET",
        path,
        fields: &[],
        request: Vec::new(),
        status: 200,
        content_type,
        schema,
        rcu: 1,
        answer: answer.to_vec(),
    }
}

/// Everything, in the order of a client that starts; `metadata` is what the store's is.
fn exchanges(value: &[u8], metadata: &[u8]) -> Vec<Exchange> {
    const AVRO: &str = "avro/binary";
    let batch: &[(&str, &str)] = &[("X-VENICE-API-VERSION", "1"), ("X-VENICE-KEY-COUNT", "2")];
    let compute: &[(&str, &str)] = &[
        ("X-VENICE-API-VERSION", "3"),
        ("X-VENICE-KEY-COUNT", "2"),
        ("X-VENICE-COMPUTE-VALUE-SCHEMA-ID", "-1"),
    ];
    let length = 2 * value.len() as u8;
    // A record of the key 0, of a value of schema 1.
    let record = [&[0, length], value, &[2]].concat();
    vec![
        get("/health", "text/plain", -1, b"OK"),
        get("/metadata/store", AVRO, 4, metadata),
        get(
            "/dictionary/store/2",
            "application/octet-stream",
            -1,
            &[1, 2, 3],
        ),
        Exchange {
            status: 404,
            ..get("/dictionary/store/1", "application/octet-stream", -1, b"")
        },
        get("/storage/store_v1/0/Zmlyc3Q=?f=b64", AVRO, 1, value),
        Exchange {
            status: 404,
            ..get("/storage/store_v1/1/bm9uZQ==?f=b64", AVRO, -1, b"")
        },
        Exchange {
            method: "POST",
            fields: batch,
            request: KEYS.to_vec(),
            rcu: 2,
            ..get("/storage/store_v1", AVRO, 1, &record)
        },
        Exchange {
            method: "POST",
            fields: compute,
            request: [PROJECTION, KEYS].concat(),
            rcu: 2,
            // The key 0, and 7 bytes, which are a string of 6.
            ..get("/compute/store_v1", AVRO, 1, b"\x00\x0E\x0Citem 1")
        },
    ]
}

fn lines(asked: &Exchange) -> Vec<u8> {
    let fields: String = asked
        .fields
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = match asked.method {
        "POST" => format!("Content-Length: {}\r\n", asked.request.len()),
        _ => String::new(),
    };
    let (method, path) = (asked.method, asked.path);
    let head = format!("{method} {path} HTTP/1.1\r\nHost: venice\r\n{fields}{length}\r\n");
    [head.as_bytes(), &asked.request].concat()
}

fn frames(stream: u32, asked: &Exchange) -> Vec<u8> {
    // The method, and http, both of HPACK's static table.
    let mut block = match asked.method {
        "POST" => vec![0x83, 0x86],
        _ => vec![0x82, 0x86],
    };
    block.extend(literal(b":path", asked.path.as_bytes()));
    for (name, value) in asked.fields {
        let name = name.to_ascii_lowercase();
        block.extend(literal(name.as_bytes(), value.as_bytes()));
    }
    match asked.method {
        "POST" => [
            frame(HEADERS, END_HEADERS, stream, &block),
            frame(DATA, END_STREAM, stream, &asked.request),
        ]
        .concat(),
        _ => frame(HEADERS, END_HEADERS | END_STREAM, stream, &block),
    }
}

/// The status, and the body.
fn answer(client: &mut Raw<TcpStream>, of: u32) -> (u16, Vec<u8>) {
    let (mut status, mut body) = (0, Vec::new());
    loop {
        let next = client.next().unwrap().expect("the connection ended");
        if next.stream != of {
            continue;
        }
        match next.kind {
            HEADERS => {
                status = match next.payload[0] {
                    0x88 => 200,
                    0x8d => 404,
                    _ => panic!("another status: {:?}", next.payload),
                }
            }
            DATA => body.extend(&next.payload),
            RST_STREAM => panic!("the stream was reset"),
            _ => continue,
        }
        if next.flags & END_STREAM != 0 {
            return (status, body);
        }
    }
}

#[tokio::test]
async fn everything_that_is_asked_for_is_answered_over_both_protocols() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let value = v1("item 1", &[1.0, 2.0], &["a", "b"]);
    store.put(0, b"first", 1, &value);
    let description = format!(
        r#"{{"name": "store", "currentVersion": 1, "storageNodeReadQuotaEnabled": true, "readComputeEnabled": true,
            "versions": [{{"number": 1, "partitionCount": 2}},
                {{"number": 2, "partitionCount": 2, "compression": "ZSTD_WITH_DICT", "dictionary": "AQID"}}],
            "keySchemas": {{"1": "\"bytes\""}}, "valueSchemas": {{"1": {schema:?}}},
            "routing": {{"replicas": {{"0": ["http://h:1"], "1": ["http://h:1"]}}, "helixGroups": {{"http://h:1": 0}}}}}}"#,
        schema = V1.replace('\n', " "),
    );
    let described = Store::from_json(description.as_bytes()).unwrap();
    let harness = serving(&registry, described, &["http.requests", "all"]);

    let endpoint = format!("http://{}", harness.address());
    let channel = tonic::transport::Endpoint::try_from(endpoint).unwrap();
    let channel = channel.timeout(HANG).connect().await.unwrap();
    let request = StoreRequest {
        store_name: "store".to_owned(),
    };
    let told = StoreMetadataServiceClient::new(channel)
        .metadata(request)
        .await;
    // Its bytes are compared with those of Java in tests/parity.
    let metadata = told.unwrap().into_inner().data;
    assert!(metadata.len() > V1.len());

    let mut http2 = Raw::hello(connect(harness.address(), None), &[]);
    let mut http1 = Http1::of(connect(harness.address(), None));
    for (turn, asked) in exchanges(&value, &metadata).iter().enumerate() {
        let path = asked.path;
        let stream = 2 * turn as u32 + 1;
        http2.send(&frames(stream, asked)).unwrap();
        let told = answer(&mut http2, stream);
        assert_eq!(told, (asked.status, asked.answer.clone()), "{path}");

        let told = http1.ask(lines(asked));
        assert_eq!(told.status, asked.status, "{path}");
        assert_eq!(told.body, asked.answer, "{path}");
        let fields = [
            format!("content-length: {}", asked.answer.len()),
            format!("content-type: {}", asked.content_type),
            "x-venice-compression-strategy: 0".to_owned(),
            format!("x-venice-rcu: {}", asked.rcu),
            format!("x-venice-schema-id: {}", asked.schema),
        ];
        assert_eq!(told.fields, fields, "{path}");
    }
}
