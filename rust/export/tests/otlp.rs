//! What comes to a collector by OTLP, decoded by the messages' own crate.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod collector;
mod counted;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use collector::{Collector, Request};
use counted::{Counted, QUEUE, TIME};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{any_value, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::{
    metric, number_data_point, AggregationTemporality, ExponentialHistogramDataPoint, Sum,
};
use prost::Message;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::ServerConfig;
use venice_export::settings::{endpoint, headers, Retry, Temporality};
use venice_export::{Exporters, OtlpSettings, Resource, Settings, TrustFile};
use venice_metrics::model::{Histogram, Value};

const CUMULATIVE: i32 = AggregationTemporality::Cumulative as i32;
const DELTA: i32 = AggregationTemporality::Delta as i32;

/// Every millisecond, so that tests need not wait for it; attempts follow one another at once.
fn often(collector: &str) -> OtlpSettings {
    OtlpSettings {
        endpoint: endpoint(collector).unwrap(),
        interval: Duration::from_millis(1),
        timeout: Duration::from_secs(60),
        retry: Retry {
            attempts: 3,
            first: Duration::ZERO,
            longest: Duration::from_secs(1),
        },
        ..OtlpSettings::default()
    }
}

fn start(otlp: OtlpSettings, counted: &Counted) -> Exporters {
    let pairs = [("service.name", "venice"), ("host.name", "h")];
    let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let settings = Settings {
        otlp: Some(otlp),
        resource: Resource::new(pairs),
        ..Settings::default()
    };
    Exporters::start(settings, counted.source()).unwrap()
}

fn text<'a>(attributes: &'a [KeyValue], key: &str) -> &'a str {
    let mut attributes = attributes.iter();
    let pair = attributes.find(|pair| pair.key == key).unwrap();
    match pair.value.as_ref().unwrap().value.as_ref().unwrap() {
        any_value::Value::StringValue(text) => text,
        other => panic!("{other:?}"),
    }
}

fn sum(request: &Request, name: &str) -> Option<Sum> {
    match request.metric(name)? {
        metric::Data::Sum(sum) => Some(sum),
        other => panic!("{other:?}"),
    }
}

fn int(value: &Option<number_data_point::Value>) -> i64 {
    match value {
        Some(number_data_point::Value::AsInt(value)) => *value,
        other => panic!("{other:?}"),
    }
}

fn exponential(request: &Request, name: &str) -> Option<(i32, Vec<ExponentialHistogramDataPoint>)> {
    match request.metric(name)? {
        metric::Data::ExponentialHistogram(of) => {
            Some((of.aggregation_temporality, of.data_points))
        }
        other => panic!("{other:?}"),
    }
}

fn histogram(point: &ExponentialHistogramDataPoint) -> Histogram {
    let positive = point.positive.clone().unwrap_or_default();
    Histogram {
        scale: point.scale,
        zero_count: point.zero_count,
        count: point.count,
        sum: point.sum.unwrap(),
        min: point.min.unwrap_or_default(),
        max: point.max.unwrap_or_default(),
        offset: positive.offset,
        counts: positive.bucket_counts,
    }
}

const CALL_COUNT: &str = "venice.server.read.call_count";
const CALL_TIME: &str = "venice.server.read.call_time";
const QUEUE_SIZE: &str = "venice.server.storage_engine.queue.size";

#[test]
fn a_collector_gets_what_was_counted() {
    let counted = Counted::new();
    let store = counted.store("s");
    // 30 octaves at scale 5: the collector takes 160 buckets.
    for octave in 0..300 {
        store.read(f64::from(octave / 10 - 10).exp2() * 1.3);
    }
    store.read(0.0);
    let collector = Collector::start([]);
    let otlp = OtlpSettings {
        headers: headers("authorization=Bearer%20t").unwrap(),
        ..often(&collector.endpoint())
    };
    let exporters = start(otlp, &counted);
    let request = collector.next();
    drop(exporters);

    let head = request.head.to_lowercase();
    assert!(head.starts_with("post /v1/metrics http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf\r\n"));
    assert!(head.contains("authorization: bearer t\r\n"), "{head}");
    assert!(head.contains(&format!("host: {}\r\n", collector.address)));

    let resource = &request.decoded().resource_metrics[0];
    let attributes = &resource.resource.as_ref().unwrap().attributes;
    assert_eq!(text(attributes, "service.name"), "venice");
    let scope = resource.scope_metrics[0].scope.as_ref().unwrap();
    assert_eq!(scope.name, "venice.server.rust");

    let calls = sum(&request, CALL_COUNT).unwrap();
    assert!(calls.is_monotonic);
    assert_eq!(calls.aggregation_temporality, CUMULATIVE);
    let [point] = &calls.data_points[..] else {
        panic!("{calls:?}")
    };
    assert_eq!(int(&point.value), 301);
    assert_eq!(text(&point.attributes, "venice.store.name"), "s");
    assert_eq!(text(&point.attributes, "venice.cluster.name"), "c0");
    assert!(point.start_time_unix_nano > 0 && point.time_unix_nano >= point.start_time_unix_nano);

    // What the registry itself fits into as many buckets.
    let snapshot = counted.registry.snapshot(160);
    let expected = &snapshot.metric(TIME).unwrap().points[0].value;
    let (temporality, points) = exponential(&request, CALL_TIME).unwrap();
    assert_eq!(temporality, CUMULATIVE);
    let got = histogram(&points[0]);
    assert!(got.counts.len() <= 160 && got.scale < 5);
    assert_eq!(Value::Histogram(got), *expected);

    let Some(metric::Data::Histogram(queue)) = request.metric(QUEUE_SIZE) else {
        panic!("no {QUEUE_SIZE}")
    };
    let point = &queue.data_points[0];
    assert_eq!((point.count, point.sum), (301, Some(903.0)));
    assert_eq!((point.min, point.max), (Some(3.0), Some(3.0)));
    assert_eq!(
        (&point.bucket_counts[..], point.explicit_bounds.len()),
        (&[301][..], 0)
    );
    let snapshot = counted.registry.snapshot(160);
    assert_eq!(snapshot.metric(QUEUE).unwrap().unit, "1");
    let metrics = request.metrics();
    let unit = |name| {
        &metrics
            .iter()
            .find(|metric| metric.name == name)
            .unwrap()
            .unit
    };
    assert_eq!(unit(CALL_TIME), "ms");
}

/// What arrived adds up to what was counted, whatever the collector answered.
#[test]
fn deltas_that_arrived_add_up_to_what_was_counted() {
    let counted = Counted::new();
    let refused = |status| Some((status, "", b"no".to_vec()));
    // Refused for good; refused three times; taken; and so on.
    let answers = [400, 503, 502, 504, 200, 200, 413, 429, 200, 500];
    let collector = Collector::start(answers.map(refused));
    let otlp = OtlpSettings {
        temporality: Temporality::Delta,
        ..often(&collector.endpoint())
    };
    let exporters = start(otlp, &counted);
    let store = counted.store("s");
    let late = counted.store("late");
    let mut requests = Vec::new();
    for round in 0..200 {
        store.read(0.001 * f64::from(round * round + 1));
        if round > 100 {
            late.read(5.0);
        }
        if round % 10 == 0 {
            requests.push(collector.next());
        }
    }
    exporters.stop(Duration::from_secs(60));
    requests.extend(collector.requests.try_iter());
    requests.retain(|request| request.status == 200);
    assert!(requests.len() > 1);

    let mut calls = BTreeMap::new();
    for request in &requests {
        if let Some(sum) = sum(request, CALL_COUNT) {
            assert_eq!(sum.aggregation_temporality, DELTA);
            for point in sum.data_points {
                let store = text(&point.attributes, "venice.store.name").to_owned();
                let value = int(&point.value);
                assert!(value > 0, "nothing is not sent");
                *calls.entry(store).or_insert(0) += value;
            }
        }
    }
    let expected = BTreeMap::from([("late".to_owned(), 99), ("s".to_owned(), 200)]);
    assert_eq!(calls, expected);

    let snapshot = counted.registry.snapshot(usize::MAX);
    let metric = snapshot.metric(TIME).unwrap();
    let Some(Value::Histogram(whole)) = metric.value(&[("venice.store.name", "s")]) else {
        panic!("{metric:?}")
    };
    let points = requests
        .iter()
        .filter_map(|request| exponential(request, CALL_TIME));
    let points = points.flat_map(|(temporality, points)| {
        assert_eq!(temporality, DELTA);
        points
    });
    let parts: Vec<_> = points
        .filter(|point| text(&point.attributes, "venice.store.name") == "s")
        .map(|point| histogram(&point))
        .collect();
    let coarsest = parts.iter().map(|part| part.scale).min().unwrap();
    assert_eq!(
        added(&parts, coarsest),
        added(std::slice::from_ref(whole), coarsest)
    );
    let sum: f64 = parts.iter().map(|part| part.sum).sum();
    assert!((sum - whole.sum).abs() <= whole.sum * 1e-12, "{sum}");
}

/// Buckets at a scale, of all together.
fn added(histograms: &[Histogram], scale: i32) -> BTreeMap<i32, u64> {
    let mut buckets = BTreeMap::new();
    for histogram in histograms {
        let mut histogram = histogram.clone();
        histogram.merge_neighbours((histogram.scale - scale) as u32);
        for (i, count) in histogram.counts.iter().enumerate() {
            if *count > 0 {
                *buckets.entry(histogram.offset + i as i32).or_insert(0) += count;
            }
        }
    }
    buckets
}

#[test]
fn a_request_is_sent_again_only_where_that_may_help() {
    let counted = Counted::new();
    counted.store("s").read(1.0);
    let collector = Collector::start([
        Some((503, "Retry-After: 0\r\n", Vec::new())),
        Some((429, "", Vec::new())),
        Some((200, "", Vec::new())),
        Some((404, "", Vec::new())),
        Some((200, "", Vec::new())),
        Some((503, "Retry-After: 3600\r\n", Vec::new())),
        Some((200, "", Vec::new())),
    ]);
    let exporters = start(often(&collector.endpoint()), &counted);
    let requests: Vec<_> = (0..7).map(|_| collector.next()).collect();
    drop(exporters);
    let time = |request: &Request| sum(request, CALL_COUNT).unwrap().data_points[0].time_unix_nano;
    let times: Vec<_> = requests.iter().map(time).collect();
    // The same three times; then others, each a snapshot of its own, as nobody waits for an hour.
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].body, requests[2].body);
    let others: HashSet<_> = times[2..].iter().collect();
    assert_eq!(others.len(), 5, "{times:?}");
}

#[test]
fn what_a_collector_took_in_part_is_not_sent_again() {
    let counted = Counted::new();
    let store = counted.store("s");
    store.read(1.0);
    let answer = ExportMetricsServiceResponse {
        partial_success: Some(ExportMetricsPartialSuccess {
            rejected_data_points: 2,
            error_message: "too old".to_owned(),
        }),
    };
    let collector = Collector::start([Some((200, "", answer.encode_to_vec()))]);
    let otlp = OtlpSettings {
        temporality: Temporality::Delta,
        ..often(&collector.endpoint())
    };
    let exporters = start(otlp, &counted);
    let first = collector.next();
    assert_eq!(
        int(&sum(&first, CALL_COUNT).unwrap().data_points[0].value),
        1
    );
    let second = collector.next();
    assert!(sum(&second, CALL_COUNT).is_none());
    store.read(1.0);
    exporters.stop(Duration::from_secs(60));
    let rest = collector.requests.try_iter();
    let rest: i64 = rest
        .filter_map(|request| sum(&request, CALL_COUNT))
        .map(|sum| int(&sum.data_points[0].value))
        .sum();
    assert_eq!(rest, 1);
}

#[test]
fn a_large_snapshot_comes_in_requests_of_a_bounded_size() {
    const STORES: usize = 500;
    const BYTES: usize = 10_000;
    let counted = Counted::new();
    for store in 0..STORES {
        counted.store(&format!("store_{store}")).read(1.0);
    }
    let collector = Collector::start([]);
    let otlp = OtlpSettings {
        request_bytes: BYTES,
        interval: Duration::from_secs(3600),
        ..often(&collector.endpoint())
    };
    // The last export is the only one.
    let exporters = start(otlp, &counted);
    exporters.stop(Duration::from_secs(60));
    let requests: Vec<_> = collector.requests.try_iter().collect();
    assert!(requests.len() > 10);
    let mut stores = HashSet::new();
    for request in &requests {
        // One point more than fits, and the resource.
        assert!(request.body.len() < BYTES + 1000, "{}", request.body.len());
        for point in sum(request, CALL_COUNT)
            .into_iter()
            .flat_map(|sum| sum.data_points)
        {
            let store = text(&point.attributes, "venice.store.name").to_owned();
            assert!(stores.insert(store.clone()), "{store} comes twice");
        }
    }
    assert_eq!(stores.len(), STORES);
}

#[test]
fn a_collector_that_does_not_answer_is_left_and_tried_again() {
    let counted = Counted::new();
    counted.store("s").read(1.0);
    let collector = Collector::start([None, None, None]);
    let otlp = OtlpSettings {
        timeout: Duration::from_millis(20),
        ..often(&collector.endpoint())
    };
    let exporters = start(otlp, &counted);
    // A collector as slow as this test's machine may get no answer through in time; so it goes on until one
    // is there.
    let answered = (0..1000)
        .map(|_| collector.next())
        .find(|one| one.status == 200);
    assert!(answered.is_some());
    // None of what counts waits for it.
    collector.answer_next(None);
    counted.store("s").read(1.0);
    exporters.stop(Duration::ZERO);
}

#[test]
fn nobody_at_the_endpoint_harms_nothing() {
    let counted = Counted::new();
    let gone = Collector::start([]).address;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = free.local_addr().unwrap();
    drop(free);
    assert_ne!(gone, closed);
    for endpoint in [format!("http://{closed}"), "http://name.invalid".to_owned()] {
        let exporters = start(often(&endpoint), &counted);
        counted.store("s").read(1.0);
        exporters.stop(Duration::from_secs(1));
    }
}

const AUTHORITY: &[u8] = include_bytes!("certificates/authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("certificates/collector.pem");
const KEY: &[u8] = include_bytes!("certificates/collector.key");

fn collectors_tls() -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

fn file(name: &str, contents: &[u8]) -> PathBuf {
    let folder = std::env::var_os("TEST_TMPDIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let file = folder.join(format!("venice-export-{}-{name}", std::process::id()));
    std::fs::write(&file, contents).unwrap();
    file
}

fn trust_file(file: &Path) -> TrustFile {
    TrustFile {
        file: file.to_owned(),
        pem: std::fs::read(file).unwrap(),
    }
}

#[test]
fn over_tls_only_a_collector_that_is_trusted_gets_them() {
    let counted = Counted::new();
    counted.store("s").read(1.0);
    let trusted = file("authority.pem", AUTHORITY);
    let collector = Collector::start_tls(collectors_tls());
    let port = collector.address.port();
    let otlp = |host: &str| OtlpSettings {
        trust: Some(trust_file(&trusted)),
        ..often(&format!("https://{host}:{port}"))
    };
    // Its certificate is of another name.
    start(otlp("127.0.0.1"), &counted).stop(Duration::from_secs(60));
    assert!(collector.requests.try_recv().is_err());
    let exporters = start(otlp("localhost"), &counted);
    let request = collector.next();
    drop(exporters);
    assert!(sum(&request, CALL_COUNT).is_some());
    std::fs::remove_file(trusted).unwrap();
}

#[test]
fn https_needs_certificates_to_trust() {
    let counted = Counted::new();
    let start = |trust: Option<TrustFile>| {
        let otlp = OtlpSettings {
            trust,
            ..often("https://localhost:1")
        };
        let settings = Settings {
            otlp: Some(otlp),
            ..Settings::default()
        };
        let error = Exporters::start(settings, counted.source()).err();
        error.unwrap().to_string()
    };
    assert!(start(None).contains("name a PEM file"));
    let key = file("key.pem", KEY);
    let error = start(Some(trust_file(&key)));
    let named = key.display().to_string();
    assert!(
        error.contains("no certificate") && error.contains(&named),
        "{error}"
    );
    std::fs::remove_file(key).unwrap();
}
