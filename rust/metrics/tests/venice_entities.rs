//! Every metric of the Java server's read path is in the table, as its `*OtelMetricEntity` classes have it
//! (`venice_entities.csv`): served with the same kind, unit and dimensions, or with the reason why not.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use venice_metrics::{Instrument, Java, Kind};

const ENTITIES: &str = include_str!("venice_entities.csv");

/// What Venice's `MetricType` is to a receiver.
fn kind(name: &str) -> Kind {
    match name {
        "HISTOGRAM" => Kind::Histogram,
        "MIN_MAX_COUNT_SUM_AGGREGATIONS" => Kind::MinMaxCountSum,
        "COUNTER" | "ASYNC_COUNTER_FOR_HIGH_PERF_CASES" => Kind::Counter,
        "UP_DOWN_COUNTER" => Kind::UpDownCounter,
        "ASYNC_GAUGE" | "ASYNC_DOUBLE_GAUGE" => Kind::Gauge,
        other => panic!("{other} is no type that is known here"),
    }
}

#[test]
fn every_entity_is_served_or_has_a_reason() {
    let (mut served, mut absent) = (0, 0);
    for row in ENTITIES.lines().skip(1) {
        let [_, name, of_type, unit, dimensions] = row.split(',').collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let instrument = Instrument::ALL
            .iter()
            .find(|instrument| instrument.describe().name == name);
        let described = instrument
            .unwrap_or_else(|| panic!("{name} is not in the table"))
            .describe();
        assert_eq!(described.kind, kind(of_type), "{name}");
        assert_eq!(described.unit.venice(), unit, "{name}");
        if let Some(why) = described.absent {
            assert!(why.len() > 20, "{name}: {why}");
            absent += 1;
            continue;
        }
        served += 1;
        let has = |key: &str| described.dimensions.iter().any(|own| own.key() == key);
        for key in dimensions.split(' ').filter(|key| !has(key)) {
            let Java::Other(why) = described.java else {
                panic!("{name} lacks {key}, and does not say so");
            };
            assert!(why.contains(key), "{name} lacks {key}: {why}");
        }
    }
    // The list is whole.
    assert_eq!((served, absent), (64, 9));
}
