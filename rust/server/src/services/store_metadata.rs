//! `StoreMetadataService`: what is told of stores beside their records, one question a call. What is told, the room
//! [`crate::metadata`] says.
//!
//! A call has access, deadline, limits and room as a read has. Of access only dictionaries need any, as at Venice's
//! server: what the others tell is no secret of a store. Quota counts keys, and there are none.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use tokio::time::Instant;
use venice_engine::{ReadError, Tier};
use venice_wire::message::{MessageError, Reader, LENGTH_DELIMITED, VARINT};
use venice_wire::status::{Code, Status};
use venice_wire::store_name::{check_store, STORE_BYTES};
use venice_wire::varint::{varint, zigzag};

use crate::config::names::MAX_RESPONSE_BYTES;
use crate::grpc::body::{self, ResponseBody};
use crate::grpc::deadline::before;
use crate::grpc::framing::{FrameError, CALL_BYTES};
use crate::grpc::messages::Messages;
use crate::memory::account::Charge;
use crate::memory::client_memory::Purpose;
use crate::metadata::{self, Answer, Content, Known, Question};
use crate::observe::reasons;
use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::driver;
use crate::read_path::failure::{Failure, OK};
use crate::read_path::stack::{catch_panics, check_access};
use crate::read_path::step::AdmissionStep;
use crate::response::builder::EncodedResponse;
use crate::services::context::ServerContext;
use crate::services::instruments::{self, Begun, Method};
use crate::services::session::Session;

/// What paths of it begin with.
pub(crate) const SERVICE: &str = "/com.linkedin.venice.rust.protocols.StoreMetadataService/";

/// The paths, in the order of [`Rpc`].
pub(crate) const PATHS: [&str; 5] = [
    "/com.linkedin.venice.rust.protocols.StoreMetadataService/metadata",
    "/com.linkedin.venice.rust.protocols.StoreMetadataService/dictionary",
    "/com.linkedin.venice.rust.protocols.StoreMetadataService/storeProperties",
    "/com.linkedin.venice.rust.protocols.StoreMetadataService/currentVersion",
    "/com.linkedin.venice.rust.protocols.StoreMetadataService/health",
];

/// The methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rpc {
    Metadata,
    Dictionary,
    StoreProperties,
    CurrentVersion,
    Health,
}

const RPCS: [Rpc; 5] = [
    Rpc::Metadata,
    Rpc::Dictionary,
    Rpc::StoreProperties,
    Rpc::CurrentVersion,
    Rpc::Health,
];

/// A name and two numbers are not longer than that.
const REQUEST_BYTES: usize = 1024;
/// What access control is asked for, as for a `GET` of HTTP.
const METHOD: &str = "GET";
/// Bytes of an answer beside its text, its kind and its data: tags, lengths and numbers.
const FIELDS: usize = 48;

impl Rpc {
    /// That of a path.
    pub(crate) fn of(path: &str) -> Option<Rpc> {
        let at = PATHS.iter().position(|known| *known == path)?;
        RPCS.get(at).copied()
    }

    /// What its calls are counted as.
    pub(crate) fn method(self) -> Method {
        match self {
            Rpc::Metadata => Method::Metadata,
            Rpc::Dictionary => Method::Dictionary,
            Rpc::StoreProperties => Method::StoreProperties,
            Rpc::CurrentVersion => Method::CurrentVersion,
            Rpc::Health => Method::NodeHealth,
        }
    }
}

/// Answers a call, and counts it.
pub(crate) async fn call<B>(
    session: Arc<Session>,
    rpc: Rpc,
    deadline: Option<Instant>,
    body: B,
    charge: Charge,
    begun: Begun,
    mut timeline: Timeline,
) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    let answer = answer(&session, rpc, deadline, body, charge, &mut timeline).await;
    let names = &session.context.read_path;
    let outcome = answer.as_ref();
    let outcome = outcome.map(|reply| (reply.facts(), reply.message().len()));
    let kept = instruments::ended(begun, outcome, &mut timeline, names);
    let response = body::response(answer);
    match kept {
        None => response,
        Some(kept) => body::kept(response, kept),
    }
}

/// Answers the request in `body` by `deadline`; `charge` counts the call until its answer is sent.
///
/// Cancel safety: what waits for the disk or for room leaves its queue.
async fn answer<B>(
    session: &Arc<Session>,
    rpc: Rpc,
    deadline: Option<Instant>,
    body: B,
    charge: Charge,
    timeline: &mut Timeline,
) -> Result<EncodedResponse, Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    let answer = answered(session, rpc, deadline, body, charge, timeline);
    before(deadline, answer)
        .await
        .unwrap_or_else(|| Err(refused(Failure::DeadlineExceeded)))
}

/// What tells the client that its question is not answered, which is counted.
fn refused(failure: Failure) -> Status {
    instruments::refuse(failure.reason());
    failure.into_status()
}

async fn answered<B>(
    session: &Arc<Session>,
    rpc: Rpc,
    deadline: Option<Instant>,
    body: B,
    mut charge: Charge,
    timeline: &mut Timeline,
) -> Result<EncodedResponse, Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    let limits = &session.context.read_path.limits;
    let mut messages = Messages::new(body, REQUEST_BYTES);
    let received = messages.next_within(limits.receive()).await;
    let received = received.inspect_err(instruments::not_received);
    let received = received.map_err(|error| Status {
        // The limit here is no setting, so its text names none.
        message: match error {
            FrameError::TooLarge { .. } => {
                format!("{error}; the name of a store has {STORE_BYTES} bytes at most")
            }
            _ => error.to_string(),
        },
        ..Status::from(error)
    })?;
    let message = received.ok_or(FrameError::NoMessage);
    let message = message.inspect_err(instruments::not_received)?;
    let request = Request::decode(&message).map_err(|error| {
        instruments::refuse("unparsable");
        Status {
            code: Code::Internal,
            message: format!("cannot parse the request: {error}"),
        }
    })?;
    let named = check_store(request.store).map_err(Failure::from);
    named.map_err(refused)?;
    let question = request.question(rpc);
    let granted = may_ask(session, question, &message, timeline).await;
    granted.map_err(refused)?;
    // What a store has may change while there is no room: it is asked again then, and nothing old is kept.
    let encoded = loop {
        let answer = match told(session, question, deadline, timeline).await {
            Ok(answer) => Encoded::of(answer, limits.max_response_bytes()),
            Err(failure) => Encoded::failure(failure)?,
        };
        let bytes = CALL_BYTES + answer.length();
        if charge.try_set(Purpose::Answer, bytes) {
            charge.owe(answer.length());
            break answer;
        }
        drop(answer);
        timeline.begin(Phase::Room, Some(&message));
        charge.set(Purpose::Answer, bytes).await;
        timeline.end();
    };
    if encoded.code != OK {
        timeline.note_failure(encoded.code);
    }
    let reply = EncodedResponse::whole(encoded.length(), |out| encoded.write(out));
    Ok(reply.in_answer_to(message.len()).with_charge(charge))
}

/// Whether the client may ask this: dictionaries are for those who may read.
pub(super) async fn may_ask(
    session: &Session,
    question: Question<'_>,
    message: &Bytes,
    timeline: &mut Timeline,
) -> Result<(), Failure> {
    let Question::Dictionary { store, version } = question else {
        return Ok(());
    };
    let resource = format!("{store}_v{version}");
    let granted =
        driver::admitted(
            session.admission(),
            timeline,
            message,
            |_, admission| match check_access(admission, &resource, METHOD) {
                Ok(None) => AdmissionStep::Decided(Ok(())),
                Ok(Some(pending)) => AdmissionStep::NeedsAccess(pending),
                Err(failure) => AdmissionStep::Decided(Err(failure)),
            },
        );
    granted.await
}

/// Answers a question from memory, else on a thread that may wait for the disk.
pub(super) async fn told(
    session: &Session,
    question: Question<'_>,
    deadline: Option<Instant>,
    timeline: &mut Timeline,
) -> Result<Answer, Failure> {
    let context = &session.context;
    match catch_panics(|| Ok(known(context, question, Tier::Memory)))? {
        Err(ReadError::WouldBlock) => {}
        answer => return answer.map_err(Failure::Read),
    }
    let Question::Dictionary { store, version } = question else {
        return Err(Failure::Read(ReadError::WouldBlock));
    };
    let (context, store) = (Arc::clone(context), store.to_owned());
    let tier = deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std()));
    let read = move || {
        let question = Question::Dictionary {
            store: &store,
            version,
        };
        catch_panics(|| Ok(known(&context, question, tier)))
    };
    let read = session.context.disk.run_noted(session.lane, timeline, read);
    let (answer, ..) = read.await?;
    answer?.map_err(Failure::Read)
}

/// What this server knows of it.
pub(crate) fn known(
    context: &ServerContext,
    question: Question<'_>,
    tier: Tier,
) -> Result<Answer, ReadError> {
    let settings = context.live.now();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let known = Known {
        catalog: &context.catalog,
        registry: &context.read_path.registry,
        serves: context.health.is_serving(),
        cluster: settings.cluster.as_deref(),
        now: now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(i64::MAX)),
    };
    metadata::answer(question, known, tier)
}

/// `StoreRequest`, `DictionaryRequest`, `StorePropertiesRequest` and `NodeHealthRequest`: each has a part of this.
#[derive(Debug, Default, PartialEq, Eq)]
struct Request<'a> {
    store: &'a str,
    number: Option<i32>,
}

impl<'a> Request<'a> {
    fn decode(message: &'a [u8]) -> Result<Request<'a>, MessageError> {
        let mut request = Request::default();
        let mut fields = Reader::new(message);
        while !fields.is_done() {
            match fields.tag()? {
                (1, LENGTH_DELIMITED) => request.store = fields.string("storeName")?,
                // An int32 has the low 32 bits of its varint.
                (2, VARINT) => request.number = Some(fields.varint()? as i32),
                (field, wire_type) => fields.skip(field, wire_type, 0)?,
            }
        }
        Ok(request)
    }

    fn question(&self, rpc: Rpc) -> Question<'a> {
        let Request { store, number } = *self;
        match rpc {
            Rpc::Metadata => Question::Metadata { store },
            Rpc::Dictionary => Question::Dictionary {
                store,
                version: number.unwrap_or(0),
            },
            Rpc::StoreProperties => Question::StoreProperties {
                store,
                largest_known: number,
            },
            Rpc::CurrentVersion => Question::CurrentVersion { store },
            Rpc::Health => Question::Health,
        }
    }
}

/// `StoreMetadataResponse`, whose data has not been copied yet.
struct Encoded {
    code: i32,
    /// The fields before the data, and the data's tag and length.
    head: Vec<u8>,
    data: Option<Content>,
}

impl Encoded {
    fn of(answer: Answer, limit: usize) -> Encoded {
        if let Err(text) = check_size(&answer, limit) {
            return Encoded::new(500, &text, metadata::NO_SCHEMA, metadata::TEXT, None);
        }
        let Answer {
            status,
            content_type,
            schema_id,
            content,
        } = answer;
        match content {
            Content::Refusal(text) => {
                Encoded::new(status.into(), &text, schema_id, content_type, None)
            }
            content => Encoded::new(status.into(), "", schema_id, content_type, Some(content)),
        }
    }

    /// A failure of the application travels as a code; the others end the call.
    fn failure(failure: Failure) -> Result<Encoded, Status> {
        let (code, text) = (failure.error_code(), failure.text());
        instruments::refuse(failure.reason());
        failure.into_reply()?;
        Ok(Encoded::new(
            code,
            &text,
            metadata::NO_SCHEMA,
            metadata::TEXT,
            None,
        ))
    }

    fn new(
        code: i32,
        text: &str,
        schema_id: i32,
        content_type: &str,
        data: Option<Content>,
    ) -> Encoded {
        // Proto3 leaves out what is empty.
        let data = data.filter(|data| data.len() > 0);
        let length = data.as_ref().map_or(0, Content::len);
        let head = head(code, text, schema_id, content_type, length);
        Encoded { code, head, data }
    }

    fn length(&self) -> usize {
        self.head.len() + self.data.as_ref().map_or(0, Content::len)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        if let Some(data) = &self.data {
            data.write(out);
        }
    }
}

/// Refuses an answer whose message is larger than `limit`, with a text for the client. Over HTTP, where an answer has no
/// message, it counts as over gRPC: what one client is told the other is, too.
pub(super) fn check_size(answer: &Answer, limit: usize) -> Result<(), String> {
    let Answer {
        status,
        content_type,
        schema_id,
        content,
    } = answer;
    if let Content::Refusal(_) = content {
        return Ok(());
    }
    let length = content.len();
    let size = head((*status).into(), "", *schema_id, content_type, length).len() + length;
    if size <= limit {
        return Ok(());
    }
    instruments::refuse(reasons::MAX_RESPONSE_SIZE);
    Err(format!(
        "what is told of the store has {size} bytes, and an answer may have {limit} (setting {MAX_RESPONSE_BYTES}); raise \
         the setting and the client's maximum inbound message size"
    ))
}

/// The fields of an answer before its data, of which there are `length` bytes, and the data's tag and length.
fn head(code: i32, text: &str, schema_id: i32, content_type: &str, length: usize) -> Vec<u8> {
    let mut head = Vec::with_capacity(FIELDS + text.len() + content_type.len());
    head.push(1 << 3);
    varint(&mut head, u64::from(code.unsigned_abs()));
    put(&mut head, 2, text);
    head.push(3 << 3);
    varint(&mut head, zigzag(schema_id).into());
    put(&mut head, 4, content_type);
    if length > 0 {
        head.push(5 << 3 | LENGTH_DELIMITED as u8);
        varint(&mut head, length as u64);
    }
    head
}

/// Appends a string, unless it is empty.
fn put(out: &mut Vec<u8>, field: u8, text: &str) {
    if text.is_empty() {
        return;
    }
    out.push(field << 3 | LENGTH_DELIMITED as u8);
    varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_field_by_field() {
        let request = |bytes| Request::decode(bytes).unwrap();
        assert_eq!(request(b""), Request::default());
        let read = request(b"\x0a\x01s\x10\x07");
        assert_eq!((read.store, read.number), ("s", Some(7)));
        assert_eq!(request(b"\x10\0").number, Some(0));
        let minus_one = b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(request(minus_one).number, Some(-1));
        // Unknown fields are skipped.
        assert_eq!(request(b"\x1a\x01x\x0a\x01s").store, "s");
        assert!(Request::decode(b"\x0a\x05s").is_err());
        assert!(Request::decode(b"\x0a\x01\xff").is_err());
    }

    #[test]
    fn every_path_has_its_method() {
        for (path, rpc) in PATHS.iter().zip(RPCS) {
            assert_eq!(Rpc::of(path), Some(rpc));
        }
        assert_eq!(
            Rpc::of("/com.linkedin.venice.rust.protocols.StoreMetadataService/other"),
            None
        );
    }
}
