//! Stores whose values something is computed of, requests for that, and what the answers should be.

use std::future::Future;
use std::io::Write;
use std::sync::mpsc::{channel, Sender};
use std::sync::Arc;

use bytes::Bytes;
use flate2::write::GzEncoder;
use parking_lot::Mutex;
use tonic::transport::{Channel, Endpoint};
use venice_catalog::{Compression, Store, Version};
use venice_engine::testing::TestStoreVersion;
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{ReadComputeRequest, ReadComputeResponse, ReadComputeServiceClient};
use venice_wire::compute_records;
use venice_wire::compute_request::{ComputeRequest, Operation, OperationKind};
use venice_wire::key_records::put_key;

use super::{store_with, Harness};

/// The first schema of values.
pub(crate) const V1: &str = r#"{"type":"record","name":"Item","fields":[
    {"name":"name","type":"string"},
    {"name":"vector","type":{"type":"array","items":"float"}},
    {"name":"tags","type":{"type":"array","items":"string"}}]}"#;
/// The second, which has a field more, in front.
pub(crate) const V2: &str = r#"{"type":"record","name":"Item","fields":[
    {"name":"color","type":["null","string"],"default":null},
    {"name":"name","type":"string"},
    {"name":"vector","type":{"type":"array","items":"float"}},
    {"name":"tags","type":{"type":"array","items":"string"}}]}"#;
/// Name, dot product, number of tags, and what was wrong.
pub(crate) const RESULT: &str = r#"{"type":"record","name":"Result","fields":[
    {"name":"name","type":"string"},
    {"name":"dot","type":["null","float"]},
    {"name":"tag_count","type":["null","int"]},
    {"name":"__veniceComputationError__","type":{"type":"map","values":"string"}}]}"#;

/// Compressed as Venice does with GZIP.
pub(crate) fn gzip(value: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(value).unwrap();
    gzip.finish().unwrap()
}

/// Bytes of a dictionary of zstd: raw content.
pub(crate) const DICTIONARY: &[u8] =
    b"a dictionary with item number, tag, and other words of values";

fn text(out: &mut Vec<u8>, text: &str) {
    super::long(out, text.len() as i64);
    out.extend_from_slice(text.as_bytes());
}

fn floats(out: &mut Vec<u8>, floats: &[f32]) {
    if !floats.is_empty() {
        super::long(out, floats.len() as i64);
        floats
            .iter()
            .for_each(|float| out.extend_from_slice(&float.to_le_bytes()));
    }
    out.push(0);
}

/// A value of [`V1`].
pub(crate) fn v1(name: &str, vector: &[f32], tags: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    text(&mut out, name);
    floats(&mut out, vector);
    if !tags.is_empty() {
        super::long(&mut out, tags.len() as i64);
        tags.iter().for_each(|tag| text(&mut out, tag));
    }
    out.push(0);
    out
}

/// A value of [`V2`].
pub(crate) fn v2(color: Option<&str>, name: &str, vector: &[f32], tags: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    match color {
        None => out.push(0),
        Some(color) => {
            out.push(2);
            text(&mut out, color);
        }
    }
    out.extend_from_slice(&v1(name, vector, tags));
    out
}

/// A record of [`RESULT`] without errors.
pub(crate) fn result(name: &str, dot: f32, tags: i64) -> Vec<u8> {
    let mut out = Vec::new();
    text(&mut out, name);
    out.push(2);
    out.extend_from_slice(&dot.to_le_bytes());
    out.push(2);
    super::long(&mut out, tags);
    out.push(0);
    out
}

/// What is known of the store `store`: both schemas, and version 1 with two partitions.
pub(crate) fn description(compression: Compression) -> Store {
    let mut store = Store::new("store");
    store.value_schemas.insert(1, V1.into());
    store.value_schemas.insert(2, V2.into());
    store.latest_value_schema_id = 2;
    store.read_compute_enabled = true;
    store.current_version = 1;
    store.versions = vec![Version {
        number: 1,
        partition_count: 2,
        partitioner: Default::default(),
        compression,
        dictionary: (compression == Compression::ZstdWithDict).then(|| DICTIONARY.into()),
        storage_mode: 0,
    }];
    store
}

/// An open store version `store_v1` of partitions 0 and 1, whose values are compressed so.
pub(crate) fn compressed(
    registry: &Arc<Registry>,
    compression: Compression,
    chunked: bool,
) -> TestStoreVersion {
    let dictionary =
        (compression == Compression::ZstdWithDict).then(|| Bytes::from_static(DICTIONARY));
    let state = StoreVersionState {
        chunked,
        compression_strategy: compression.id(),
        compression_dictionary: dictionary,
        ..Default::default()
    };
    store_with(registry, "store_v1", &state)
}

/// A server that knows the store.
pub(crate) fn serving(registry: &Arc<Registry>, store: Store, settings: &[&str]) -> Harness {
    let few = ["compute.threads", "1"];
    let harness = Harness::start(registry, &[&few, settings].concat());
    harness.server.catalog().put(store).unwrap();
    harness
}

pub(crate) fn operation(
    kind: OperationKind,
    field: &'static str,
    parameter: &[f32],
    result: &'static str,
) -> Operation<'static> {
    Operation {
        kind,
        field: field.into(),
        parameter: parameter.to_vec(),
        result_field: result.into(),
    }
}

/// Names, products with `parameter`, and numbers of tags: a request for [`RESULT`].
pub(crate) fn scores(parameter: &[f32]) -> ComputeRequest<'static> {
    ComputeRequest {
        operations: vec![
            operation(OperationKind::DotProduct, "vector", parameter, "dot"),
            operation(OperationKind::Count, "tags", &[], "tag_count"),
        ],
        result_schema: RESULT.into(),
    }
}

/// The body of a request: operations, then keys, which are numbered from 0.
pub(crate) fn body(request: &ComputeRequest<'_>, keys: &[(u32, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    request.encode(&mut body);
    for (index, (partition, key)) in keys.iter().enumerate() {
        put_key(&mut body, index as i32, *partition as i32, key);
    }
    body
}

/// A request for keys of `store_v1`.
pub(crate) fn asked(request: &ComputeRequest<'_>, keys: &[(u32, &[u8])]) -> ReadComputeRequest {
    ReadComputeRequest {
        body: body(request, keys),
        resource_name: "store_v1".to_owned(),
        is_streaming_request: false,
        method: "POST".to_owned(),
        value_schema_id: 0,
    }
}

/// The records of an answer: index and value.
pub(crate) fn computed(records: &[u8]) -> Vec<(i32, Vec<u8>)> {
    compute_records::decode(records)
        .map(|record| {
            let record = record.unwrap();
            (record.key_index, record.value.to_vec())
        })
        .collect()
}

pub(crate) struct ComputeClient(pub(crate) ReadComputeServiceClient<Channel>);

impl ComputeClient {
    pub(crate) async fn connect(harness: &Harness) -> ComputeClient {
        let endpoint = Endpoint::try_from(format!("http://{}", harness.address()))
            .unwrap()
            .timeout(super::HANG);
        let client = ReadComputeServiceClient::new(endpoint.connect().await.unwrap());
        ComputeClient(client.max_decoding_message_size(64 << 20))
    }

    pub(crate) async fn compute(&mut self, request: ReadComputeRequest) -> ReadComputeResponse {
        self.0.compute(request).await.unwrap().into_inner()
    }

    /// The code and text of a request that has no answer.
    pub(crate) async fn refusal(&mut self, request: ReadComputeRequest) -> (u32, String) {
        let response = self.compute(request).await;
        assert!(response.records.is_empty());
        (response.error_code, response.error_message)
    }
}

/// Has the one compute thread of a server wait until the sender is dropped.
pub(crate) fn block(harness: &Harness) -> Sender<()> {
    let (gate, wait) = channel::<()>();
    let compute = harness.server.compute().unwrap();
    let (begun, begins) = channel();
    let work = compute.run(harness.server.disk().lane(), move || {
        begun.send(()).unwrap();
        let _ = wait.recv();
    });
    // Put into the queue by the first poll; nobody waits for its result.
    let mut work = Box::pin(work);
    let nobody = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(work.as_mut().poll(nobody).is_pending());
    begins.recv_timeout(super::HANG).unwrap();
    gate
}

pub(crate) async fn until_waiting(harness: &Harness, requests: usize) {
    let waiting = async {
        while harness.server.compute().unwrap().waiting() != requests {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::HANG, waiting).await.unwrap();
}

/// Waits until nobody listens: from then on a server drains.
pub(crate) async fn until_refused(harness: &Harness) {
    let address = harness.address();
    tokio::task::spawn_blocking(move || while std::net::TcpStream::connect(address).is_ok() {})
        .await
        .unwrap();
}

/// Asks all of these on one connection, one after the other, before the one compute thread looks at the first of them.
/// Returns their names in the order in which their answers came.
pub(crate) async fn order_of_answers(
    harness: &Harness,
    requests: Vec<(&'static str, ReadComputeRequest)>,
) -> Vec<&'static str> {
    let gate = block(harness);
    let client = ComputeClient::connect(harness).await;
    let order = Arc::<Mutex<Vec<&str>>>::default();
    let mut calls = Vec::new();
    for (name, request) in requests {
        let (mut client, order) = (ComputeClient(client.0.clone()), Arc::clone(&order));
        calls.push(tokio::task::spawn(async move {
            let response = client.compute(request).await;
            assert_eq!(response.error_message, "");
            order.lock().push(name);
        }));
        until_waiting(harness, calls.len()).await;
    }
    drop(gate);
    for call in calls {
        call.await.unwrap();
    }
    let order = order.lock();
    order.clone()
}
