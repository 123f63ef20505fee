//! Allocations in the steady state, counted: a request that begins to cost one more fails here.
//!
//! Counted is what Rust code allocates, in all threads but the test's own: the server's. RocksDB's
//! C++ has an allocator of its own and is not counted.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use harness::http2::GET;
use harness::raw::{self, Raw};
use harness::{base64url, batch_request, get_request, store, Client, Harness, OK};
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_server::internals::read_path::INLINE_BATCH_KEYS;
use venice_server::internals::runtime::MonotonicClock;
use venice_server::{Config, Server};

static COUNTED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Whether this thread is the client, whose allocations do not count.
    static CLIENT: Cell<bool> = const { Cell::new(false) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: guaranteed by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: guaranteed by the caller.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() {
    // No destructor, so it can be asked to the last moment of a thread.
    if !CLIENT.get() {
        COUNTED.fetch_add(1, Ordering::Relaxed);
    }
}

/// One test counts at a time.
static ONE: Mutex<()> = Mutex::new(());

/// Requests that are counted together.
const GETS: u64 = 200;
const BATCHES: u64 = 20;
const VALUE_BYTES: usize = 1024;

fn key(number: u32) -> [u8; 16] {
    let mut key = [7; 16];
    key[..4].copy_from_slice(&number.to_be_bytes());
    key
}

/// A store whose keys are all in memory, spread over both partitions.
fn filled(registry: &std::sync::Arc<Registry>, keys: u32) -> TestStoreVersion {
    let store = store(registry, "store_v1");
    for number in 0..keys {
        store.put(number as i32 % 2, &key(number), 1, &[3; VALUE_BYTES]);
    }
    store.flush(0);
    store.flush(1);
    store
}

/// Allocations of the server for a request, in the steady state.
async fn per_request<F>(requests: u64, mut request: impl FnMut() -> F) -> f64
where
    F: std::future::Future<Output = ()>,
{
    // Fills caches, tables of HTTP/2, and what grows once.
    for _ in 0..requests {
        request().await;
    }
    let before = COUNTED.load(Ordering::Relaxed);
    for _ in 0..requests {
        request().await;
    }
    (COUNTED.load(Ordering::Relaxed) - before) as f64 / requests as f64
}

async fn gets(client: &Client) -> f64 {
    per_request(GETS, || {
        let mut client = client.clone();
        async move {
            let request = get_request("store_v1", 0, &key(0));
            let response = client.grpc.get(request).await.unwrap().into_inner();
            assert_eq!(response.error_code, OK);
            assert_eq!(response.data.len(), VALUE_BYTES);
        }
    })
    .await
}

async fn batches(client: &Client, keys: usize) -> f64 {
    let numbered: Vec<_> = (0..keys as u32).map(|n| (n % 2, key(n))).collect();
    per_request(BATCHES, || {
        let mut client = client.clone();
        let batch: Vec<(u32, &[u8])> = numbered.iter().map(|(p, k)| (*p, &k[..])).collect();
        let request = batch_request("store_v1", &batch);
        async move {
            let response = client.grpc.batch_get(request).await.unwrap().into_inner();
            assert_eq!(response.error_code, OK);
            assert!(response.data.len() > keys * VALUE_BYTES);
        }
    })
    .await
}

/// The thread that looks at plain tables does so at the start, and not while a test counts.
const ONE_LOOK: [&str; 2] = ["plain.tables.look.ms", "86400000"];

/// Runs `body` with a client on this thread, and everything of the server on others.
fn counted(body: impl AsyncFnOnce(Client)) {
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    CLIENT.set(true);
    let registry = Registry::new();
    let _store = filled(&registry, 2000);
    let harness = Harness::start(&registry, &ONE_LOOK);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = harness.client().await;
        body(client).await;
    });
    CLIENT.set(false);
}

#[test]
fn a_single_get_allocates_no_more_than_it_does() {
    counted(async |client| {
        let allocations = gets(&client).await;
        println!("a single get: {allocations} allocations");
        assert!(
            // Not a whole one more: a table may grow once in many requests.
            allocations < MAX_FOR_A_GET + 0.5,
            "a single get makes {allocations} allocations, and made {MAX_FOR_A_GET}"
        );
    });
}

/// Of a client that sends a call's two frames at once, as most do. Where they come apart by more than 10 ms, a call
/// takes a task.
#[test]
fn a_single_get_in_two_frames_allocates_nothing() {
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    CLIENT.set(true);
    let registry = Registry::new();
    let _store = filled(&registry, 2000);
    let settings = ["bind.address", "127.0.0.1", "worker.threads", "1"];
    let config = Config::from_pairs(&[&settings[..], &ONE_LOOK].concat()).unwrap();
    let clock = Arc::<MonotonicClock>::default();
    let server = Server::start_with_clock(config, Arc::clone(&registry), clock).unwrap();
    let socket = raw::connect(server.address(), None);
    let mut client = Raw::hello(socket, &raw::initial_window(1 << 20));
    let mut stream = 1;
    let mut gets = || {
        for _ in 0..GETS {
            let get = get_request("store_v1", 0, &key(0));
            client.send(&raw::window_update(0, 2048)).unwrap();
            client.send(&raw::call(stream, GET, &get)).unwrap();
            let mut bytes = 0;
            loop {
                let frame = client.next().unwrap().unwrap();
                bytes += usize::from(frame.kind == raw::DATA) * frame.payload.len();
                if frame.stream == stream && frame.is(raw::HEADERS, raw::END_STREAM) {
                    break;
                }
            }
            assert!(bytes > VALUE_BYTES, "{bytes}");
            stream += 2;
        }
        COUNTED.load(Ordering::Relaxed)
    };
    let before = gets();
    let allocations = gets() - before;
    CLIENT.set(false);
    println!("{GETS} gets: {allocations} allocations");
    // One get in some hundred is kept for who asks why reads are slow.
    assert!(
        allocations < GETS / 20,
        "{GETS} gets make {allocations} allocations, and made none"
    );
}

/// What is found for several at once is their answer: none has a request, a task or a future of its own.
#[test]
fn gets_over_http_that_come_together_allocate_less_than_each_alone() {
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    CLIENT.set(true);
    let registry = Registry::new();
    let _store = filled(&registry, 2000);
    let settings = ["bind.address", "127.0.0.1", "worker.threads", "1"];
    let config = Config::from_pairs(&[&settings[..], &ONE_LOOK].concat()).unwrap();
    let clock = Arc::<MonotonicClock>::default();
    let server = Server::start_with_clock(config, Arc::clone(&registry), clock).unwrap();
    let socket = raw::connect(server.address(), None);
    let mut client = Raw::hello(socket, &raw::initial_window(1 << 20));
    let path = format!("/storage/store_v1/0/{}?f=b64", base64url(&key(0)));
    let block = [vec![0x82, 0x86], raw::literal(b":path", path.as_bytes())].concat();
    let mut stream = 1;
    let mut gets = |together: u64| {
        for _ in 0..GETS / together {
            client.send(&raw::window_update(0, 1 << 16)).unwrap();
            let flags = raw::END_HEADERS | raw::END_STREAM;
            let get = |at: u64| raw::frame(raw::HEADERS, flags, stream + 2 * at as u32, &block);
            let all: Vec<Vec<u8>> = (0..together).map(get).collect();
            client.send(&all.concat()).unwrap();
            let (mut left, mut bytes) = (together, 0);
            while left > 0 {
                let frame = client.next().unwrap().unwrap();
                bytes += usize::from(frame.kind == raw::DATA) * frame.payload.len();
                left -= u64::from(frame.is(raw::DATA, raw::END_STREAM));
            }
            assert_eq!(bytes, together as usize * VALUE_BYTES);
            stream += 2 * together as u32;
        }
        COUNTED.load(Ordering::Relaxed)
    };
    let begun = [gets(1), gets(1), gets(10), gets(10)];
    CLIENT.set(false);
    let [alone, together] = [begun[1] - begun[0], begun[3] - begun[2]];
    println!("{GETS} gets over HTTP: {alone} allocations alone, {together} in turns of ten");
    assert!(together + 2 * GETS < alone, "{together} and {alone}");
}

#[test]
fn a_key_of_a_batch_allocates_nothing() {
    counted(async |client| {
        // Answered on the connection's thread, and on a disk thread.
        for (few, many) in [(10, INLINE_BATCH_KEYS), (1000, 2000)] {
            let (least, most) = (batches(&client, few).await, batches(&client, many).await);
            let more = (many - few) as f64;
            println!("a batch of {few}: {least} allocations, of {many}: {most}");
            assert!(
                most - least <= MAX_FOR_A_KEY * more + MAX_FOR_A_LONGER_ANSWER,
                "{many} keys make {most} allocations, {few} make {least}"
            );
        }
    });
}

/// A tonic client's frames may come apart, and its call take a task; nothing of it is the store's.
const MAX_FOR_A_GET: f64 = 13.0;
/// No key has one of its own: more keys only make the request come in more frames.
const MAX_FOR_A_KEY: f64 = 0.05;
/// The answer's buffer grows once more.
const MAX_FOR_A_LONGER_ANSWER: f64 = 1.0;
