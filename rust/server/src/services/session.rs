//! The calls of one connection: who makes them, and what they are held to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use parking_lot::Mutex;
use venice_wire::status::{Code, Status};

use crate::config::names::MAX_CONNECTION_AGE;
use crate::grpc::framing::CALL_BYTES;
use crate::memory::account::{Account, Charge};
use crate::memory::client_memory::Purpose;
use crate::policy::access::Principal;
use crate::read_path::failure::Failure;
use crate::read_path::stack::Admission;
use crate::read_path::thread_pool::Lane;
use crate::runtime::drain::Drain;
use crate::services::context::ServerContext;
use crate::transport::connection::Established;
use crate::transport::peer::PeerIdentity;

/// What the calls of one connection share.
pub struct Session {
    /// What the calls of all connections share.
    pub context: Arc<ServerContext>,
    /// The client.
    pub peer: PeerIdentity,
    /// Tells when the server drains.
    pub drain: Drain,
    /// Tells when calls that would go on have to end.
    pub leaving: Drain,
    /// The client, as access control sees it.
    pub principal: Principal,
    /// Its turns among the reads that wait for the disk.
    pub lane: Lane,
    /// What the client makes the server hold.
    pub account: Account,
    /// What HTTP/2 keeps of it.
    pub(crate) kept: Kept,
    /// Of which each call has a share that lasts as long as its client wants, and moves nothing: health's
    /// `Watch`, reflection.
    lasting: Arc<()>,
}

/// Calls of a connection that last so: more than any client needs. Without a bound those of some hundred
/// connections would take all that there is for calls, for good.
pub(crate) const LASTING_CALLS: usize = 16;

/// HTTP/2 keeps memory for as many calls as were once open at a time, as long as the connection lasts.
pub(crate) struct Kept {
    /// Calls that are counted.
    calls: AtomicUsize,
    charge: Mutex<Charge>,
}

/// Bytes that are counted for each: a stream, its call and their places in tables that double. That they suffice is
/// what `tests/many_connections_memory.rs` shows.
const KEPT_OF_CALL: usize = 1_288;
/// Calls that may come in one turn of a connection (`venice_http2::Limits`) and be refused: they are in its tables, too.
const CALLS_OF_TURN: usize = 64;
/// Calls for which nothing is counted.
const FREE_CALLS: usize = 64;

impl Kept {
    fn new(account: &Account) -> Kept {
        Kept {
            calls: AtomicUsize::new(FREE_CALLS),
            charge: Mutex::new(account.nothing()),
        }
    }

    /// Counts what is kept for so many calls; whether there is room for it.
    #[inline]
    fn counts(&self, calls: usize) -> bool {
        calls <= self.calls.load(Ordering::Relaxed) || self.grow(calls)
    }

    #[cold]
    fn grow(&self, calls: usize) -> bool {
        // The tables double, and those are in them too that are refused in this turn.
        let kept = (calls + CALLS_OF_TURN).next_power_of_two();
        let counted = self
            .charge
            .lock()
            .try_set(Purpose::Call, kept * KEPT_OF_CALL);
        if counted {
            self.calls.store(kept - CALLS_OF_TURN, Ordering::Relaxed);
        }
        counted
    }
}

impl Session {
    /// The calls of a connection that has just been made.
    pub fn new(context: Arc<ServerContext>, established: Established) -> Session {
        let Established {
            peer,
            encrypted,
            account,
            drain,
            leaving,
        } = established;
        Session {
            drain,
            leaving,
            lane: context.disk.lane(),
            kept: Kept::new(&account),
            lasting: Arc::default(),
            account,
            principal: Principal::new(peer.certificate.clone(), encrypted),
            peer,
            context,
        }
    }

    /// What a new call is counted by; `None` if there is no room for it.
    pub(crate) fn begin_call(session: &Arc<Session>) -> Option<Charge> {
        let account = &session.account;
        if !session.kept.counts(account.calls() + 1) {
            return None;
        }
        account.try_call(CALL_BYTES)
    }

    /// As [`Session::begin_call`], of a call that asks whether the server serves. A connection without another call is told so, whatever
    /// others hold: else who checks its health turns clients away from a server that answers.
    pub(crate) fn begin_health(session: &Arc<Session>) -> Option<Charge> {
        let account = &session.account;
        Session::begin_call(session).or_else(|| (account.calls() == 0).then(|| account.free_call()))
    }

    /// What a new call holds that lasts as long as its client wants; `None` if there are as many as may be.
    pub(crate) fn lasting(&self) -> Option<Arc<()>> {
        let lasting = Arc::clone(&self.lasting);
        // One is the connection's own.
        (Arc::strong_count(&lasting) <= LASTING_CALLS + 1).then_some(lasting)
    }

    /// What a call is told that would go on when its connection ends.
    pub(crate) fn ends(&self) -> Status {
        if self.drain.has_started() {
            return Failure::Stopping.into_status();
        }
        Status {
            code: Code::Unavailable,
            message: format!(
                "the connection has reached its age (setting {MAX_CONNECTION_AGE}: {} ms); make the call again",
                self.context.live.now().max_age.as_millis()
            ),
        }
    }

    /// What the requests of this connection have to pass.
    pub fn admission(&self) -> Admission<'_> {
        let access = self.context.access.as_deref();
        Admission {
            access: access.map(|access| (access, &self.principal)),
            quota: &self.context.quota,
            is_retry: false,
            batches_wait: false,
        }
    }
}
