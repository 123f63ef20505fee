//! What is counted of questions to Java: how long it takes to answer, and what it says.

use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use venice_metrics::{CounterSlot, Dimension, HistogramSlot, Instrument, Layout, Writer};

use crate::observe::metrics::Metrics;
use crate::policy::access::decision::AccessResult;

struct Slots {
    layout: Arc<Layout>,
    time: HistogramSlot,
    granted: CounterSlot,
    denied: CounterSlot,
    failed: CounterSlot,
}

static SLOTS: LazyLock<Slots> = LazyLock::new(|| {
    let mut layout = Layout::builder();
    let time = layout.histogram(Instrument::AccessAnswerTime, &[]);
    let mut counter = |outcome| {
        let of = [(Dimension::Outcome, outcome)];
        layout.counter_from_the_start(Instrument::AccessQuestionCount, &of)
    };
    let (granted, denied, failed) = (counter("granted"), counter("denied"), counter("failed"));
    Slots {
        layout: Arc::new(layout.build()),
        time,
        granted,
        denied,
        failed,
    }
});

/// The answers of Java, which come by threads of Java's: few, so they share a writer.
#[derive(Default)]
pub(super) struct Answers(OnceLock<Mutex<Writer>>);

impl Answers {
    /// From now on they are counted.
    pub(super) fn count_in(&self, metrics: &Metrics) {
        if let Some(registry) = metrics.registry() {
            let writer = registry.group(&SLOTS.layout, &[]).writer();
            // Set twice, the first stays.
            drop(self.0.set(Mutex::new(writer)));
        }
    }

    /// Java answered a question so long after it took it.
    pub(super) fn answered(&self, answer: &AccessResult, took: Duration) {
        let Some(writer) = self.0.get() else {
            return;
        };
        let slots = &*SLOTS;
        let counter = match answer {
            AccessResult::Granted => slots.granted,
            AccessResult::ErrorForbidden | AccessResult::Failed(_) => slots.failed,
            AccessResult::Forbidden
            | AccessResult::Unauthorized
            | AccessResult::InvalidCertificate => slots.denied,
        };
        let writer = writer.lock();
        writer.add(counter, 1);
        writer.record(slots.time, took.as_nanos() as f64 * 1e-6);
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Answers").finish_non_exhaustive()
    }
}
