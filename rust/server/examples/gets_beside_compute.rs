//! What single gets take while compute threads have all the work that they can do, as ratios to what they take without: by
//! pairs of neighbouring slices of one run, so that whatever else the machine does happens to both.
//!
//! usage: gets_beside_compute [PAIRS [SETTING VALUE ...]]     (15 pairs of slices of a second each by default)
//!
//! One connection asks 2,000 single gets a second, each at its time; four others compute, in the slices that have it: the dot
//! product of 1,000 keys of 128 floats, one request behind the other. The server has one worker and one compute thread unless
//! the settings say otherwise. It is in this process, the clients block, and take little time of processors themselves.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use prost::Message;
use venice_catalog::{Compression, Store, Version};
use venice_engine::testing::TestStoreVersion;
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{ReadComputeRequest, VeniceClientRequest};
use venice_server::{Config, Server};
use venice_wire::compute_request::{ComputeRequest, Operation, OperationKind};
use venice_wire::key_records::put_key;

const GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/get";
const COMPUTE: &str = "/com.linkedin.venice.rust.protocols.ReadComputeService/compute";
const VALUE: &str = r#"{"type":"record","name":"Item","fields":[
    {"name":"vector","type":{"type":"array","items":"float"}}]}"#;
const RESULT: &str =
    r#"{"type":"record","name":"Result","fields":[{"name":"dot","type":["null","float"]}]}"#;
const KEYS: u32 = 1000;
const DIMENSIONS: usize = 128;
const COMPUTING: usize = 4;
const SLICE: Duration = Duration::from_secs(1);
const BETWEEN_GETS: Duration = Duration::from_micros(500);

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let pairs: usize = arguments.next().map_or(Ok(15), |pairs| pairs.parse())?;
    let given: Vec<String> = arguments.collect();
    let few = [
        "bind.address",
        "127.0.0.1",
        "worker.threads",
        "1",
        "compute.threads",
        "1",
    ];
    let settings: Vec<String> = few
        .iter()
        .map(|&text| text.to_owned())
        .chain(given)
        .collect();

    let registry = Registry::new();
    let store = store(&registry);
    let server = Server::start(Config::from_pairs(&settings)?, Arc::clone(&registry))?;
    server.catalog().put(description())?;

    let load = Arc::new(Load::default());
    for _ in 0..COMPUTING {
        let (load, address) = (Arc::clone(&load), server.address());
        thread::spawn(move || {
            if let Err(error) = load.compute(address) {
                panic!("computing failed: {error}");
            }
        });
    }
    let mut gets = Gets::connect(server.address())?;
    // Both sides warm up.
    for is_loaded in [true, false] {
        load.set(is_loaded);
        gets.slice()?;
    }
    let (mut ratios_50, mut ratios_99) = (Vec::new(), Vec::new());
    let mut all = [Vec::new(), Vec::new()];
    for pair in 0..pairs {
        let mut both = [(0, 0); 2];
        for is_loaded in [pair % 2 == 0, pair % 2 != 0] {
            load.set(is_loaded);
            let took = gets.slice()?;
            both[usize::from(is_loaded)] = (percentile(&took, 50.0), percentile(&took, 99.0));
            all[usize::from(is_loaded)].extend(took);
        }
        let [(alone_50, alone_99), (beside_50, beside_99)] = both;
        println!(
            "p50 {alone_50:>6} ns alone, {beside_50:>6} beside; p99 {alone_99:>7} ns alone, {beside_99:>7} beside: {:.2}",
            beside_99 as f64 / alone_99 as f64
        );
        ratios_50.push(beside_50 as f64 / alone_50 as f64);
        ratios_99.push(beside_99 as f64 / alone_99 as f64);
    }
    load.set(false);
    for all in &mut all {
        all.sort_unstable();
    }
    let pooled = |part| percentile(&all[1], part) as f64 / percentile(&all[0], part) as f64;
    println!(
        "{} requests were computed",
        load.done.load(Ordering::Relaxed)
    );
    println!("| Gets beside compute, of those alone | Median of pairs | Least | Greatest | Of all gets together |\n|---|---|---|---|---|");
    for (name, part, mut ratios) in [("p50", 50.0, ratios_50), ("p99", 99.0, ratios_99)] {
        ratios.sort_by(f64::total_cmp);
        let (median, last) = (ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
        println!(
            "| {name} | {median:.2} | {:.2} | {last:.2} | {:.2} |",
            ratios[0],
            pooled(part)
        );
    }
    server.stop(Duration::from_secs(1));
    drop(store);
    Ok(())
}

/// Of sorted times.
fn percentile(sorted: &[u64], part: f64) -> u64 {
    let at = (sorted.len() as f64 * part / 100.0) as usize;
    sorted[at.min(sorted.len() - 1)]
}

/// A text, as single gets have it in their key string.
fn key(row: u32) -> String {
    format!("key{row}")
}

fn vector(row: u32) -> Vec<f32> {
    let element = |at| ((row + 1) as f32 * (at as f32 + 0.5) * 0.37).sin();
    (0..DIMENSIONS).map(element).collect()
}

fn store(registry: &Arc<Registry>) -> TestStoreVersion {
    let store = TestStoreVersion::create(registry, "store_v1");
    store.put_state(&StoreVersionState::default());
    store.open(0);
    for row in 0..KEYS {
        let mut value = Vec::new();
        venice_wire::varint::varint(&mut value, 2 * DIMENSIONS as u64);
        value.extend(vector(row).iter().flat_map(|float| float.to_le_bytes()));
        value.push(0);
        store.put(0, key(row).as_bytes(), 1, &value);
    }
    store
}

fn description() -> Store {
    let mut store = Store::new("store");
    store.value_schemas.insert(1, VALUE.into());
    store.latest_value_schema_id = 1;
    store.read_compute_enabled = true;
    store.current_version = 1;
    store.versions = vec![Version {
        number: 1,
        partition_count: 1,
        partitioner: Default::default(),
        compression: Compression::NoOp,
        dictionary: None,
        storage_mode: 0,
    }];
    store
}

/// What computes while it is wanted.
#[derive(Default)]
struct Load {
    wanted: AtomicBool,
    done: AtomicU64,
}

impl Load {
    fn set(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::Relaxed);
        // Those under way end.
        thread::sleep(Duration::from_millis(50));
    }

    fn compute(&self, address: SocketAddr) -> Result<()> {
        let request = ComputeRequest {
            operations: vec![Operation {
                kind: OperationKind::DotProduct,
                field: "vector".into(),
                parameter: vector(KEYS),
                result_field: "dot".into(),
            }],
            result_schema: RESULT.into(),
        };
        let mut body = Vec::new();
        request.encode(&mut body);
        for row in 0..KEYS {
            put_key(&mut body, row as i32, 0, key(row).as_bytes());
        }
        let message = ReadComputeRequest {
            body,
            resource_name: "store_v1".to_owned(),
            method: "POST".to_owned(),
            ..Default::default()
        };
        let message = message.encode_to_vec();
        let mut calls = Calls::connect(address)?;
        loop {
            if self.wanted.load(Ordering::Relaxed) {
                let bytes = calls.call(COMPUTE, &message)?;
                if bytes < KEYS as usize {
                    return Err(format!("an answer has {bytes} bytes").into());
                }
                self.done.fetch_add(1, Ordering::Relaxed);
            } else {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Single gets, one after the other, each at its time.
struct Gets {
    calls: Calls,
    messages: Vec<Vec<u8>>,
}

impl Gets {
    fn connect(address: SocketAddr) -> Result<Gets> {
        let message = |row: u32| {
            let request = VeniceClientRequest {
                resource_name: "store_v1".to_owned(),
                partition: 0,
                key_string: key(row),
                method: "GET".to_owned(),
                ..Default::default()
            };
            request.encode_to_vec()
        };
        Ok(Gets {
            calls: Calls::connect(address)?,
            messages: (0..KEYS).map(message).collect(),
        })
    }

    /// What each get of a slice took, in nanoseconds, sorted.
    fn slice(&mut self) -> Result<Vec<u64>> {
        let (start, mut took) = (Instant::now(), Vec::new());
        let mut next = start;
        while next < start + SLICE {
            thread::sleep(next.saturating_duration_since(Instant::now()));
            let message = &self.messages[took.len() % self.messages.len()];
            let asked = Instant::now();
            let bytes = self.calls.call(GET, message)?;
            took.push(asked.elapsed().as_nanos() as u64);
            if bytes < 4 * DIMENSIONS {
                return Err(format!("an answer has {bytes} bytes").into());
            }
            next += BETWEEN_GETS;
        }
        took.sort_unstable();
        Ok(took)
    }
}

/// Calls over a connection of HTTP/2, one at a time.
struct Calls {
    stream: TcpStream,
    next: u32,
    received: Vec<u8>,
    /// Bytes of answers that the server may not send again yet.
    taken: u32,
}

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    out.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
    out.extend([kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

/// A field that stands for itself in HPACK.
fn field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(0);
    for text in [name, value] {
        out.push(text.len() as u8);
        out.extend_from_slice(text.as_bytes());
    }
}

impl Calls {
    fn connect(address: SocketAddr) -> Result<Calls> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut first = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        frame(&mut first, SETTINGS, 0, 0, &[]);
        frame(&mut first, WINDOW_UPDATE, 0, 0, &(1u32 << 30).to_be_bytes());
        stream.write_all(&first)?;
        Ok(Calls {
            stream,
            next: 1,
            received: Vec::new(),
            taken: 0,
        })
    }

    /// Makes a call, and returns the bytes of its answer.
    fn call(&mut self, path: &str, message: &[u8]) -> Result<usize> {
        let stream = self.next;
        self.next += 2;
        // POST and http, of the static table.
        let mut head = vec![0x83, 0x86];
        field(&mut head, ":path", path);
        field(&mut head, ":authority", "venice");
        field(&mut head, "content-type", "application/grpc");
        field(&mut head, "te", "trailers");
        let mut out = Vec::with_capacity(message.len() + 256);
        frame(&mut out, HEADERS, 4, stream, &head);
        let mut body = vec![0];
        body.extend_from_slice(&(message.len() as u32).to_be_bytes());
        body.extend_from_slice(message);
        let pieces = body.chunks(16_384);
        let last = pieces.len() - 1;
        for (at, piece) in pieces.enumerate() {
            frame(&mut out, 0, u8::from(at == last), stream, piece);
        }
        if self.taken > 1 << 28 {
            frame(&mut out, WINDOW_UPDATE, 0, 0, &self.taken.to_be_bytes());
            self.taken = 0;
        }
        self.stream.write_all(&out)?;
        let mut bytes = 0;
        loop {
            while self.received.len() < 9 {
                self.read()?;
            }
            let length =
                u32::from_be_bytes([0, self.received[0], self.received[1], self.received[2]]);
            let (kind, flags) = (self.received[3], self.received[4]);
            let whole = 9 + length as usize;
            while self.received.len() < whole {
                self.read()?;
            }
            let payload = self.received[9..whole].to_vec();
            self.received.drain(..whole);
            match kind {
                0 => {
                    bytes += length as usize;
                    self.taken += length;
                }
                SETTINGS | PING if flags & 1 == 0 => {
                    let mut answer = Vec::new();
                    let echoed = if kind == PING { &payload[..] } else { &[] };
                    frame(&mut answer, kind, 1, 0, echoed);
                    self.stream.write_all(&answer)?;
                }
                GOAWAY => return Err("the server ends the connection".into()),
                _ => {}
            }
            if (kind == 0 || kind == HEADERS) && flags & END_STREAM != 0 {
                return Ok(bytes);
            }
        }
    }

    fn read(&mut self) -> Result<()> {
        let mut bytes = [0; 64 * 1024];
        match self.stream.read(&mut bytes)? {
            0 => Err("the server has closed".into()),
            read => {
                self.received.extend_from_slice(&bytes[..read]);
                Ok(())
            }
        }
    }
}
