//! What a request waited for, and for how long: kept for those that wait, as others have nothing to tell.

use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use smallvec::SmallVec;

use crate::observe::trace_parent::TraceParent;

/// What the time of a request goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The client sends the rest of the request.
    Receive,
    /// Java decides whether the client may read.
    Access,
    /// The client takes earlier answers, which leave no room for this one.
    Room,
    /// Others are before it in the queue of the disk threads.
    Queue,
    /// RocksDB is read, and the answer is encoded, which is one step.
    Read,
    /// HTTP/2 takes the answer, as the client's windows allow.
    Send,
}

impl Phase {
    /// All of them, in the order in which most requests have them.
    pub const ALL: [Phase; 6] = [
        Phase::Receive,
        Phase::Access,
        Phase::Room,
        Phase::Queue,
        Phase::Read,
        Phase::Send,
    ];

    /// Its name, in one word.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Receive => "receive",
            Phase::Access => "access",
            Phase::Room => "room",
            Phase::Queue => "queue",
            Phase::Read => "read",
            Phase::Send => "send",
        }
    }
}

/// A phase of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) phase: Phase,
    pub(crate) start: Instant,
    pub(crate) took: Duration,
}

/// A request with so many spans has no more, but for the first of a phase: they are added to the last one of theirs.
const MOST_SPANS: usize = 16;

/// What one request waited for. Costs a null pointer as long as it waits for nothing.
#[derive(Debug, Default)]
pub(crate) struct Timeline(Option<Box<Waits>>);

/// Who wants to know of a request, whether it is slow or not.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    /// The client, behind the answer.
    pub(crate) trailer: bool,
    /// The client's trace.
    pub(crate) trace: Option<TraceParent>,
}

#[derive(Debug, Default)]
struct Waits {
    spans: SmallVec<[Span; 4]>,
    /// The phase that goes on, since when.
    open: Option<(Phase, Instant)>,
    /// The request, for who asks what it was when it is over.
    message: Bytes,
    failed: Option<i32>,
    asked: Asked,
}

impl Timeline {
    /// Of a request that somebody wants to know of.
    #[cold]
    pub(crate) fn asked(asked: Asked) -> Timeline {
        Timeline(Some(Box::new(Waits {
            asked,
            ..Waits::default()
        })))
    }

    /// Whether somebody wants to know of the request.
    #[inline]
    pub(crate) fn is_asked(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|waits| waits.asked.trailer || waits.asked.trace.is_some())
    }

    /// Who does.
    pub(crate) fn asks(&self) -> Asked {
        self.0
            .as_ref()
            .map_or_else(Asked::default, |waits| waits.asked)
    }

    /// From now on the request waits. `message` is the request, if it is here.
    #[cold]
    pub(crate) fn begin(&mut self, phase: Phase, message: Option<&Bytes>) {
        self.end();
        let waits = self.0.get_or_insert_default();
        waits.open = Some((phase, Instant::now()));
        if let Some(message) = message {
            waits.message = message.clone();
        }
    }

    /// It waits no more.
    pub(crate) fn end(&mut self) {
        let Some(waits) = &mut self.0 else { return };
        if let Some((phase, start)) = waits.open.take() {
            waits.add(phase, start, start.elapsed());
        }
    }

    /// It waits no more for a disk thread, which it got after `queued`, and which was done after `read`.
    pub(crate) fn end_on_disk_thread(&mut self, queued: Duration, read: Duration) {
        let Some(waits) = &mut self.0 else { return };
        if let Some((_, start)) = waits.open.take() {
            waits.add(Phase::Queue, start, queued);
            waits.add(Phase::Read, start + queued, read);
        }
    }

    /// A phase that is over.
    pub(crate) fn note(&mut self, phase: Phase, start: Instant) {
        let waits = self.0.get_or_insert_default();
        waits.add(phase, start, start.elapsed());
    }

    /// What goes on is another phase than it was taken for.
    pub(crate) fn is_in(&mut self, phase: Phase) {
        let open = self.0.as_mut().and_then(|waits| waits.open.as_mut());
        if let Some(open) = open {
            open.0 = phase;
        }
    }

    /// The request failed with this code.
    #[cold]
    pub(crate) fn note_failure(&mut self, code: i32) {
        self.0.get_or_insert_default().failed = Some(code);
    }

    /// The code, if it failed and that was told.
    pub(crate) fn failed(&self) -> Option<i32> {
        self.0.as_ref()?.failed
    }

    /// The request, as far as it is known here.
    pub(crate) fn message(&self) -> Option<&Bytes> {
        let message = &self.0.as_ref()?.message;
        (!message.is_empty()).then_some(message)
    }

    /// Keeps the request, for who asks what it was when it is over.
    #[cold]
    pub(crate) fn keep_message(&mut self, message: &Bytes) {
        self.0.get_or_insert_default().message = message.clone();
    }

    /// Holds the request no more.
    pub(crate) fn forget_message(&mut self) {
        if let Some(waits) = &mut self.0 {
            waits.message = Bytes::new();
        }
    }

    /// What a phase took so far, but for what goes on.
    pub(crate) fn took(&self, phase: Phase) -> Duration {
        let spans = self.0.iter().flat_map(|waits| &waits.spans);
        let of_phase = spans.filter(|span| span.phase == phase);
        of_phase.map(|span| span.took).sum()
    }

    /// Awaits `future`, which is noted as a phase unless it is there at once.
    ///
    /// Cancel safety: that of `future`.
    pub(crate) async fn waits_for<F: Future>(&mut self, phase: Phase, future: F) -> F::Output {
        let mut future = pin!(future);
        let now = poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
        if let Poll::Ready(output) = now.await {
            return output;
        }
        self.begin(phase, None);
        let output = future.await;
        self.end();
        output
    }

    /// What there was until now.
    pub(crate) fn take_spans(&mut self) -> SmallVec<[Span; 4]> {
        self.end();
        let waits = self.0.as_mut();
        waits
            .map(|waits| std::mem::take(&mut waits.spans))
            .unwrap_or_default()
    }
}

impl Waits {
    fn add(&mut self, phase: Phase, start: Instant, took: Duration) {
        if self.spans.len() >= MOST_SPANS {
            let same = self.spans.iter_mut().rev().find(|span| span.phase == phase);
            if let Some(span) = same {
                span.took += took;
                return;
            }
        }
        self.spans.push(Span { phase, start, took });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(spans: &[Span], phase: Phase) -> Duration {
        let of = spans.iter().filter(|span| span.phase == phase);
        of.map(|span| span.took).sum()
    }

    #[test]
    fn a_disk_thread_tells_waiting_from_reading() {
        let mut timeline = Timeline::default();
        assert!(!timeline.is_asked() && timeline.message().is_none());
        let message = Bytes::from_static(b"request");
        timeline.begin(Phase::Queue, Some(&message));
        let (queued, read) = (Duration::from_micros(7), Duration::from_micros(11));
        timeline.end_on_disk_thread(queued, read);
        assert_eq!(timeline.message(), Some(&message));
        let spans = timeline.take_spans();
        assert_eq!(total(&spans, Phase::Queue), queued);
        assert_eq!(total(&spans, Phase::Read), read);
        assert_eq!(spans[1].start, spans[0].start + queued);
        assert!(timeline.take_spans().is_empty());
    }

    #[test]
    fn what_goes_on_is_a_phase_too() {
        let mut timeline = Timeline::default();
        timeline.begin(Phase::Access, None);
        timeline.begin(Phase::Queue, None);
        timeline.is_in(Phase::Read);
        let spans = timeline.take_spans();
        let phases: Vec<Phase> = spans.iter().map(|span| span.phase).collect();
        assert_eq!(phases, [Phase::Access, Phase::Read]);
    }

    #[test]
    fn spans_are_bounded_and_lose_no_time() {
        let mut timeline = Timeline::default();
        for _ in 0..100 {
            timeline.begin(Phase::Queue, None);
            timeline.end_on_disk_thread(Duration::from_secs(1), Duration::from_secs(2));
        }
        let spans = timeline.take_spans();
        assert_eq!(spans.len(), MOST_SPANS);
        assert_eq!(total(&spans, Phase::Queue), Duration::from_secs(100));
        assert_eq!(total(&spans, Phase::Read), Duration::from_secs(200));
    }
}
