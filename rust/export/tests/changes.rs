//! Metrics that go elsewhere while they are counted.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod collector;
mod counted;

use std::time::Duration;

use collector::{Collector, Request};
use counted::Counted;
use opentelemetry_proto::tonic::metrics::v1::{metric, number_data_point};
use venice_export::settings::{endpoint, Retry, Temporality};
use venice_export::{Exporters, OtlpChange, OtlpSettings, Settings};

const CALL_COUNT: &str = "venice.server.read.call_count";
const HOUR: Duration = Duration::from_secs(3600);

/// Every millisecond; a second attempt only comes in an hour.
fn to(collector: &Collector, temporality: Temporality) -> OtlpSettings {
    OtlpSettings {
        endpoint: endpoint(&collector.endpoint()).unwrap(),
        interval: Duration::from_millis(1),
        timeout: Duration::from_secs(60),
        temporality,
        retry: Retry {
            attempts: 3,
            first: HOUR,
            longest: HOUR,
        },
        ..OtlpSettings::default()
    }
}

fn start(otlp: OtlpSettings, counted: &Counted) -> Exporters {
    let settings = Settings {
        otlp: Some(otlp),
        ..Settings::default()
    };
    Exporters::start(settings, counted.source()).unwrap()
}

fn change(exporters: &Exporters, otlp: OtlpSettings) {
    exporters.change(OtlpChange::new(Some(otlp), None).unwrap());
}

/// What a request says of calls; 0 if it says nothing.
fn calls(request: &Request) -> i64 {
    match request.metric(CALL_COUNT) {
        None => 0,
        Some(metric::Data::Sum(sum)) => match sum.data_points[0].value {
            Some(number_data_point::Value::AsInt(value)) => value,
            ref other => panic!("{other:?}"),
        },
        Some(other) => panic!("{other:?}"),
    }
}

/// Of both collectors together, nothing missing and nothing twice.
#[test]
fn deltas_at_two_collectors_add_up_to_what_was_counted() {
    let counted = Counted::new();
    let store = counted.store("s");
    let refused = || Some((503, "retry-after: 0\r\n", Vec::new()));
    let first = Collector::start([Some((200, "", Vec::new())), refused(), refused()]);
    let second = Collector::start([]);
    let exporters = start(to(&first, Temporality::Delta), &counted);
    let mut requests = Vec::new();
    for _ in 0..3 {
        store.read(1.0);
        requests.push(first.next());
    }
    change(&exporters, to(&second, Temporality::Delta));
    store.read(1.0);
    requests.push(second.next());
    store.read(1.0);
    exporters.stop(Duration::from_secs(60));
    requests.extend(first.requests.try_iter().chain(second.requests.try_iter()));
    requests.retain(|request| request.status == 200);
    assert_eq!(requests.iter().map(calls).sum::<i64>(), 5);
}

#[test]
fn a_collector_that_is_away_does_not_hold_up_the_next_one() {
    let counted = Counted::new();
    counted.store("s").read(1.0);
    let first = Collector::start([Some((503, "", Vec::new()))]);
    let second = Collector::start([]);
    let exporters = start(to(&first, Temporality::Cumulative), &counted);
    assert_eq!(first.next().status, 503);
    // The next attempt there would be in an hour.
    change(&exporters, to(&second, Temporality::Cumulative));
    assert_eq!(calls(&second.next()), 1);
    exporters.stop(Duration::from_secs(60));
    assert_eq!(first.requests.try_iter().count(), 0);
}

#[test]
fn another_interval_begins_at_once() {
    let counted = Counted::new();
    counted.store("s").read(1.0);
    let collector = Collector::start([]);
    let often = to(&collector, Temporality::Cumulative);
    let seldom = OtlpSettings {
        interval: HOUR,
        ..often.clone()
    };
    let exporters = start(seldom, &counted);
    change(&exporters, often);
    assert_eq!(calls(&collector.next()), 1);
}

#[test]
fn of_several_changes_the_last_one_stays() {
    let counted = Counted::new();
    counted.store("s").read(1.0);
    let collectors = [(); 3].map(|()| Collector::start([]));
    let [first, between, last] = &collectors;
    let exporters = start(to(first, Temporality::Cumulative), &counted);
    change(&exporters, to(between, Temporality::Cumulative));
    change(&exporters, to(last, Temporality::Cumulative));
    assert_eq!(calls(&last.next()), 1);
}

#[test]
fn what_cannot_be_trusted_changes_nothing() {
    let counted = Counted::new();
    counted.store("s").read(1.0);
    let collector = Collector::start([]);
    let otlp = to(&collector, Temporality::Cumulative);
    let exporters = start(otlp.clone(), &counted);
    let https = OtlpSettings {
        endpoint: endpoint("https://localhost:1").unwrap(),
        ..otlp
    };
    let error = OtlpChange::new(Some(https), None).err().unwrap();
    assert!(error.to_string().contains("https://localhost:1"), "{error}");
    collector.next();
    assert_eq!(calls(&collector.next()), 1);
    drop(exporters);
}
