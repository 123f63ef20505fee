//! Metrics are read by all ways at once, again and again, while store versions come, are read, and go: nothing that was
//! counted is lost, and nothing is told twice.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use harness::collector::collector;
use harness::{get_request, store, Client, Harness, HANG, OK};
use prost::Message;
use tokio::task::spawn_blocking;
use venice_engine::Registry;
use venice_metrics::binary::{LABELS_MAGIC, MAGIC};
use venice_server::internals::observe::Metrics;

/// Store versions that come and go.
const VERSIONS: usize = 60;
const CALLS: &str = "venice.server.read.call_count";
const READS: &str = "venice.server.store.version.read_count";

/// Calls that clients made, for who reads metrics meanwhile.
#[derive(Default)]
struct Calls {
    begun: AtomicU64,
    ended: AtomicU64,
    over: AtomicBool,
}

impl Calls {
    /// Reads a number of calls by `read` until the last call was answered, and checks it each time. Returns how often.
    fn follow(&self, who: &str, mut read: impl FnMut() -> u64) -> u64 {
        let (mut last, mut looks) = (0, 0);
        loop {
            let is_last = self.over.load(Ordering::SeqCst);
            let least = self.ended.load(Ordering::SeqCst);
            let told = read();
            let most = self.begun.load(Ordering::SeqCst);
            assert!(
                least <= told && told <= most,
                "{who}: {told}, and {least} to {most} calls"
            );
            assert!(last <= told, "{who}: {last} fell to {told}");
            (last, looks) = (told, looks + 1);
            if is_last {
                assert_eq!(told, most, "{who}");
                return looks;
            }
        }
    }
}

/// The words of a direct buffer, as Java reads them.
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn word(&mut self) -> u64 {
        let (word, rest) = self.0.split_first_chunk().unwrap();
        self.0 = rest;
        u64::from_le_bytes(*word)
    }

    fn skip(&mut self, words: u64) {
        self.0 = &self.0[8 * words as usize..];
    }

    fn text(&mut self) -> &'a str {
        let length = self.word() as usize;
        let (text, rest) = self.0.split_at(length.next_multiple_of(8));
        self.0 = rest;
        std::str::from_utf8(&text[..length]).unwrap()
    }
}

/// Reads metrics as Java does.
struct JavasReader {
    metrics: Metrics,
    buffer: Vec<u8>,
    generation: u64,
    /// Of each series, whether it is a total, and its name.
    labels: Vec<(bool, String)>,
}

impl JavasReader {
    /// Reads numbers, whose labels it has then.
    fn read(&mut self) -> usize {
        loop {
            let length = self.metrics.encode(160, &mut self.buffer);
            if length > self.buffer.len() {
                self.buffer.resize(2 * length, 0);
                continue;
            }
            let mut words = Words(&self.buffer[..length]);
            assert_eq!([words.word(), words.word()], [MAGIC, length as u64]);
            words.word();
            let generation = words.word();
            if generation != self.generation {
                (self.generation, self.labels) = labels(&self.metrics.labels());
            }
            // Another reader may have seen a new series between the two calls.
            if generation == self.generation {
                return length;
            }
        }
    }

    /// The total of a counter.
    fn total(&mut self, name: &str) -> u64 {
        let length = self.read();
        let mut words = Words(&self.buffer[..length]);
        words.skip(5);
        let number = words.word();
        assert_eq!(number as usize, self.labels.len());
        let mut found = None;
        for (is_total, of) in &self.labels {
            let shape = words.word();
            words.word();
            match shape {
                0..=2 => {
                    let value = words.word();
                    if *is_total && of == name {
                        assert_eq!(found.replace(value), None, "{name} comes twice");
                    }
                }
                3 => words.skip(4),
                4 => {
                    words.skip(7);
                    let counts = words.word();
                    words.skip(counts);
                }
                other => panic!("shape {other}"),
            }
        }
        assert!(words.0.is_empty());
        found.unwrap()
    }
}

/// The generation of labels, and of each whether it is a total, and its name.
fn labels(bytes: &[u8]) -> (u64, Vec<(bool, String)>) {
    let mut words = Words(bytes);
    assert_eq!(words.word(), LABELS_MAGIC);
    let generation = words.word();
    let number = words.word();
    let label = |_| {
        words.word();
        let is_total = words.word() == 1;
        let name = words.text().to_owned();
        for _ in 0..3 {
            words.text();
        }
        for _ in 0..2 * words.word() {
            words.text();
        }
        (is_total, name)
    };
    (generation, (0..number).map(label).collect())
}

/// The sum of a counter's series on a page of Prometheus.
fn scraped(address: SocketAddr) -> u64 {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    let lines = text
        .lines()
        .filter(|line| line.starts_with("venice_server_read_call_count_total{"));
    let mut seen = std::collections::HashSet::new();
    let values = lines.map(|line| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(seen.insert(series), "{series} comes twice");
        value.parse::<f64>().unwrap() as u64
    });
    values.sum()
}

/// As far as this test reads it: OTLP's request.
#[derive(Clone, PartialEq, Message)]
struct Exported {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<Resource>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<Scope>,
}

#[derive(Clone, PartialEq, Message)]
struct Scope {
    #[prost(message, repeated, tag = "2")]
    metrics: Vec<Metric>,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "7")]
    sum: Option<Sum>,
}

#[derive(Clone, PartialEq, Message)]
struct Sum {
    #[prost(message, repeated, tag = "1")]
    points: Vec<Point>,
}

#[derive(Clone, PartialEq, Message)]
struct Point {
    #[prost(sfixed64, tag = "6")]
    as_int: i64,
}

fn exported(body: &[u8]) -> u64 {
    let exported = Exported::decode(body).unwrap();
    let scopes = exported
        .resources
        .iter()
        .flat_map(|resource| &resource.scopes);
    let metrics = scopes.flat_map(|scope| &scope.metrics);
    let calls = metrics.filter(|metric| metric.name == CALLS);
    let points = calls.flat_map(|metric| &metric.sum.as_ref().unwrap().points);
    points.map(|point| point.as_int as u64).sum()
}

/// Gets `number` times, whatever the answers are.
async fn get(client: &mut Client, calls: &Calls, name: &str, number: usize) {
    for _ in 0..number {
        calls.begun.fetch_add(1, Ordering::SeqCst);
        let request = get_request(name, 0, b"key");
        client.grpc.get(request).await.unwrap();
        calls.ended.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn nothing_that_was_counted_is_lost_or_told_twice() {
    let (collecting, bodies) = collector();
    let endpoint = format!("http://{collecting}");
    let settings = [
        "metrics.exporters",
        "all",
        "metrics.prometheus.port",
        "0",
        "metrics.otlp.endpoint",
        &endpoint,
        "metrics.otlp.interval.ms",
        "100",
        // RocksDB is asked each time.
        "metrics.rocksdb.interval.ms",
        "1",
    ];
    let registry = Registry::new();
    let steady = store(&registry, "steady_v1");
    steady.put(0, b"key", 1, b"payload");
    let harness = Arc::new(Harness::start(&registry, &settings));
    let calls = Arc::<Calls>::default();

    let mut java = JavasReader {
        metrics: harness.server.observed().clone(),
        buffer: Vec::new(),
        generation: 0,
        labels: Vec::new(),
    };
    let follow = |who: &'static str, mut read: Box<dyn FnMut() -> u64 + Send>| {
        let calls = Arc::clone(&calls);
        thread::spawn(move || calls.follow(who, &mut read))
    };
    let by_java = follow("Java", Box::new(move || java.total(CALLS)));
    let address = harness.server.prometheus().unwrap();
    let by_scrapes = follow("Prometheus", Box::new(move || scraped(address)));

    // Clients that go on reading what goes, and one whose versions are here until they were read.
    let reading: Vec<_> = (0..2)
        .map(|first| {
            let (harness, calls) = (Arc::clone(&harness), Arc::clone(&calls));
            tokio::spawn(async move {
                let mut client = harness.client().await;
                for version in first..VERSIONS {
                    get(
                        &mut client,
                        &calls,
                        &format!("store{}_v{version}", version % 7),
                        40,
                    )
                    .await;
                }
            })
        })
        .collect();
    let mut client = harness.client().await;
    let (mut last, mut java) = (
        0,
        JavasReader {
            metrics: harness.server.observed().clone(),
            buffer: Vec::new(),
            generation: 0,
            labels: Vec::new(),
        },
    );
    for version in 0..VERSIONS {
        let name = format!("store{}_v{version}", version % 7);
        let store = store(&registry, &name);
        store.put(0, b"key", 1, b"payload");
        get(&mut client, &calls, &name, 20).await;
        get(&mut client, &calls, "steady_v1", 1).await;
        // Of versions, too: what is gone stays in the total.
        let reads = java.total(READS);
        assert!(reads > last, "{reads} after {last} with {name}");
        last = reads;
        spawn_blocking(move || drop(store)).await.unwrap();
    }
    for client in reading {
        client.await.unwrap();
    }
    assert_eq!(client.get("steady_v1", 0, b"key").await.error_code, OK);
    calls.begun.fetch_add(1, Ordering::SeqCst);
    calls.ended.fetch_add(1, Ordering::SeqCst);
    drop(client);
    calls.over.store(true, Ordering::SeqCst);
    let looks = |of: JoinHandle<u64>| spawn_blocking(move || of.join().unwrap());
    let (java, scrapes) = (
        looks(by_java).await.unwrap(),
        looks(by_scrapes).await.unwrap(),
    );

    let stopping = Arc::clone(&harness);
    assert!(spawn_blocking(move || stopping.server.stop(HANG))
        .await
        .unwrap());
    let all = calls.begun.load(Ordering::SeqCst);
    let bodies: Vec<u64> = bodies.try_iter().map(|(_, body)| exported(&body)).collect();
    assert!(bodies.windows(2).all(|two| two[0] <= two[1]), "{bodies:?}");
    assert_eq!(bodies.last(), Some(&all), "of {bodies:?}");
    println!(
        "{all} calls over {VERSIONS} store versions; {java} fetches, {scrapes} scrapes, {} messages of OTLP",
        bodies.len()
    );
}
