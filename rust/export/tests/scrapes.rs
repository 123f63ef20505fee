//! What Prometheus scrapes, read by another library's parser.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod counted;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use counted::{Counted, CALLS, QUEUE, TIME};
use openmetrics_parser::openmetrics::parse_openmetrics;
use openmetrics_parser::prometheus::parse_prometheus;
use openmetrics_parser::{HistogramValue, OpenMetricsValue, PrometheusType, PrometheusValue};
use venice_export::prometheus::names::{family_name, sample_name};
use venice_export::{Exporters, PrometheusSettings, Resource, Settings};

const OPEN_METRICS: &str = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.1";
const PROTOBUF: &str =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

/// Quotes, a backslash, an end of line, and letters that are not ASCII.
const ODD: &str = "a \"b\" \\ c\nd é";

fn start(counted: &Counted) -> (Exporters, SocketAddr) {
    start_with(counted, PrometheusSettings::default().held_bytes)
}

fn start_with(counted: &Counted, held_bytes: usize) -> (Exporters, SocketAddr) {
    let pairs = [("service.name", "venice"), ("host.name", "h \"1\"")];
    let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let settings = Settings {
        prometheus: Some(PrometheusSettings {
            address: "127.0.0.1:0".parse().unwrap(),
            held_bytes,
        }),
        resource: Resource::new(pairs),
        ..Settings::default()
    };
    let exporters = Exporters::start(settings, counted.source()).unwrap();
    let address = exporters.prometheus().unwrap();
    (exporters, address)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).unwrap();
    stream
}

/// Head and body of the answer; both empty if there is none.
fn ask(address: SocketAddr, request: &str) -> (String, Vec<u8>) {
    let mut stream = connect(address);
    // Who is hung up on early cannot write all.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Default::default();
    };
    let body = answer.split_off(end + 4);
    (String::from_utf8(answer).unwrap().to_lowercase(), body)
}

fn scrape(address: SocketAddr, accept: &str) -> (String, Vec<u8>) {
    let head = format!("GET /metrics HTTP/1.1\r\nHost: h\r\nAccept: {accept}\r\n\r\n");
    let (head, body) = ask(address, &head);
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    (head, body)
}

fn text(address: SocketAddr, accept: &str) -> String {
    String::from_utf8(scrape(address, accept).1).unwrap()
}

fn name(instrument: venice_metrics::Instrument) -> String {
    sample_name(&instrument.full_name("server"), instrument)
}

const TIMES: [f64; 8] = [0.0, 0.003, 0.25, 0.3, 1.0, 1.0, 7.5, 1e6];

fn read_two_stores(counted: &Counted) {
    let odd = counted.store(ODD);
    for time in TIMES {
        odd.read(time);
    }
    counted.store("plain").read(2.0);
}

/// Its buckets are those of `TIMES`.
fn check(histogram: &HistogramValue) {
    assert_eq!(histogram.count, Some(TIMES.len() as u64));
    assert_eq!(
        histogram.sum.as_ref().unwrap().as_f64(),
        TIMES.iter().sum::<f64>()
    );
    let buckets = &histogram.buckets;
    assert_eq!(buckets.len(), 26);
    for bucket in buckets {
        let below = TIMES.iter().filter(|time| **time <= bucket.upper_bound);
        assert_eq!(
            bucket.count.as_f64(),
            below.count() as f64,
            "up to {}",
            bucket.upper_bound
        );
    }
    assert_eq!(buckets.last().unwrap().upper_bound, f64::INFINITY);
}

#[test]
fn another_parser_reads_the_text_as_it_was_counted() {
    let counted = Counted::new();
    read_two_stores(&counted);
    let (_exporters, address) = start(&counted);
    let text = text(address, "*/*");
    let parsed = parse_prometheus(&text).unwrap();
    let families = &parsed.families;

    let calls = &families[&name(CALLS)];
    assert_eq!(calls.family_type, PrometheusType::Counter);
    let values: Vec<_> = calls
        .iter_samples()
        .map(|sample| {
            let labels = sample.get_labelset().unwrap();
            let label = |name| labels.get_label_value(name).unwrap().to_owned();
            let PrometheusValue::Counter(counter) = &sample.value else {
                panic!("{sample:?}")
            };
            assert_eq!(label("venice_cluster_name"), "c0");
            assert_eq!(label("http_response_status_code"), "200");
            counter.value.as_f64()
        })
        .collect();
    assert_eq!(values.iter().sum::<f64>(), 9.0);
    // This parser leaves values of labels as they are written.
    assert!(
        text.contains(r#"venice_store_name="a \"b\" \\ c\nd é","#),
        "{text}"
    );

    let time = &families[&name(TIME)];
    let histograms = time
        .iter_samples()
        .filter_map(|sample| match &sample.value {
            PrometheusValue::Histogram(histogram) => Some(histogram),
            _ => None,
        });
    let histogram = histograms
        .filter(|one| one.count == Some(8))
        .collect::<Vec<_>>();
    check(histogram[0]);

    let queue = &families[&name(QUEUE)];
    assert_eq!(queue.family_type, PrometheusType::Summary);
    assert!(text.contains("target_info{service_name=\"venice\",host_name=\"h \\\"1\\\"\"} 1\n"));
}

#[test]
fn open_metrics_is_read_by_its_own_rules() {
    let counted = Counted::new();
    read_two_stores(&counted);
    let (_exporters, address) = start(&counted);
    let (head, body) = scrape(address, OPEN_METRICS);
    assert!(
        head.contains("content-type: application/openmetrics-text; version=1.0.0"),
        "{head}"
    );
    let text = String::from_utf8(body).unwrap();
    assert!(text.ends_with("# EOF\n"));
    let unit = "# UNIT venice_server_read_call_time_milliseconds milliseconds\n";
    assert!(text.contains(unit));
    // This parser refuses units of histograms, which OpenMetrics and Prometheus know.
    let lines = text.lines().filter(|line| !line.starts_with("# UNIT "));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    let parsed = parse_openmetrics(&text).unwrap();
    let family = |instrument: venice_metrics::Instrument| {
        &parsed.families[&family_name(&instrument.full_name("server"), instrument)]
    };
    let samples = family(TIME).iter_samples();
    let mut histograms = samples.filter_map(|sample| match &sample.value {
        OpenMetricsValue::Histogram(histogram) => Some(histogram),
        _ => None,
    });
    check(histograms.find(|one| one.count == Some(8)).unwrap());
    let samples = family(CALLS).iter_samples();
    let total: f64 = samples
        .map(|sample| match &sample.value {
            OpenMetricsValue::Counter(counter) => counter.value.as_f64(),
            other => panic!("{other:?}"),
        })
        .sum();
    assert_eq!(total, 9.0);
}

#[test]
fn who_asks_for_protobuf_gets_every_bucket() {
    let counted = Counted::new();
    read_two_stores(&counted);
    let (_exporters, address) = start(&counted);
    let (head, body) = scrape(address, PROTOBUF);
    assert!(head.contains("application/vnd.google.protobuf"), "{head}");
    let histogram = Histogram::find(&body, &name(TIME), TIMES.len() as u64);
    assert_eq!(histogram.scale, 5);
    assert_eq!(histogram.zero_count, 1);
    let mut expected = std::collections::BTreeMap::new();
    for time in TIMES.iter().filter(|time| **time > 0.0) {
        // The upper bound of bucket i is 2^(i / 2^5).
        let index = (time.log2() * 32.0).ceil() as i64;
        *expected.entry(index).or_insert(0) += 1;
    }
    let expected: Vec<_> = expected.into_iter().collect();
    assert_eq!(histogram.buckets, expected);
}

#[test]
fn only_gets_of_metrics_are_answered() {
    let counted = Counted::new();
    let (_exporters, address) = start(&counted);
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "404"),
        ("GET /metrics/x HTTP/1.1\r\nHost: h\r\n\r\n", "404"),
        (
            "POST /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
            "405",
        ),
        ("DELETE /metrics HTTP/1.1\r\nHost: h\r\n\r\n", "405"),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let (head, _) = ask(address, request);
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{head}");
    }
    let (head, body) = ask(address, "HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(
        head.starts_with("http/1.1 200 ") && body.is_empty(),
        "{head}"
    );
    let long = "x".repeat(20_000);
    let (head, _) = ask(
        address,
        &format!("GET /metrics HTTP/1.1\r\nHost: h\r\nX: {long}\r\n\r\n"),
    );
    assert!(!head.starts_with("http/1.1 200 "), "{head}");
    // And none of that was its end.
    scrape(address, "*/*");
}

#[test]
fn connections_that_say_nothing_are_bounded_and_keep_nobody_out_for_long() {
    let counted = Counted::new();
    counted.store("s").read(1.0);
    let (_exporters, address) = start(&counted);
    let silent: Vec<_> = (0..8).map(|_| connect(address)).collect();
    let get = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n";
    // The ninth is hung up on; it never gets an answer while the eight are there.
    let (head, _) = ask(address, get);
    assert_eq!(head, "");
    drop(silent);
    // Each ends as soon as the server sees its end.
    let answered = |_| ask(address, get).0.starts_with("http/1.1 200 ");
    assert!((0..100_000).any(answered));
}

#[test]
fn pages_that_nobody_takes_are_bounded() {
    let counted = Counted::new();
    // A page of more bytes than sockets take.
    let long = "s".repeat(1000);
    let stores: Vec<_> = (0..1000)
        .map(|number| {
            let store = counted.store(&format!("{long}{number}"));
            store.read(1.0);
            store
        })
        .collect();
    let (_exporters, address) = start_with(&counted, 1 << 20);
    let get = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n";
    let (_, page) = scrape(address, "*/*");
    assert!(page.len() > 8 << 20, "{}", page.len());
    // One who takes some bytes of it, and no more for now; the page before has to be gone.
    let begun = |_| {
        let mut slow = connect(address);
        slow.write_all(get.as_bytes()).unwrap();
        let mut head = [0; 12];
        slow.read_exact(&mut head).unwrap();
        (&head == b"HTTP/1.1 200").then_some(slow)
    };
    let slow = (0..100_000).find_map(begun).unwrap();
    for _ in 0..20 {
        let (head, body) = ask(address, get);
        assert!(head.starts_with("http/1.1 503 "), "{head}");
        let text = String::from_utf8(body).unwrap();
        assert!(
            text.contains(" bytes of pages") && text.contains("1048576"),
            "{text}"
        );
    }
    // It ends, and another page may be made.
    drop(slow);
    let answered = |_| ask(address, get).0.starts_with("http/1.1 200 ");
    assert!((0..100_000).any(answered));
    drop(stores);
}

#[test]
fn exporters_that_end_serve_no_more_and_free_the_port() {
    let counted = Counted::new();
    let (exporters, address) = start(&counted);
    scrape(address, "*/*");
    drop(exporters);
    assert!(TcpStream::connect(address).is_err());
    let settings = |address| Settings {
        prometheus: Some(PrometheusSettings {
            address,
            ..PrometheusSettings::default()
        }),
        ..Settings::default()
    };
    let again = Exporters::start(settings(address), counted.source()).unwrap();
    let error = Exporters::start(settings(address), counted.source()).err();
    let error = error.unwrap().to_string();
    assert!(error.contains(&address.to_string()), "{error}");
    assert!(error.contains("another address"), "{error}");
    drop(again);
}

/// A native histogram, read off the wire by hand.
struct Histogram {
    scale: i64,
    zero_count: u64,
    /// Index by upper bound, and count, of those that are not empty.
    buckets: Vec<(i64, i64)>,
}

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message: tag and value.
fn fields(mut message: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let mut take = |length: usize| {
            let (taken, rest) = message.split_at(length);
            message = rest;
            taken
        };
        let field = match key & 7 {
            1 => Field::Number(u64::from_le_bytes(take(8).try_into().unwrap())),
            0 => Field::Number(varint(&mut message)),
            2 => {
                let length = varint(&mut message) as usize;
                let (taken, rest) = message.split_at(length);
                message = rest;
                Field::Bytes(taken)
            }
            other => panic!("wire type {other}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

fn varint(message: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first().unwrap();
        *message = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn numbers(message: &[u8], tag: u64) -> Vec<u64> {
    let fields = fields(message).into_iter();
    let of = fields.filter_map(|(known, field)| match field {
        Field::Number(number) if known == tag => Some(number),
        _ => None,
    });
    of.collect()
}

fn messages(message: &[u8], tag: u64) -> Vec<&[u8]> {
    let fields = fields(message).into_iter();
    let of = fields.filter_map(|(known, field)| match field {
        Field::Bytes(bytes) if known == tag => Some(bytes),
        _ => None,
    });
    of.collect()
}

impl Histogram {
    /// Of the family `name`, the one that has `count` values.
    fn find(mut body: &[u8], name: &str, count: u64) -> Histogram {
        while !body.is_empty() {
            let length = varint(&mut body) as usize;
            let (family, rest) = body.split_at(length);
            body = rest;
            if messages(family, 1) != [name.as_bytes()] {
                continue;
            }
            let metrics = messages(family, 4).into_iter();
            let mut histograms = metrics.flat_map(|metric| messages(metric, 7));
            let found = histograms.find(|one| numbers(one, 1) == [count]);
            return Histogram::read(found.unwrap());
        }
        panic!("no family {name}");
    }

    fn read(message: &[u8]) -> Histogram {
        let mut buckets = Vec::new();
        let mut deltas = numbers(message, 13).into_iter().map(zigzag);
        let (mut index, mut count) = (0, 0);
        for span in messages(message, 12) {
            index += zigzag(numbers(span, 1)[0]);
            for _ in 0..numbers(span, 2)[0] {
                count += deltas.next().unwrap();
                buckets.push((index, count));
                index += 1;
            }
        }
        assert_eq!(deltas.next(), None);
        buckets.retain(|(_, count)| *count > 0);
        Histogram {
            scale: zigzag(numbers(message, 5)[0]),
            zero_count: numbers(message, 7)[0],
            buckets,
        }
    }
}
