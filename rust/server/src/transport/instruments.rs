//! What is counted of connections: how many there are, how they begin and how they end.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use venice_metrics::{CounterSlot, Dimension, HistogramSlot, Instrument, Layout, Writer};

use crate::observe::metrics::Metrics;
use crate::observe::reasons;
use crate::observe::refusals::Refusals;
use crate::transport::connection_limit::Full;
use crate::transport::flood::Flood;

thread_local! {
    static WRITER: RefCell<Option<Connections>> = const { RefCell::new(None) };
}

struct Connections {
    writer: Writer,
    slots: &'static Slots,
    /// As [`Refused`].
    refused_calls: [Refusals; REFUSED_CALLS.len()],
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
    /// As [`Ended`].
    ended: [CounterSlot; ENDED.len()],
}

/// Why a call was refused before it was one of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Its fields are larger than `max.header.bytes`.
    HeaderBytes,
    /// Its connection has `max.concurrent.streams` open calls.
    Streams,
}

/// As metrics name them, in the order of [`Refused`].
const REFUSED_CALLS: [&str; 2] = [reasons::MAX_HEADER_SIZE, reasons::MAX_STREAMS];

/// Why the server ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By [`Flood`], what the client did.
    ControlFrames,
    Resets,
    Http2Errors,
    HeldMemory,
    /// By a limit of time.
    Handshake,
    KeepAlive,
    Idle,
    Age,
    Grace,
}

impl Ended {
    /// As metrics name it.
    pub(crate) fn text(self) -> &'static str {
        ENDED[self as usize]
    }
}

/// As metrics name them, in the order of [`Ended`].
const ENDED: [&str; 9] = [
    "control_frames",
    "resets",
    "http2_errors",
    "held_memory",
    reasons::HANDSHAKE_TIMEOUT,
    reasons::KEEP_ALIVE_TIMEOUT,
    reasons::MAX_IDLE,
    reasons::MAX_AGE,
    reasons::MAX_AGE_GRACE,
];

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
        let refused = [reasons::MAX_CONNECTIONS, reasons::MAX_OF_ADDRESS].map(|reason| {
            watched(
                Instrument::ConnectionRefusedCount,
                Dimension::Reason,
                reason,
            )
        });
        let ended = ENDED
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
        let connections = Connections {
            writer,
            slots,
            refused_calls: REFUSED_CALLS.map(|reason| Refusals::new(registry, reason)),
        };
        WRITER.with(|cell| *cell.borrow_mut() = Some(connections));
    }
}

/// A connection was made.
pub(crate) fn opened() -> Open {
    with(|Connections { writer, slots, .. }| {
        writer.add(slots.active, 1);
        writer.add(slots.made, 1);
    });
    Open(())
}

impl Drop for Open {
    fn drop(&mut self) {
        with(|Connections { writer, slots, .. }| writer.subtract(slots.active, 1));
    }
}

/// A handshake of TLS ended.
pub(crate) fn shook_hands(took: Duration, succeeded: bool) {
    with(|Connections { writer, slots, .. }| {
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
    with(|Connections { writer, slots, .. }| writer.add(slots.refused[full as usize], 1));
}

/// A call was refused.
#[cold]
pub(crate) fn refused_call(why: Refused) {
    with(|connections| connections.refused_calls[why as usize].count());
}

/// The server hung up on a client.
pub(crate) fn hung_up(flood: Flood) {
    ended(match flood {
        Flood::Control => Ended::ControlFrames,
        Flood::Resets => Ended::Resets,
        Flood::Http2 => Ended::Http2Errors,
        Flood::Held { .. } => Ended::HeldMemory,
    });
}

/// The server ended a connection, or told its client to go.
pub(crate) fn ended(why: Ended) {
    with(|Connections { writer, slots, .. }| writer.add(slots.ended[why as usize], 1));
}

fn with(work: impl FnOnce(&Connections)) {
    // At the end of a thread there is nothing left to count in.
    let _ = WRITER.try_with(|cell| cell.borrow().as_ref().map(work));
}
