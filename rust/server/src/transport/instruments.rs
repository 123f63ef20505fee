//! What is counted of connections: how many there are, how they begin and how they end.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use venice_metrics::{CounterSlot, Dimension, HistogramSlot, Instrument, Layout, Writer};

use crate::observe::metrics::Metrics;
use crate::transport::connection_limit::Full;
use crate::transport::flood_guard::Flood;

thread_local! {
    static WRITER: RefCell<Option<Connections>> = const { RefCell::new(None) };
}

struct Connections {
    writer: Writer,
    slots: &'static Slots,
}

struct Slots {
    layout: Arc<Layout>,
    active: CounterSlot,
    made: CounterSlot,
    setup_time: HistogramSlot,
    handshakes: CounterSlot,
    failed_handshakes: CounterSlot,
    /// As [`Full`] has them.
    refused: [CounterSlot; 2],
    /// As [`REASONS`].
    ended: [CounterSlot; REASONS.len()],
}

const REASONS: [&str; 4] = ["control_frames", "resets", "http2_errors", "held_memory"];

/// One for all threads, whose numbers are added up.
static SLOTS: LazyLock<Slots> = LazyLock::new(Slots::new);

/// An open connection, counted until it is dropped.
pub(crate) struct Open(());

impl Slots {
    fn new() -> Slots {
        // Whether a connection is a router's only Java's settings tell.
        let client = [(Dimension::ConnectionSource, "client")];
        let mut layout = Layout::builder();
        let active = layout.counter_from_the_start(Instrument::ConnectionActiveCount, &client);
        let made = layout.counter_from_the_start(Instrument::ConnectionRequestCount, &client);
        let setup_time = layout.histogram(Instrument::ConnectionSetupTime, &client);
        let mut watched = |instrument, dimension, value| {
            layout.counter_from_the_start(instrument, &[(dimension, value)])
        };
        let handshake = Instrument::TlsHandshakeCount;
        let handshakes = watched(handshake, Dimension::Outcome, "success");
        let failed_handshakes = watched(handshake, Dimension::Outcome, "failure");
        let refused = ["max_connections", "max_connections_per_address"].map(|reason| {
            watched(
                Instrument::ConnectionRefusedCount,
                Dimension::Reason,
                reason,
            )
        });
        let ended = REASONS
            .map(|reason| watched(Instrument::ConnectionEndedCount, Dimension::Reason, reason));
        Slots {
            layout: Arc::new(layout.build()),
            active,
            made,
            setup_time,
            handshakes,
            failed_handshakes,
            refused,
            ended,
        }
    }
}

/// From now on this thread counts connections, until it ends.
pub(crate) fn enter(metrics: &Metrics) {
    if let Some(registry) = metrics.registry() {
        let slots: &Slots = &SLOTS;
        let writer = registry.group(&slots.layout, &[]).writer();
        WRITER.with(|cell| *cell.borrow_mut() = Some(Connections { writer, slots }));
    }
}

/// A connection was made.
pub(crate) fn opened() -> Open {
    with(|Connections { writer, slots }| {
        writer.add(slots.active, 1);
        writer.add(slots.made, 1);
    });
    Open(())
}

impl Drop for Open {
    fn drop(&mut self) {
        with(|Connections { writer, slots }| writer.subtract(slots.active, 1));
    }
}

/// A handshake of TLS ended.
pub(crate) fn shook_hands(took: Duration, succeeded: bool) {
    with(|Connections { writer, slots }| {
        if succeeded {
            writer.add(slots.handshakes, 1);
            writer.record(slots.setup_time, took.as_nanos() as f64 * 1e-6);
        } else {
            writer.add(slots.failed_handshakes, 1);
        }
    });
}

/// A connection was refused.
pub(crate) fn refused(full: Full) {
    with(|Connections { writer, slots }| writer.add(slots.refused[full as usize], 1));
}

/// The server hung up on a client.
pub(crate) fn hung_up(flood: Flood) {
    let reason = match flood {
        Flood::Control => 0,
        Flood::Resets => 1,
        Flood::Http2 => 2,
        Flood::Held { .. } => 3,
    };
    with(|Connections { writer, slots }| writer.add(slots.ended[reason], 1));
}

fn with(work: impl FnOnce(&Connections)) {
    // At the end of a thread there is nothing left to count in.
    let _ = WRITER.try_with(|cell| cell.borrow().as_ref().map(work));
}
