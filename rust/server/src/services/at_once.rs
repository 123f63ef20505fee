//! A call of `get` or `batchGet` whose request is here, answered from memory in the output of its connection:
//! no task, no future, no buffer, nothing counted that is held by nobody. All else goes on in
//! [`crate::services::read`].
// #[HotPath]

use tokio::time::Instant;

use crate::config::HttpRequests;
use crate::grpc::framing;
use crate::http_form::single_get::single_get;
use crate::read_path::ahead::{Ahead, Single};
use crate::read_path::stack::Admission;
use crate::read_path::step::{AdmissionStep, ReadStep};
use crate::response::place::Place;
use crate::services::instruments::together::{together, wait, Together};
use crate::services::instruments::{self, Begun, Method};
use crate::services::read::{Room, Step, ANSWERS_READ_AHEAD};
use crate::services::session::Session;
use crate::transport::handler::Asked;

/// A call that has begun, and could not be answered at once.
pub struct Started {
    pub(super) begun: Begun,
    /// How far it came; `None` if nothing was done.
    pub(super) step: Option<Box<Step>>,
}

impl Started {
    pub(super) fn new(begun: Begun) -> Started {
        Started { begun, step: None }
    }
}

/// Calls that are made next, one behind the other.
#[derive(Default)]
pub struct Prepared<'b> {
    pub(super) ahead: Ahead<'b>,
    /// The gets among them are counted together, if they were prepared for.
    together: Option<Together>,
}

/// Prepares for the answers to calls that ask for this; `None` is another call. What the single gets among them will read is
/// looked for; all others are left as they are.
pub(crate) fn prepare<'b>(
    session: &Session,
    calls: impl Iterator<Item = Option<Asked<'b>>>,
    prepared: &mut Prepared<'b>,
) {
    prepared.together = Some(together());
    let read_path = &session.context.read_path;
    let limit = read_path.limits.max_request_bytes();
    let serves_http = session.context.config.http_requests != HttpRequests::Off;
    let request = |asked| match asked {
        Asked::Message(body) => framing::one_message(body, limit).map(Single::Message),
        Asked::Path(path) if serves_http => single_get(path).map(Single::Request),
        Asked::Path(_) => None,
    };
    let requests = calls.map(|asked| request(asked?));
    read_path.fetch_ahead(requests, &mut prepared.ahead);
}

/// Whether a call is not answered at once, whatever it asks for. What is refused, what waits in line, and what is late already is
/// the other way's business.
#[inline]
pub(super) fn has_to_wait(session: &Session, deadline: Option<Instant>) -> bool {
    let account = &session.account;
    account.requests_wait()
        || account.answers_that_wait() >= ANSWERS_READ_AHEAD
        || deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// Answers the call whose request, with its prefix, is `body`, if nothing has to be waited for. Else
/// nothing is in `place`, and the call goes on with what has started, if anything has. It has this number among
/// those that are `prepared`.
#[inline]
pub(crate) fn answer(
    session: &Session,
    method: Method,
    deadline: Option<Instant>,
    body: &[u8],
    (prepared, number): (&Prepared<'_>, usize),
    place: Place<'_>,
) -> Result<(), Option<Started>> {
    let context = &*session.context;
    let account = &session.account;
    if has_to_wait(session, deadline) {
        return Err(None);
    }
    let Some(message) = framing::one_message(body, context.read_path.limits.max_request_bytes())
    else {
        return Err(None);
    };
    let begun = instruments::look(method);
    let read_path = &context.read_path;
    let mut room = Room::default();
    let mut reserve = |bytes| room.reserve(account, bytes);
    let mut place = place.or_counted(&mut reserve);
    let admission = Admission {
        batches_wait: method == Method::Get,
        ..session.admission()
    };
    let step = match prepared.ahead.of(number) {
        Some(ready) => read_path.admit_ready(&ready, &admission, &mut place),
        None => read_path.admit(message, &admission, &mut place),
    };
    let step = match step {
        AdmissionStep::Decided(step) => step,
        AdmissionStep::NeedsAccess(_) => {
            instruments::begins(begun);
            return Err(Some(Started::new(begun)));
        }
    };
    match step {
        Ok(ReadStep::Done(Ok(reply))) if place.written().is_some() || place.copy(&reply) => {
            let reply = reply.in_answer_to(message.len());
            account.count_call();
            let bytes = place.written().unwrap_or(0);
            let (facts, is_together) = (reply.facts(), prepared.together.is_some());
            if !is_together || !wait(begun, facts, bytes, &read_path) {
                instruments::answered(begun, facts, bytes, &read_path);
            }
            Ok(())
        }
        step => Err(Some(waits(begun, room.of(step)))),
    }
}

#[cold]
fn waits(begun: Begun, step: Step) -> Started {
    instruments::begins(begun);
    Started {
        begun,
        step: Some(Box::new(step)),
    }
}
