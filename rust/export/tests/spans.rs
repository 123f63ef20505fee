//! Spans that come to a collector by OTLP, decoded by the numbers of their fields.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod collector;

use std::sync::Arc;
use std::time::Duration;

use collector::{Collector, Request};
use venice_export::settings::{traces_endpoint, Retry};
use venice_export::spans::{self, Span, SpanQueue, Value};
use venice_export::{Exporters, OtlpChange, OtlpSettings, Resource, Settings, Traces};
use venice_metrics::model::Snapshot;

/// The fields of a message: number and value, as they lie on the wire.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let value = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => Field::Number(u64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap())),
            2 => {
                let length = varint(&mut bytes) as usize;
                Field::Bytes(take(&mut bytes, length).to_vec())
            }
            5 => Field::Number(u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap()).into()),
            other => panic!("wire type {other}"),
        };
        fields.push((tag >> 3, value));
    }
    fields
}

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Number(u64),
    Bytes(Vec<u8>),
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

fn all(bytes: &[u8], number: u64) -> Vec<Vec<u8>> {
    let of = fields(bytes)
        .into_iter()
        .filter(|(known, _)| *known == number);
    of.map(|(_, value)| match value {
        Field::Bytes(bytes) => bytes,
        Field::Number(number) => panic!("{number}"),
    })
    .collect()
}

fn number(bytes: &[u8], number: u64) -> u64 {
    let found = fields(bytes)
        .into_iter()
        .find(|(known, _)| *known == number);
    match found {
        Some((_, Field::Number(value))) => value,
        None => 0,
        other => panic!("{other:?}"),
    }
}

fn text(bytes: &[u8], number: u64) -> String {
    String::from_utf8(all(bytes, number)[0].clone()).unwrap()
}

/// Keys and values of `KeyValue`s: texts, and whole numbers in digits.
fn attributes(of: &[u8], at: u64) -> Vec<(String, String)> {
    let pairs = all(of, at).into_iter().map(|pair| {
        let value = &all(&pair, 2)[0];
        let shown = match fields(value).remove(0) {
            (1, Field::Bytes(text)) => String::from_utf8(text).unwrap(),
            (3, Field::Number(number)) => number.to_string(),
            other => panic!("{other:?}"),
        };
        (text(&pair, 1), shown)
    });
    pairs.collect()
}

/// The spans of a request: `resource_spans` (1), `scope_spans` (2), `spans` (2).
fn spans_of(request: &Request) -> Vec<Vec<u8>> {
    let scopes = all(&request.body, 1)
        .into_iter()
        .flat_map(|resource| all(&resource, 2));
    scopes.flat_map(|scope| all(&scope, 2)).collect()
}

fn span(number: u8) -> Span {
    Span {
        trace_id: [number; 16],
        parent_id: [number + 1; 8],
        name: "some.Service/method",
        start: Duration::from_nanos(1_000_000_007),
        took: Duration::from_nanos(500),
        grpc_status: 4,
        failed: true,
        attributes: vec![
            ("venice.store.name", Value::Text(Arc::from("store"))),
            ("venice.request.key_count", Value::Number(12)),
        ],
        phases: vec![("queue", Duration::from_nanos(10), Duration::from_nanos(200))],
    }
}

fn to(collector: &Collector, interval: Duration) -> OtlpSettings {
    OtlpSettings {
        endpoint: traces_endpoint(&collector.endpoint()).unwrap(),
        interval,
        timeout: Duration::from_secs(60),
        retry: Retry {
            attempts: 2,
            first: Duration::ZERO,
            longest: Duration::from_secs(1),
        },
        ..OtlpSettings::default()
    }
}

fn start(collector: &Collector, interval: Duration, capacity: usize) -> (Exporters, SpanQueue) {
    let otlp = to(collector, interval);
    let settings = Settings {
        resource: Resource::new([("service.name".to_owned(), "venice".to_owned())]),
        ..Settings::default()
    };
    let (queue, spans) = spans::queue(capacity);
    let traces = Traces { otlp, spans };
    let source = Arc::new(Snapshot::default);
    let exporters = Exporters::start_with_traces(settings, source, Some(traces)).unwrap();
    (exporters, queue)
}

const SOON: Duration = Duration::from_millis(1);
const NEVER: Duration = Duration::from_secs(86_400);

#[test]
fn a_span_comes_with_its_phases() {
    let collector = Collector::start([]);
    let (exporters, queue) = start(&collector, SOON, 10);
    queue.push(span(1));
    let request = collector.next();
    assert!(
        request.head.starts_with("POST /v1/traces HTTP/1.1\r\n"),
        "{}",
        request.head
    );
    assert!(
        request.head.contains("application/x-protobuf"),
        "{}",
        request.head
    );
    let resource = &all(&request.body, 1)[0];
    let of = attributes(&all(resource, 1)[0], 1);
    assert_eq!(of, [("service.name".to_owned(), "venice".to_owned())]);
    let scope = &all(&all(resource, 2)[0], 1)[0];
    assert_eq!(text(scope, 1), "venice.server.rust");

    let spans = spans_of(&request);
    let [phase, call] = &spans[..] else {
        panic!("{} spans", spans.len())
    };
    assert_eq!(all(call, 1), [vec![1; 16]], "trace_id");
    assert_eq!(all(call, 4), [vec![2; 8]], "parent_span_id");
    let id = &all(call, 2)[0];
    assert!(id.len() == 8 && *id != [0; 8] && *id != [2; 8], "{id:?}");
    assert_eq!(text(call, 5), "some.Service/method");
    assert_eq!(number(call, 6), 2, "SPAN_KIND_SERVER");
    assert_eq!(
        (number(call, 7), number(call, 8)),
        (1_000_000_007, 1_000_000_507)
    );
    assert_eq!(number(&all(call, 15)[0], 3), 2, "STATUS_CODE_ERROR");
    assert_eq!(
        number(call, 16),
        0x301,
        "sampled, and the parent is elsewhere"
    );
    let known = [
        ("rpc.system", "grpc"),
        ("rpc.service", "some.Service"),
        ("rpc.method", "method"),
        ("rpc.grpc.status_code", "4"),
        ("venice.store.name", "store"),
        ("venice.request.key_count", "12"),
    ];
    let known = known.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(attributes(call, 9), known);

    assert_eq!(all(phase, 1), [vec![1; 16]]);
    assert_eq!(all(phase, 4), std::slice::from_ref(id));
    assert!(all(phase, 2)[0] != *id);
    assert_eq!(text(phase, 5), "queue");
    assert_eq!(number(phase, 6), 1, "SPAN_KIND_INTERNAL");
    assert_eq!(
        (number(phase, 7), number(phase, 8)),
        (1_000_000_017, 1_000_000_217)
    );
    assert!(all(phase, 15).is_empty());
    exporters.stop(Duration::from_secs(60));
    assert_eq!(queue.counts().exported(), 1);
}

#[test]
fn a_message_has_512_spans_and_a_stop_sends_what_is_left() {
    let collector = Collector::start([]);
    let (exporters, queue) = start(&collector, NEVER, 2000);
    for _ in 0..600 {
        queue.push(span(1));
    }
    // It is full long before its time.
    assert_eq!(spans_of(&collector.next()).len(), 2 * 512);
    exporters.stop(Duration::from_secs(60));
    assert_eq!(spans_of(&collector.next()).len(), 2 * 88);
    assert_eq!(queue.counts().exported(), 600);
    queue.push(span(2));
    assert_eq!(
        queue.counts().dropped_for_room(),
        1,
        "nobody exports any more"
    );
}

#[test]
fn what_does_not_arrive_is_counted_and_tried_again_before() {
    let busy = || Some((503, "", Vec::new()));
    let refused = Some((400, "", b"no spans here".to_vec()));
    let collector = Collector::start([busy(), busy(), refused, busy()]);
    let (exporters, queue) = start(&collector, SOON, 10);
    let statuses = |number| {
        (0..number)
            .map(|_| collector.next().status)
            .collect::<Vec<_>>()
    };
    queue.push(span(1));
    assert_eq!(statuses(2), [503, 503]);
    queue.push(span(2));
    assert_eq!(statuses(1), [400]);
    queue.push(span(3));
    assert_eq!(statuses(2), [503, 200]);
    exporters.stop(Duration::from_secs(60));
    let counts = queue.counts();
    assert_eq!((counts.exported(), counts.dropped_by_collector()), (1, 2));
}

#[test]
fn a_collector_that_hangs_holds_up_nobody() {
    let collector = Collector::start([None]);
    let (exporters, queue) = start(&collector, SOON, 3);
    queue.push(span(1));
    assert_eq!(
        collector.next().status,
        0,
        "it has the request, and does not answer"
    );
    for _ in 0..5 {
        queue.push(span(2));
    }
    assert_eq!(queue.counts().dropped_for_room(), 2);
    // No time is left to send the others.
    exporters.stop(Duration::ZERO);
    assert_eq!(queue.counts().dropped_by_collector(), 4);
    assert_eq!(queue.counts().exported(), 0);
}

#[test]
fn spans_that_wait_go_to_the_next_collector() {
    let [first, second] = [(); 2].map(|()| Collector::start([]));
    let (exporters, queue) = start(&first, NEVER, 10);
    queue.push(span(1));
    let change = OtlpChange::new(None, Some(to(&second, SOON)));
    exporters.change(change.unwrap());
    assert_eq!(spans_of(&second.next()).len(), 2);
    exporters.stop(Duration::from_secs(60));
    assert_eq!(first.requests.try_iter().count(), 0);
}
