//! What came on a connection, on its way to be answered; or on several connections, which are answered together: the gets
//! among all of these are prepared for side by side.
// #[HotPath]

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;
use tokio::time::{sleep, Sleep};
use venice_http2::{Bodies, Call, Event, Turn};

use crate::transport::connection_age;
use crate::transport::connection_limit::ConnectionPermit;
use crate::transport::handler::{Asked, Handler};
use crate::transport::http2::calls::Calls;
use crate::transport::http2::fields::Fields;
use crate::transport::http2::output::Output;

/// Room for calls that are prepared for together: no handler takes more ([`Handler::PREPARED`]).
const TOGETHER: usize = 16;

/// How long calls are taken after the client has answered the PING behind GOAWAY: until those who make
/// calls have heard of it.
const FAREWELL_PAUSE: Duration = Duration::from_millis(100);

/// Whom calls are counted for.
pub(crate) struct Called {
    pub(crate) calls: Arc<connection_age::Calls>,
    pub(crate) permit: Arc<ConnectionPermit>,
}

impl Called {
    /// Notes that a call begins.
    #[inline]
    pub(super) fn count(&self) {
        self.calls.count();
        self.permit.called();
    }
}

/// What came on a connection, and its parts that answer it.
pub(super) struct OpenTurn<'c, H: Handler> {
    pub(super) turn: Turn<'c>,
    pub(super) calls: &'c mut Calls<H>,
    pub(super) output: &'c mut Output,
    pub(super) vocabulary: &'c Fields,
    pub(super) called: &'c Called,
    pub(super) farewell: &'c mut Option<Pin<Box<Sleep>>>,
}

/// A call that is whole.
struct Next<'c> {
    /// The place of its turn.
    turn: usize,
    call: &'c Call,
    bodies: Bodies<'c>,
    /// Whether it is prepared for.
    pays: bool,
}

impl<'c> Next<'c> {
    /// What it asks for, if that can be prepared for.
    #[inline]
    fn asked(&self, fields: &Fields) -> Option<Asked<'c>> {
        let head = &self.call.head;
        if fields.unary(head).is_some() {
            return Some(Asked::Message(self.bodies.of(self.call)));
        }
        fields
            .plain_get(head)
            .then(|| self.bodies.path_of(self.call))
            .flatten()
            .map(Asked::Path)
    }
}

/// Answers what came on some connections: the calls that are whole in the order of the connections, each as if it had come alone.
pub(super) fn answer<'c, H: Handler>(turns: &mut [OpenTurn<'c, H>]) {
    let (mut turn, mut answered) = (0, 0);
    while turn < turns.len() {
        let mut some = SmallVec::<[Next<'c>; TOGETHER]>::new();
        while let Some(open) = turns.get_mut(turn).filter(|_| some.len() < H::PREPARED) {
            let (calls, bodies) = (open.turn.calls, open.turn.bodies);
            let rest = &calls[answered..];
            let now = &rest[..rest.len().min(H::PREPARED - some.len())];
            let pays = !now.is_empty() && open.calls.prepare(now.len());
            some.extend(now.iter().map(|call| Next {
                turn,
                call,
                bodies,
                pays,
            }));
            answered += now.len();
            if answered == calls.len() {
                (turn, answered) = (turn + 1, 0);
            }
        }
        answer_some(&some, turns);
    }
    for open in turns {
        open.hear_events();
    }
}

/// Answers calls, at most [`Handler::PREPARED`]. One alone has nothing to gain from being prepared for.
fn answer_some<'c, H: Handler>(some: &[Next<'c>], turns: &mut [OpenTurn<'c, H>]) {
    let mut prepared = H::Prepared::default();
    if let [first, _, ..] = some {
        if some.iter().any(|next| next.pays) {
            let asked = some.iter().map(|next| {
                let fields = turns[next.turn].vocabulary;
                next.asked(fields).filter(|_| next.pays)
            });
            H::prepare(turns[first.turn].calls.handler(), asked, &mut prepared);
        }
    }
    for (number, next) in some.iter().enumerate() {
        let open = &mut turns[next.turn];
        open.called.count();
        open.calls.whole(
            next.call,
            (&prepared, number),
            next.bodies,
            open.vocabulary,
            open.output,
            &mut open.turn.answers,
        );
    }
}

impl<H: Handler> OpenTurn<'_, H> {
    /// Takes note of what else came.
    fn hear_events(&mut self) {
        let answers = &mut self.turn.answers;
        for event in self.turn.events {
            match *event {
                Event::Opened(call) => {
                    self.called.count();
                    let path = self.turn.bodies.path_of(&call);
                    self.calls
                        .open(call, path, self.vocabulary, self.output, answers);
                }
                Event::Data(stream) => self.calls.received(stream, false, answers),
                Event::Ended(stream) => self.calls.received(stream, true, answers),
                Event::Reset(stream, _) => self.calls.reset(stream),
                Event::GoAwayHeard => *self.farewell = Some(Box::pin(sleep(FAREWELL_PAUSE))),
                // Nothing is wanted whole, so nothing is large.
                Event::Large(_) | Event::Pong(_) => {}
            }
        }
    }
}
