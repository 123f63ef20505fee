//! Clients that take what they can get, by the dozen, beside one that behaves.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use prost::Message;
use rustls::ClientConfig;
use tokio::time::timeout;
use tonic::codegen::tokio_stream;
use tonic::transport::Endpoint;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_proto::{StreamingBatchGetRequest, StreamingReadServiceClient};

use crate::harness::hostile::{Call, Habits, Hostile, USUAL_FRAME};
use crate::harness::http2::{framed, GET, STREAM};
use crate::harness::key_stores::{Files, TlsClient, SERVER};
use crate::harness::{
    batch_request, get_request, records, resident, store, Client, Harness, HANG, OK,
};

pub(crate) const MIB: u64 = 1024 * 1024;
/// What is not counted one by one: connections, windows, the allocator's rest, and the clients, which
/// are in this process.
pub(crate) const BESIDE: u64 = 64 * MIB;
/// Memory is that of the process, so one attack at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
/// How often clients that were hung up on come again, all together: each time costs the processor what it
/// did at first, and this is not about the processor.
const MAX_COME_AGAIN: usize = 64;
/// The memory of the process before the first attack.
static BEFORE: OnceLock<u64> = OnceLock::new();

const LARGE: usize = 4_000_000;
const MIDDLE: usize = 60_000;
const KEYS: u32 = 400;

pub(crate) struct Stage {
    pub(crate) harness: Harness,
    /// How its clients encrypt, if they do.
    tls: Option<Arc<ClientConfig>>,
    _files: Files,
    _store: TestStoreVersion,
    _alone: MutexGuard<'static, ()>,
}

/// A server that speaks TLS.
pub(crate) fn tls_stage(settings: &[&str]) -> Stage {
    let files = Files::new();
    let [name, store] = SERVER;
    let tls = [name, &files.setting(store), "tls.client.auth", "none"];
    Stage {
        tls: Some(Arc::new(TlsClient::ANONYMOUS.config())),
        ..stage_with(files, &[&tls, settings].concat())
    }
}

pub(crate) fn stage(settings: &[&str]) -> Stage {
    stage_with(Files::new(), settings)
}

fn stage_with(files: Files, settings: &[&str]) -> Stage {
    let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    // What the servers of earlier tests freed is not this one's.
    venice_engine::give_back_freed_memory();
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"large", 1, &vec![7; LARGE]);
    store.put(0, b"middle", 1, &[6; MIDDLE]);
    for key in 0..KEYS {
        store.put(0, &key.to_be_bytes(), 1, &[key as u8; 1000]);
    }
    store.flush(0);
    Stage {
        harness: Harness::start(&registry, settings),
        tls: None,
        _files: files,
        _store: store,
        _alone: alone,
    }
}

impl Stage {
    fn hostile(&self, kind: &Habits) -> Hostile {
        match &self.tls {
            None => Hostile::connect(self.harness.address(), kind),
            Some(config) => Hostile::connect_tls(self.harness.address(), config, kind),
        }
    }

    fn reader(&self, rounds: usize) -> JoinHandle<()> {
        match self.tls {
            None => reader(self.harness.address(), rounds),
            Some(_) => tls_reader(self.harness.address(), rounds),
        }
    }
}

/// A client that behaves, and comes anew for each of so many rounds.
fn tls_reader(address: SocketAddr, rounds: usize) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            for _ in 0..rounds {
                let read = timeout(HANG, TlsClient::ANONYMOUS.read(address)).await;
                assert_eq!(read.expect("the reader is not answered"), Ok(()));
            }
        });
    })
}

/// A client that behaves: a thread that does so many rounds of reads, and checks each answer.
fn reader(address: SocketAddr, rounds: usize) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut client = Client::connect(address).await;
            let endpoint = Endpoint::try_from(format!("http://{address}")).unwrap();
            let channel = endpoint.connect().await.unwrap();
            let mut streams = StreamingReadServiceClient::new(channel);
            client.grpc = client.grpc.max_decoding_message_size(2 * LARGE);
            for _ in 0..rounds {
                timeout(HANG, round(&mut client, &mut streams))
                    .await
                    .expect("the reader is not answered");
            }
        });
    })
}

async fn round(
    client: &mut Client,
    streams: &mut StreamingReadServiceClient<tonic::transport::Channel>,
) {
    let keys: Vec<[u8; 4]> = (0..KEYS).map(u32::to_be_bytes).collect();
    let keys: Vec<(u32, &[u8])> = keys.iter().map(|key| (0, &key[..])).collect();
    for (key, (_, bytes)) in keys.iter().enumerate().take(50) {
        let response = client.get("store_v1", 0, bytes).await;
        assert_eq!(response.error_code, OK, "{}", response.error_message);
        assert_eq!(response.data, [key as u8; 1000]);
    }
    let response = client.batch_get("store_v1", &keys).await;
    assert_eq!(response.error_code, OK, "{}", response.error_message);
    assert_eq!(records(&response.data).len(), KEYS as usize);
    let response = client.get("store_v1", 0, b"large").await;
    assert_eq!(response.error_code, OK, "{}", response.error_message);
    assert_eq!(response.data.len(), LARGE);
    let request = StreamingBatchGetRequest {
        request_id: 1,
        resource_name: "store_v1".to_owned(),
        method: "POST".to_owned(),
        key_bytes: batch_request("store_v1", &keys).key_bytes,
    };
    let answer = streams.batch_get(tokio_stream::iter([request])).await;
    let mut answer = answer.unwrap().into_inner();
    let mut found = 0;
    while let Some(message) = answer.message().await.unwrap() {
        found += records(&message.records).len();
        if let Some(footer) = message.footer {
            assert_eq!(footer.error_code, OK, "{}", footer.error_message);
        }
    }
    assert_eq!(found, KEYS as usize);
}

fn get(key: &[u8]) -> Arc<[u8]> {
    framed(0, &get_request("store_v1", 0, key).encode_to_vec()).into()
}

/// A gRPC message without its last bytes.
pub(crate) fn not_whole(length: usize, sent: usize) -> Arc<[u8]> {
    let mut body = framed(0, &vec![b'x'; length]);
    body.truncate(sent);
    body.into()
}

fn streamed(keys: &[&[u8]]) -> Vec<u8> {
    let keys: Vec<(u32, &[u8])> = keys.iter().map(|key| (0, *key)).collect();
    let request = StreamingBatchGetRequest {
        request_id: 1,
        resource_name: "store_v1".to_owned(),
        method: "POST".to_owned(),
        key_bytes: batch_request("store_v1", &keys).key_bytes,
    };
    framed(0, &request.encode_to_vec())
}

/// Eight whole requests of nearly 4 MiB each, and the beginning of another one.
fn large_streamed() -> Arc<[u8]> {
    let keys: Vec<Vec<u8>> = (0..10_000)
        .map(|key| format!("{key:0404}").into_bytes())
        .collect();
    let keys: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
    let mut body = streamed(&keys).repeat(8);
    body.extend([0, 0, 1]);
    body.into()
}

fn unary(body: Arc<[u8]>, ends: bool) -> Call {
    Call {
        path: GET,
        body,
        ends,
    }
}

fn stream(body: Arc<[u8]>) -> Call {
    Call {
        path: STREAM,
        body,
        ends: false,
    }
}

/// A client that makes `calls` calls, and lets the server send `window` bytes for each.
fn habits(call: Call, calls: usize, window: u32) -> Habits {
    Habits {
        window,
        reads: true,
        call,
        calls,
        frame: USUAL_FRAME,
    }
}

/// Every kind of client that takes what it can get.
pub(crate) fn all_kinds() -> Vec<(&'static str, Habits)> {
    let nothing: Arc<[u8]> = Arc::from([]);
    let open = 65_535;
    let deaf = |call| Habits {
        reads: false,
        ..habits(call, 1000, 0x7FFF_FFFF)
    };
    let sizes = Habits {
        frame: 1,
        ..habits(unary(not_whole(LARGE, 20_000), false), 100, open)
    };
    vec![
        (
            "streamed requests without their ends",
            habits(
                stream(not_whole(4 * MIB as usize, 4 * MIB as usize - 8)),
                200,
                open,
            ),
        ),
        (
            "streamed answers that nobody reads",
            habits(stream(large_streamed()), 30, 0),
        ),
        (
            "large answers that nobody reads",
            habits(unary(get(b"large"), true), 900, 0),
        ),
        (
            "small answers that nobody reads",
            habits(unary(get(b"middle"), true), 1000, 0),
        ),
        (
            "answers of which one byte is read",
            habits(unary(get(b"middle"), true), 1000, 1),
        ),
        (
            "large answers of which one byte is read",
            habits(unary(get(b"large"), true), 1000, 1),
        ),
        (
            "a socket that nobody reads",
            deaf(unary(get(b"middle"), true)),
        ),
        (
            "a socket that nobody reads, without answers",
            deaf(unary(get(b"no such key"), true)),
        ),
        (
            "requests without their ends",
            habits(unary(not_whole(LARGE, 60_000), false), 1000, open),
        ),
        (
            "large requests without their ends",
            habits(unary(not_whole(LARGE, LARGE), false), 1000, open),
        ),
        (
            "calls without a request",
            habits(unary(Arc::clone(&nothing), false), 1000, open),
        ),
        (
            "streaming calls without a request",
            habits(stream(Arc::clone(&nothing)), 1000, open),
        ),
        (
            "thousands of tiny streamed requests",
            habits(stream(streamed(&[b"middle"]).repeat(3000).into()), 100, 0),
        ),
        ("requests byte by byte", sizes),
    ]
}

/// The kinds that take memory and keep it; what floods the processor, and is hung up on for it, is left
/// out.
pub(crate) fn kinds_that_wait() -> Vec<Habits> {
    let kinds = all_kinds().into_iter();
    let kinds = kinds.filter(|(name, _)| !name.contains("byte by byte"));
    kinds.map(|(_, kind)| kind).collect()
}

/// So many clients of these kinds, one after the other, beside a client that does its rounds. Those
/// that are hung up on come again. Returns by how much memory grew, at most.
pub(crate) fn attack(stage: &Stage, kinds: &[Habits], clients: usize, rounds: usize) -> u64 {
    // Threads, caches, and the memory of the reader.
    stage.reader(2).join().unwrap();
    // Freed memory stays with the process, so it counts from its beginning.
    let before = *BEFORE.get_or_init(resident);
    let kinds = || kinds.iter().cycle().take(clients);
    let mut hostile: Vec<Hostile> = kinds().map(|kind| stage.hostile(kind)).collect();
    let mut most = 0;
    let mut come_again = 0;
    // Until there is nothing that they can do now.
    let begun = Instant::now();
    loop {
        let mut busy = false;
        for client in &mut hostile {
            busy |= client.drive();
        }
        most = most.max(resident());
        if !busy || begun.elapsed() > Duration::from_secs(10) {
            break;
        }
    }
    let reader = stage.reader(rounds);
    while !reader.is_finished() {
        let mut busy = false;
        for (client, kind) in hostile.iter_mut().zip(kinds()) {
            busy |= client.drive();
            if client.hung_up && come_again < MAX_COME_AGAIN {
                *client = stage.hostile(kind);
                come_again += 1;
            }
        }
        most = most.max(resident());
        if !busy {
            // The processor is the server's, which has to work at what they did.
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    reader.join().expect("the reader was answered wrongly");
    println!(
        "  {come_again} came again, {} bytes are held, {} calls were refused",
        stage.harness.server.memory().held(),
        stage.harness.server.memory().refused()
    );
    most.saturating_sub(before)
}
