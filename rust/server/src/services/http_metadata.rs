//! What is told of stores beside their records, over HTTP: the answers of [`crate::metadata`] as they are, with access
//! and room seen to as over gRPC ([`crate::services::store_metadata`]).

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use tokio::time::Instant;
use venice_wire::store_name::check_store;

use crate::grpc::deadline::before;
use crate::grpc::framing::CALL_BYTES;
use crate::http_form::answer::Answer;
use crate::memory::account::Charge;
use crate::memory::client_memory::Purpose;
use crate::metadata::Question;
use crate::observe::facts::Facts;
use crate::observe::slow_log::Kept;
use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::failure::Failure;
use crate::services::instruments::{self, Begun};
use crate::services::session::Session;
use crate::services::store_metadata::{check_size, may_ask, told};

/// Answers a question by `deadline`; `charge` counts the call until its answer is sent. What is kept of it comes
/// along.
///
/// Cancel safety: what waits for the disk or for room leaves its queue.
pub(super) async fn answer(
    session: &Arc<Session>,
    question: Question<'_>,
    deadline: Option<Instant>,
    charge: Charge,
    begun: Begun,
    timeline: &mut Timeline,
) -> (Answer, Option<Box<Kept>>) {
    let asked = asked(session, question, deadline, charge, timeline);
    let answer = before(deadline, asked).await;
    let answer = answer.unwrap_or(Err(Failure::DeadlineExceeded));
    let answer = answer.unwrap_or_else(|failure| {
        instruments::refuse(failure.reason());
        let status = failure.http_status(&*session.context);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Answer::text(status, failure.text())
    });
    if answer.status != StatusCode::OK {
        timeline.note_failure(answer.status.as_u16().into());
    }
    let facts = Facts::default();
    let outcome = Ok((&facts, answer.body.len()));
    let names = &session.context.read_path;
    let kept = instruments::ended(begun, outcome, timeline, names);
    (answer, kept)
}

async fn asked(
    session: &Arc<Session>,
    question: Question<'_>,
    deadline: Option<Instant>,
    mut charge: Charge,
    timeline: &mut Timeline,
) -> Result<Answer, Failure> {
    if let Question::Metadata { store }
    | Question::Dictionary { store, .. }
    | Question::StoreProperties { store, .. }
    | Question::CurrentVersion { store } = question
    {
        check_store(store)?;
    }
    // It is no message of a read: the slow log finds no store version in it.
    may_ask(session, question, &Bytes::new(), timeline).await?;
    let limit = session.context.read_path.limits.max_response_bytes();
    // What a store has may change while there is no room: it is asked again then, and nothing old is kept.
    loop {
        let told = told(session, question, deadline, timeline).await?;
        if let Err(text) = check_size(&told, limit) {
            return Ok(Answer::text(StatusCode::INTERNAL_SERVER_ERROR, text));
        }
        let size = told.content.len();
        let bytes = match question {
            // Two letters, which need no room.
            Question::Health => charge.bytes(),
            _ => CALL_BYTES + size,
        };
        if charge.try_set(Purpose::Answer, bytes) {
            charge.owe(size);
            let mut body = Vec::with_capacity(size);
            told.content.write(&mut body);
            let status = StatusCode::from_u16(told.status);
            return Ok(Answer {
                content_type: told.content_type,
                schema_id: told.schema_id,
                ..Answer::text(
                    status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                    charge.with(body, 0),
                )
            });
        }
        drop(told);
        timeline.begin(Phase::Room, None);
        charge.set(Purpose::Answer, bytes).await;
        timeline.end();
    }
}
