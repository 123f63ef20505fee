use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::thread;

use venice_metrics::model::Value;
use venice_metrics::Instrument;

use super::*;
use crate::config::Config;
use crate::observe::metrics::Metrics;
use crate::observe::slow_log::SlowLog;
use crate::services::instruments::{answered, enter, look};

const STORES: [StoreNumber; 2] = [
    StoreNumber {
        index: 0,
        serial: 1,
    },
    StoreNumber {
        index: 1,
        serial: 2,
    },
];

/// All store versions are here; or to ask for the name of one is a panic.
struct Known(bool);

impl Names for Known {
    fn name_of(&self, number: StoreNumber) -> Option<String> {
        assert!(self.0, "names are broken");
        Some(format!("store{}_v1", number.index))
    }

    fn is_here(&self, _: &str) -> bool {
        true
    }
}

/// Does `work` on a thread of its own that counts, and returns what was counted of single gets: reads by Venice's metric, calls that
/// began, and bytes of keys.
fn counted(work: impl FnOnce() + Send) -> [u64; 3] {
    let config = Config::default();
    let metrics = Metrics::of(&config.metrics);
    let slow_log = SlowLog::of(&config.slow_log, 1);
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            enter(&metrics, &slow_log, &Arc::default());
            work();
        });
        thread.join().unwrap();
    });
    let snapshot = metrics.snapshot(160);
    let total = |instrument| match snapshot.total(instrument) {
        Some(Value::U64(total)) => *total,
        Some(Value::Histogram(total)) => total.sum as u64,
        other => panic!("{instrument:?} is {other:?}"),
    };
    [
        Instrument::ReadCallCount,
        Instrument::GrpcServerCallStarted,
        Instrument::ReadRequestKeySize,
    ]
    .map(total)
}

/// One get, with a key of so many bytes.
fn get(store: StoreNumber, key_bytes: u32, names: &Known) {
    let facts = Facts {
        store: Some(store),
        keys: 1,
        key_bytes,
        request_bytes: key_bytes + 10,
        value_bytes: 5,
        ..Facts::default()
    };
    let begun = look(Method::Get);
    assert!(wait(begun, &facts, 20, names), "it is counted by itself");
}

/// A turn of gets, which may end in a panic.
fn turn(work: impl FnOnce()) -> bool {
    let turn = AssertUnwindSafe(|| {
        let _together = together();
        work();
    });
    catch_unwind(turn).is_ok()
}

#[test]
fn gets_before_a_panic_in_their_turn_are_counted_and_so_are_later_turns() {
    let counted = counted(|| {
        let panics = turn(|| {
            get(STORES[0], 1, &Known(true));
            get(STORES[1], 10, &Known(true));
            get(STORES[0], 1, &Known(true));
            panic!("what answers a call is broken");
        });
        assert!(!panics);
        assert!(turn(|| get(STORES[1], 100, &Known(true))));
    });
    assert_eq!(counted, [4, 4, 112]);
}

/// It has what the thread counts by in its hands then.
#[test]
fn a_panic_while_a_get_is_taken_loses_that_get_alone() {
    let counted = counted(|| {
        for _ in 0..3 {
            let panics = turn(|| {
                get(STORES[0], 1, &Known(true));
                get(STORES[1], 10, &Known(false));
            });
            assert!(!panics);
        }
        // Others of the turn, and of later ones.
        assert!(turn(|| {
            get(STORES[0], 100, &Known(false));
            get(STORES[1], 1000, &Known(true));
        }));
        // And what is no get of a turn.
        let facts = Facts {
            store: Some(STORES[0]),
            keys: 1,
            key_bytes: 10_000,
            ..Facts::default()
        };
        answered(look(Method::Get), &facts, 20, &Known(true));
    });
    assert_eq!(counted, [6, 6, 11_103]);
}
