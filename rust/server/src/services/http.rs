//! Venice's requests over HTTP: a read is the read of `get`, `batchGet` and `compute`, whose message is made of what the
//! request says, and whose answer is written as Venice's server writes it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, CONTENT_LENGTH};
use http::{Method as HttpMethod, Request, Response, StatusCode};
use http_body::Body;
use tokio::time::Instant;
use venice_wire::compute_call::ComputeCall;
use venice_wire::request::Request as Message;

use crate::config::HttpRequests;
use crate::grpc::body::{self, ResponseBody};
use crate::grpc::deadline::{self, TimeoutError};
use crate::grpc::framing::FrameError;
use crate::http_form::answer::Answer;
use crate::http_form::body::{single, Keys};
use crate::http_form::error::FormError;
use crate::http_form::head::{
    check_batch_version, check_compute_version, check_host, value_schema_id, RETRY, STREAMING,
};
use crate::http_form::single_get::{message_of, ACCESS_METHOD};
use crate::http_form::target::{Action, Target};
use crate::memory::account::Charge;
use crate::metadata::Question;
use crate::observe::timeline::Timeline;
use crate::read_path::failure::Failure;
use crate::read_path::http_status;
use crate::read_path::ready::Ready;
use crate::read_path::step::{AdmissionStep, ReadStep};
use crate::response::builder::ENVELOPE;
use crate::response::place::Place;
use crate::services::asked::asked;
use crate::services::at_once::{self, Prepared};
use crate::services::http_metadata;
use crate::services::http_reply;
use crate::services::instruments::{self, Begun, Method};
use crate::services::read::{self, Start, Step};
use crate::services::session::Session;
use crate::transport::handler::{Found, Reply};
use crate::transport::http2::RequestBody;

/// What a request asks for that is no gRPC; `None` if it is none of Venice's, or they are not served.
pub(super) fn action<B>(session: &Session, request: &Request<B>) -> Option<Action> {
    match session.context.config.http_requests {
        HttpRequests::Off => None,
        HttpRequests::Http2 | HttpRequests::All => Action::of(request.uri()),
    }
}

/// Answers a request. Every failure is an answer.
///
/// Cancel safety: what waits for the disk leaves its queue.
pub(super) async fn answer<B>(
    session: Arc<Session>,
    action: Action,
    request: Request<B>,
) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<FrameError> + Send,
{
    let method = match (action, request.method()) {
        (Action::Storage, &HttpMethod::GET) => Method::HttpGet,
        (Action::Storage, &HttpMethod::POST) => Method::HttpBatchGet,
        (Action::Compute, &HttpMethod::POST) => Method::HttpCompute,
        (Action::Metadata, _) => Method::HttpMetadata,
        (Action::Dictionary, _) => Method::HttpDictionary,
        (Action::StoreProperties, _) => Method::HttpStoreProperties,
        (Action::CurrentVersion, _) => Method::HttpCurrentVersion,
        (Action::Storage | Action::Compute | Action::Health, _) => Method::HttpOther,
    };
    let is_head = request.method() == HttpMethod::HEAD;
    let begun = instruments::begin(method);
    // Before anything is done for it.
    let charge = match action {
        Action::Health => Session::begin_health(&session),
        _ => Session::begin_call(&session),
    };
    let Some(charge) = charge else {
        return no_room(begun);
    };
    let refused = match (action, method) {
        (Action::Storage, Method::HttpGet) => match get(&request) {
            Ok(message) => {
                let body = RequestBody::whole(message);
                let own_bytes = 0;
                return read(session, request.headers(), body, own_bytes, charge, begun).await;
            }
            Err(error) => error,
        },
        (_, Method::HttpBatchGet | Method::HttpCompute) => {
            let (head, body) = request.into_parts();
            match of_many(&session, action, &head, body) {
                Ok(body) => {
                    let own_bytes = body.own_bytes();
                    return read(session, &head.headers, body, own_bytes, charge, begun).await;
                }
                Err(error) => error,
            }
        }
        (Action::Compute, _) if is_known(request.method()) => FormError::OnlyPost,
        (Action::Health, _) if is_known(request.method()) && session.drain.has_started() => {
            let (status, text) = (StatusCode::SERVICE_UNAVAILABLE, Failure::Stopping);
            return Answer::text(status, text.to_string()).into_response();
        }
        (action, _) if action != Action::Storage && is_known(request.method()) => {
            let (head, _) = request.into_parts();
            let question = Target::of(&head.uri).question(action);
            match question {
                Ok(question) => return tell(session, question, &head.headers, charge, begun).await,
                Err(error) => error,
            }
        }
        _ => Target::of(request.uri()).wrong_method(),
    };
    instruments::not_asked(begun);
    let (status, text) = http_status::of_form(&refused);
    // An answer to HEAD has no body.
    let text = if is_head { String::new() } else { text };
    Answer::text(status, text).into_response()
}

/// Whether it is a method that any action may have.
fn is_known(method: &HttpMethod) -> bool {
    matches!(*method, HttpMethod::GET | HttpMethod::POST)
}

/// The message of a single get.
fn get<B>(request: &Request<B>) -> Result<Bytes, FormError> {
    let target = Target::of(request.uri());
    Ok(single(&message_of(target.single_get()?)))
}

/// Answers a single get whose record was found when it was prepared for, if the value has no more than `most` bytes. `None`, and nothing was done,
/// if it was not, or if anything has to be waited for.
pub(super) fn found(
    session: &Arc<Session>,
    deadline: Option<Instant>,
    (prepared, number): (&Prepared<'_>, usize),
    most: usize,
) -> Option<Found<ResponseBody>> {
    let ready = prepared.ahead.of(number)?;
    let is_small = ready.value_bytes().is_some_and(|bytes| bytes <= most);
    if !is_small || at_once::has_to_wait(session, deadline) {
        return None;
    }
    let begun = instruments::look(Method::HttpGet);
    let read_path = &session.context.read_path;
    let admission = session.admission();
    let step = match read_path.admit_ready(&ready, &admission, &mut Place::apart()) {
        AdmissionStep::Decided(step) => step,
        AdmissionStep::NeedsAccess(_) => return None,
    };
    match step {
        Ok(ReadStep::Done(Ok(reply))) => {
            session.account.count_call();
            let message = single(ready.request);
            let reply = reply.in_answer_to(message.len() - ENVELOPE);
            instruments::answered(begun, reply.facts(), reply.message().len(), &read_path);
            Some(Found::Answer(http_reply::response(Ok(reply), false)))
        }
        step => Some(Found::GoesOn(goes_on(
            session, deadline, &ready, begun, step,
        ))),
    }
}

/// Goes on with a single get that has to be refused, or to wait.
#[cold]
fn goes_on(
    session: &Arc<Session>,
    deadline: Option<Instant>,
    ready: &Ready<'_>,
    begun: Begun,
    step: Step,
) -> Pin<Box<dyn Future<Output = Reply<ResponseBody>> + Send>> {
    instruments::begins(begun);
    let body = RequestBody::whole(single(ready.request));
    let start = Start {
        step: Some(Box::new(step)),
        ..Start::of(begun, Timeline::default())
    };
    let charge = Session::begin_call(session);
    let session = Arc::clone(session);
    Box::pin(async move {
        let response = match charge {
            None => no_room(begun),
            Some(charge) => {
                let call = read::call(session, deadline, body, charge, start);
                call.await.into_http(false)
            }
        };
        Reply::Response(Box::new(response))
    })
}

/// There is no memory for a request.
fn no_room(begun: Begun) -> Response<ResponseBody> {
    let error = FrameError::NoRoom;
    let (status, text) = http_status::of_frame(&error);
    instruments::refused(begun, &error.clone().into(), error.reason());
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    Answer::text(status, text).into_response()
}

/// The body of a batch get, or of a request to compute, as a message.
fn of_many<B>(
    session: &Session,
    action: Action,
    head: &http::request::Parts,
    body: B,
) -> Result<Keys<B>, FormError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let is_computed = action == Action::Compute;
    if is_computed && session.context.compute.is_none() {
        return Err(FormError::ComputeOff);
    }
    let target = Target::of(&head.uri);
    let resource_name = target.batch()?;
    let is_streaming = head.headers.contains_key(STREAMING);
    let mut fields = Vec::with_capacity(resource_name.len() + 32);
    if is_computed {
        check_compute_version(&head.headers)?;
        let call = ComputeCall {
            resource_name,
            method: ACCESS_METHOD,
            value_schema_id: value_schema_id(&head.headers)?,
            is_streaming,
            ..ComputeCall::default()
        };
        call.encode(&mut fields);
    } else {
        check_batch_version(&head.headers)?;
        let message = Message {
            resource_name: resource_name.into(),
            is_streaming,
            is_batch: true,
            method: ACCESS_METHOD,
            ..Message::default()
        };
        message.encode(&mut fields);
    }
    let length = head.headers.get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
    let limit = session.context.read_path.limits.max_request_bytes();
    Ok(Keys::new(body, fields, length, limit, &session.account))
}

/// Reads what the message in `body` asks for, of which so many bytes are the server's own.
async fn read<B>(
    session: Arc<Session>,
    headers: &HeaderMap,
    body: B,
    own_bytes: u32,
    charge: Charge,
    begun: Begun,
) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<FrameError> + Send,
{
    let deadline = match deadline::of_call(headers) {
        Ok(deadline) => deadline,
        Err(error) => return refused_timeout(begun, &error),
    };
    let asked = asked(headers, session.context.read_path.limits.traces());
    let start = Start {
        is_retry: headers.contains_key(RETRY),
        own_bytes,
        ..Start::of(begun, asked.map_or_else(Timeline::default, Timeline::asked))
    };
    let is_streaming = headers.contains_key(STREAMING);
    let call = read::call(session, deadline, body, charge, start);
    call.await.into_http(is_streaming)
}

/// Tells what is known of a store beside its records, or of the server.
async fn tell(
    session: Arc<Session>,
    question: Question<'_>,
    headers: &HeaderMap,
    charge: Charge,
    begun: Begun,
) -> Response<ResponseBody> {
    let deadline = match deadline::of_call(headers) {
        Ok(deadline) => deadline,
        Err(error) => return refused_timeout(begun, &error),
    };
    let asked = asked(headers, session.context.read_path.limits.traces());
    let mut timeline = asked.map_or_else(Timeline::default, Timeline::asked);
    let told = http_metadata::answer(&session, question, deadline, charge, begun, &mut timeline);
    let (answer, kept) = told.await;
    let response = answer.into_response();
    match kept {
        None => response,
        Some(kept) => body::kept(response, kept),
    }
}

fn refused_timeout(begun: Begun, error: &TimeoutError) -> Response<ResponseBody> {
    instruments::not_asked(begun);
    let (status, text) = http_status::of_timeout(error);
    Answer::text(status, text).into_response()
}

/// What a request over HTTP/1.1 is told, whatever it asks for, whose head is malformed or does not say as it has to where the body
/// ends, which its connection found, or which host it is for.
pub(super) fn refused_head<B>(request: &Request<B>) -> Option<Response<ResponseBody>> {
    let error = match request.extensions().get::<FormError>() {
        Some(error) => error.clone(),
        None => check_host(request.version(), request.headers()).err()?,
    };
    instruments::not_asked_for(instruments::begin(Method::HttpOther), error.reason());
    let (status, text) = http_status::of_form(&error);
    // An answer to HEAD has no body.
    let is_head = request.method() == HttpMethod::HEAD;
    let text = if is_head { String::new() } else { text };
    Some(Answer::text(status, text).into_response())
}

/// What gRPC is told on a connection of HTTP/1.1, which has no place for its status.
pub(super) fn no_grpc() -> Response<ResponseBody> {
    let text = "gRPC needs HTTP/2: connect with its preface (prior knowledge), or over TLS with h2 by ALPN";
    Answer::text(StatusCode::HTTP_VERSION_NOT_SUPPORTED, text).into_response()
}
