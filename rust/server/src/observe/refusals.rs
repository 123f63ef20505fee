//! Refused requests, by the reason (`request.refused_count`). Several rooms refuse requests for the same reasons, and all count by
//! this: two series of one name and the same attributes are one too many for whoever reads them, and Prometheus takes
//! but one of the two.

use std::sync::{Arc, LazyLock};

use venice_metrics::{CounterSlot, Dimension, Instrument, Layout, Registry, Writer};

/// One for all threads and rooms: groups of the same layout and attributes are one.
static LAYOUT: LazyLock<(Arc<Layout>, CounterSlot)> = LazyLock::new(|| {
    let mut layout = Layout::builder();
    let refused = layout.counter_from_the_start(Instrument::RequestRefusedCount, &[]);
    (Arc::new(layout.build()), refused)
});

/// What one thread counts refusals for one reason by. Its series is there from the start.
pub(crate) struct Refusals(Writer);

impl Refusals {
    pub(crate) fn new(registry: &Registry, reason: &str) -> Refusals {
        Refusals(
            registry
                .group(&LAYOUT.0, &[(Dimension::Reason, reason)])
                .writer(),
        )
    }

    pub(crate) fn count(&self) {
        self.0.add(LAYOUT.1, 1);
    }
}
