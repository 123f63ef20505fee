//! A server over store versions made for the test, and a client that speaks to it as the Fast
//! Client does.

#![allow(dead_code, reason = "each test uses its part")]

pub(crate) mod admin;
pub(crate) mod attack;
pub(crate) mod collector;
pub(crate) mod compute;
pub(crate) mod hostile;
pub(crate) mod http1;
pub(crate) mod http2;
pub(crate) mod key_stores;
pub(crate) mod own_process;
pub(crate) mod raw;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};
use tonic::Status;
use venice_engine::testing::TestStoreVersion;
use venice_engine::{Registry, StoreVersionState, Tier};
use venice_proto::{VeniceClientRequest, VeniceReadServiceClient, VeniceServerResponse};
use venice_server::internals::read_path::{Failure, ReadPath, ReadStep};
use venice_server::internals::response::{EncodedResponse, Place};
use venice_server::internals::runtime::{Clock, MonotonicClock};
use venice_server::{Config, Server};

/// Ends a test that hangs; no test needs a noticeable part of it.
pub(crate) const HANG: Duration = Duration::from_secs(60);

pub(crate) const OK: u32 = 200;
pub(crate) const KEY_NOT_FOUND: u32 = 0xFFFF_FE5C;

/// A running server. Stores are declared before it, so that it stops before they go.
pub(crate) struct Harness {
    pub(crate) registry: Arc<Registry>,
    pub(crate) server: Server,
}

impl Harness {
    /// Starts a server with few threads, so that they are shared, and with `settings` on top.
    pub(crate) fn start(registry: &Arc<Registry>, settings: &[&str]) -> Harness {
        let few = [
            "bind.address",
            "127.0.0.1",
            "worker.threads",
            "2",
            "disk.threads",
            "2",
        ];
        let config = Config::from_pairs(&[&few, settings].concat()).unwrap();
        let clock = Arc::<MonotonicClock>::default();
        Harness::start_with(registry, config, clock)
    }

    /// Starts a server with a configuration and a clock of the test's own.
    pub(crate) fn start_with(
        registry: &Arc<Registry>,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Harness {
        let server = Server::start_with_clock(config, Arc::clone(registry), clock).unwrap();
        Harness {
            registry: Arc::clone(registry),
            server,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// A connection of its own.
    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address()).await
    }
}

/// What the read path answers to an admitted request, as far as `tier` goes, without a server.
pub(crate) fn answer(
    read_path: &ReadPath,
    message: &[u8],
    tier: Tier,
) -> Result<EncodedResponse, Failure> {
    match read_path.answer(message, tier, &mut Place::apart()) {
        ReadStep::Done(answer) => answer,
        step => panic!("{step:?}"),
    }
}

/// An open, unchunked, uncompressed store version with partitions 0 and 1.
pub(crate) fn store(registry: &Arc<Registry>, name: &str) -> TestStoreVersion {
    store_with(registry, name, &StoreVersionState::default())
}

pub(crate) fn store_with(
    registry: &Arc<Registry>,
    name: &str,
    state: &StoreVersionState,
) -> TestStoreVersion {
    let store = TestStoreVersion::create(registry, name);
    store.put_state(state);
    store.open(0);
    store.open(1);
    store
}

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) grpc: VeniceReadServiceClient<Channel>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Client {
        let endpoint = Endpoint::try_from(format!("http://{address}"))
            .unwrap()
            .timeout(HANG);
        Client {
            grpc: VeniceReadServiceClient::new(endpoint.connect().await.unwrap()),
        }
    }

    /// A single get over `get`, as the Fast Client sends it.
    pub(crate) async fn get(
        &mut self,
        resource: &str,
        partition: u32,
        key: &[u8],
    ) -> VeniceServerResponse {
        let response = self.grpc.get(get_request(resource, partition, key)).await;
        response.unwrap().into_inner()
    }

    /// A single get that ends in a gRPC status.
    pub(crate) async fn get_status(&mut self, request: VeniceClientRequest) -> Status {
        self.grpc.get(request).await.unwrap_err()
    }

    /// A batch get over `batchGet`, as the Fast Client sends it.
    pub(crate) async fn batch_get(
        &mut self,
        resource: &str,
        keys: &[(u32, &[u8])],
    ) -> VeniceServerResponse {
        let response = self.grpc.batch_get(batch_request(resource, keys)).await;
        response.unwrap().into_inner()
    }
}

pub(crate) fn get_request(resource: &str, partition: u32, key: &[u8]) -> VeniceClientRequest {
    VeniceClientRequest {
        partition,
        key_string: format!("{}?f=b64", base64url(key)),
        resource_name: resource.to_owned(),
        method: "GET".to_owned(),
        ..Default::default()
    }
}

/// Keys are numbered from 0 in the order given.
pub(crate) fn batch_request(resource: &str, keys: &[(u32, &[u8])]) -> VeniceClientRequest {
    let mut key_bytes = Vec::new();
    for (index, (partition, key)) in keys.iter().enumerate() {
        long(&mut key_bytes, index as i64);
        long(&mut key_bytes, key.len() as i64);
        key_bytes.extend_from_slice(key);
        long(&mut key_bytes, i64::from(*partition));
    }
    VeniceClientRequest {
        key_bytes,
        resource_name: resource.to_owned(),
        is_batch_request: true,
        method: "POST".to_owned(),
        ..Default::default()
    }
}

/// `MultiGetResponseRecordV1`: key index, value, schema id.
pub(crate) type Record = (i64, Vec<u8>, i64);

pub(crate) fn records(mut data: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    while !data.is_empty() {
        let index = read_long(&mut data);
        let length = usize::try_from(read_long(&mut data)).unwrap();
        let (value, rest) = data.split_at(length);
        data = rest;
        records.push((index, value.to_vec(), read_long(&mut data)));
    }
    records
}

fn long(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn read_long(data: &mut &[u8]) -> i64 {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = data.split_first().unwrap();
        *data = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            break;
        }
    }
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// `java.util.Base64.getUrlEncoder()`: with padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut bits = [0; 4];
        bits[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(bits);
        for index in 0..4 {
            if index <= group.len() {
                text.push(ALPHABET[(bits >> (18 - 6 * index) & 63) as usize] as char);
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// Bytes of memory that the process holds; 0 where the system is not asked.
#[cfg(target_os = "linux")]
pub(crate) fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = resident.unwrap().trim().trim_end_matches("kB").trim();
    kilobytes.parse::<u64>().unwrap() * 1024
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn resident() -> u64 {
    0
}
