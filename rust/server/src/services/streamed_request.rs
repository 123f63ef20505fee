//! One request of a streaming call, as it is counted and as its phases are noted, whatever ends it.
// #[HotPath]

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;
use venice_engine::Tier;
use venice_wire::compute_request::{ComputeRequest, Limits};
use venice_wire::key_records;
use venice_wire::request::StreamingRequest;
use venice_wire::status::{Code, Status};

use crate::observe::facts::Facts;
use crate::observe::slow_log::{Ended, Kept};
use crate::observe::slow_text::Times;
use crate::observe::timeline::{Asked, Timeline};
use crate::read_path::failure::{Failure, OK};
use crate::services::instruments::streamed::{self, Request};
use crate::services::instruments::{Begun, Method};
use crate::services::session::Session;

/// A request that is over.
pub(super) struct Answered {
    /// Errors end the whole call; what ends only the request is in its footer.
    pub(super) end: Result<(), Status>,
    /// Bytes of its messages.
    pub(super) sent: usize,
    /// Its times, if its client wants to know them.
    pub(super) times: Option<Times>,
}

/// What is known of a request. One whose call ends before it is counted if its time was up; else its client went,
/// and nobody asks.
pub(super) struct StreamedRequest {
    session: Arc<Session>,
    deadline: Option<Instant>,
    begun: Begun,
    timeline: Timeline,
    store_version: Arc<str>,
    facts: Facts,
    sent: usize,
    failed: Option<(i32, &'static str)>,
    is_over: bool,
}

impl StreamedRequest {
    /// One whose message of so many bytes is here.
    pub(super) fn begin(
        session: &Arc<Session>,
        (method, deadline): (Method, Option<Instant>),
        asked: Asked,
        bytes: usize,
    ) -> StreamedRequest {
        let is_asked = asked.trailer || asked.trace.is_some();
        StreamedRequest {
            session: Arc::clone(session),
            deadline,
            begun: streamed::begin(method),
            timeline: if is_asked {
                Timeline::asked(asked)
            } else {
                Timeline::default()
            },
            store_version: Arc::default(),
            facts: Facts {
                is_batch: true,
                is_streamed: true,
                is_compute: method == Method::StreamingCompute,
                request_bytes: bytes as u32,
                ..Facts::default()
            },
            sent: 0,
            failed: None,
            is_over: false,
        }
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Where it is noted what it waits for.
    pub(super) fn timeline(&mut self) -> &mut Timeline {
        &mut self.timeline
    }

    /// How far a disk thread goes for it.
    pub(super) fn disk_tier(&self) -> Tier {
        let deadline = self.deadline;
        deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std()))
    }

    /// It was admitted, and asks for this store version.
    pub(super) fn asks(&mut self, store_version: &Arc<str>) {
        self.store_version = Arc::clone(store_version);
        self.timeline.forget_message();
    }

    /// So much was read.
    pub(super) fn read(&mut self, facts: &Facts) {
        self.facts = *facts;
    }

    /// A message of so many bytes goes to the client.
    pub(super) fn sends(&mut self, bytes: usize) {
        self.sent += bytes;
    }

    /// It was not admitted.
    #[cold]
    pub(super) fn refused(&mut self, message: &Bytes, failure: &Failure) {
        self.failed = Some((failure.error_code(), failure.reason()));
        self.timeline.forget_message();
        // Names of both kinds are in the same fields.
        if let Ok(request) = StreamingRequest::decode(message) {
            // A request has no more keys than bytes.
            let most = message.len();
            let keys = if self.facts.is_compute {
                let limits = Limits::operations(most);
                let keys = ComputeRequest::keys_in(request.key_bytes, limits);
                key_records::count(keys.unwrap_or_default(), most)
            } else {
                key_records::count(request.key_bytes, most)
            };
            self.facts.keys = keys.map_or(0, |keys| keys as u32);
            if self
                .session
                .context
                .read_path
                .known(request.resource_name)
                .is_some()
            {
                self.store_version = Arc::from(request.resource_name);
            }
        }
    }

    /// All keys were looked at: what came of them, with Venice's code, and why the first failed that did.
    pub(super) fn ends(&mut self, facts: &Facts, (code, reason): (i32, Option<&'static str>)) {
        self.facts = *facts;
        self.failed = reason.map(|reason| (code, reason));
    }

    /// It is over but for the sending of its last message: what is kept of it until then.
    pub(super) fn answered(mut self) -> (Option<Box<Kept>>, Answered) {
        let code = self.failed.map_or(OK, |(code, _)| code);
        let kept = self.over(Ended::Answered(code));
        let times = kept.as_ref().filter(|kept| kept.asked.trailer);
        let answered = Answered {
            end: Ok(()),
            sent: self.sent,
            times: times.map(|kept| kept.request.times()),
        };
        (kept, answered)
    }

    /// It ends its call.
    #[cold]
    pub(super) fn ends_call(mut self, failure: Failure) -> Answered {
        self.failed = Some((failure.error_code(), failure.reason()));
        let status = failure.into_status();
        let kept = self.over(Ended::Status(status.code));
        Answered {
            times: kept.map(|kept| kept.request.times()),
            end: Err(status),
            sent: self.sent,
        }
    }

    /// Nobody listens any more.
    #[cold]
    pub(super) fn given_up(self) -> Answered {
        Answered {
            end: Ok(()),
            sent: self.sent,
            times: None,
        }
    }

    fn over(&mut self, ended: Ended) -> Option<Box<Kept>> {
        self.is_over = true;
        let request = Request {
            facts: &self.facts,
            store_version: &self.store_version,
            response_bytes: self.sent,
            ended,
            failed: self.failed,
        };
        let names = &self.session.context.read_path;
        streamed::ended(self.begun, &request, &mut self.timeline, names)
    }
}

impl Drop for StreamedRequest {
    fn drop(&mut self) {
        let is_late = self
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline);
        if !self.is_over && is_late {
            let failure = Failure::DeadlineExceeded;
            self.failed = Some((failure.error_code(), failure.reason()));
            drop(self.over(Ended::Status(Code::DeadlineExceeded)));
        }
    }
}
