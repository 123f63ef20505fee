//! gRPC's server reflection: tells tools such as grpcurl what can be asked here, when the setting
//! `reflection` allows it.
//!
//! Source: gRPC's server-reflection.md; messages in `proto/grpc/reflection/v1/reflection.proto`. The
//! files are compiled into the library (`build.rs`): what is told is what is served.

use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use tokio::select;
use tokio::sync::mpsc;
use tokio::time::Instant;
use venice_wire::echoed::Echoed;
use venice_wire::message::{MessageError, Reader, LENGTH_DELIMITED, VARINT};
use venice_wire::status::{Code, Status};

use crate::grpc::body::{ResponseBody, StreamItem};
use crate::grpc::deadline;
use crate::grpc::framing::FrameError;
use crate::grpc::messages::Messages;
use crate::memory::account::Charge;
use crate::read_path::failure::Failure;
use crate::response::builder::ENVELOPE;
use crate::runtime::drain::{Drain, LastRequests};
use crate::services::instruments::not_received;

/// The method, as tools ask it today.
pub const V1: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
/// The same from before it was standard.
pub const V1ALPHA: &str = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

/// A name and a host are not longer than that. The request is echoed in its answer.
const REQUEST_BYTES: usize = 4096;

/// A served `.proto` file. None has imports.
struct File {
    name: &'static str,
    services: &'static [&'static str],
    /// Full names of its messages.
    types: &'static [&'static str],
    /// Full names of all it declares.
    symbols: &'static [&'static str],
    /// `google.protobuf.FileDescriptorProto`
    descriptor: &'static [u8],
}

const FILES: &[File] = include!("generated/reflection_files.inc");

/// Answers the questions in `body`, one after the other, until the client has asked its last, it asks
/// none for as long as `receive`, the call is past its deadline, or the server drains and has answered
/// what came. What comes is counted by `charge`; `held` is held until then.
pub(crate) fn answer<B>(
    drain: Drain,
    deadline: Option<Instant>,
    receive: Duration,
    body: B,
    charge: Charge,
    held: impl Send + 'static,
) -> ResponseBody
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<FrameError>,
{
    let (sender, receiver) = mpsc::channel(1);
    // Ends with the call: it notices when the receiver goes.
    drop(tokio::spawn(async move {
        let _held = held;
        let questions = Messages::new(body, REQUEST_BYTES);
        let mut questions = questions.charged(charge, 0, Duration::MAX);
        let mut not_read = drain.last_requests();
        let end = select! {
            end = answer_all(&mut questions, receive, drain.last_requests(), &sender) => end,
            () = not_read.over(false) => Err(Failure::Stopping.into_status()),
            () = deadline::passed(deadline) => Err(Failure::DeadlineExceeded.into_status()),
            () = sender.closed() => return,
        };
        // If nobody listens any more, nobody wants to know.
        let _ = sender.send(StreamItem::End(end)).await;
    }));
    ResponseBody::stream(receiver)
}

async fn answer_all<B>(
    questions: &mut Messages<B>,
    receive: Duration,
    mut last: LastRequests,
    sender: &mpsc::Sender<StreamItem>,
) -> Result<(), Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    // Room first: a client that does not read the answers is asked for no more questions.
    while let Ok(room) = sender.reserve().await {
        let question = select! {
            question = questions.next_within(receive) => question,
            () = last.over(true) => return Err(Failure::Stopping.into_status()),
        };
        let Some(question) = question.map_err(frame_status)? else {
            break;
        };
        let answer = answer_to(&question).map_err(|error| Status {
            code: Code::Internal,
            message: format!("cannot parse ServerReflectionRequest: {error}"),
        })?;
        room.send(StreamItem::Message(answer));
    }
    Ok(())
}

/// The limit here is no setting, so its text names none.
fn frame_status(error: FrameError) -> Status {
    not_received(&error);
    let message = error.to_string();
    Status {
        message,
        ..Status::from(error)
    }
}

/// What a client may ask: `ServerReflectionRequest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question<'a> {
    None,
    FileByName(&'a str),
    FileOfSymbol(&'a str),
    FileOfExtension { of: &'a str, number: i32 },
    ExtensionsOf(&'a str),
    Services,
}

impl<'a> Question<'a> {
    fn decode(message: &'a [u8]) -> Result<Question<'a>, MessageError> {
        let mut question = Question::None;
        let mut fields = Reader::new(message);
        while !fields.is_done() {
            // Of several questions in a message, the last counts, as in any `oneof`.
            question = match fields.tag()? {
                (3, LENGTH_DELIMITED) => Question::FileByName(fields.string("file_by_filename")?),
                (4, LENGTH_DELIMITED) => {
                    Question::FileOfSymbol(fields.string("file_containing_symbol")?)
                }
                (5, LENGTH_DELIMITED) => Question::extension(fields.bytes()?)?,
                (6, LENGTH_DELIMITED) => {
                    Question::ExtensionsOf(fields.string("all_extension_numbers_of_type")?)
                }
                (7, LENGTH_DELIMITED) => {
                    // Its value means nothing.
                    fields.string("list_services")?;
                    Question::Services
                }
                (field, wire_type) => {
                    fields.skip(field, wire_type, 0)?;
                    question
                }
            };
        }
        Ok(question)
    }

    fn extension(message: &'a [u8]) -> Result<Question<'a>, MessageError> {
        let (mut of, mut number) = ("", 0);
        let mut fields = Reader::new(message);
        while !fields.is_done() {
            match fields.tag()? {
                (1, LENGTH_DELIMITED) => of = fields.string("containing_type")?,
                (2, VARINT) => number = fields.varint()? as i32,
                (field, wire_type) => fields.skip(field, wire_type, 0)?,
            }
        }
        Ok(Question::FileOfExtension { of, number })
    }
}

/// `ServerReflectionResponse` behind its gRPC frame.
pub(crate) fn answer_to(message: &[u8]) -> Result<Bytes, MessageError> {
    let question = Question::decode(message)?;
    let mut answer = vec![0; ENVELOPE];
    put(&mut answer, 2, message);
    match what_is_known(question) {
        Known::File(file) => {
            let mut files = Vec::new();
            put(&mut files, 1, file.descriptor);
            put(&mut answer, 4, &files);
        }
        Known::NoExtensionsOf(name) => {
            let mut numbers = Vec::new();
            put(&mut numbers, 1, name.as_bytes());
            put(&mut answer, 5, &numbers);
        }
        Known::Services => {
            let mut services = Vec::new();
            for name in FILES.iter().flat_map(|file| file.services) {
                let mut service = Vec::new();
                put(&mut service, 1, name.as_bytes());
                put(&mut services, 1, &service);
            }
            put(&mut answer, 6, &services);
        }
        Known::Nothing(code, text) => {
            // Codes are small numbers.
            let mut error = vec![1 << 3, code as u8];
            put(&mut error, 2, text.as_bytes());
            put(&mut answer, 7, &error);
        }
    }
    // A file and an echo: far below what 32 bits count.
    let length = (answer.len() - ENVELOPE) as u32;
    answer[1..ENVELOPE].copy_from_slice(&length.to_be_bytes());
    Ok(answer.into())
}

enum Known<'a> {
    File(&'static File),
    NoExtensionsOf(&'a str),
    Services,
    Nothing(Code, String),
}

fn what_is_known(question: Question<'_>) -> Known<'_> {
    let unknown = |text| Known::Nothing(Code::NotFound, text);
    let file = |found: fn(&File, &str) -> bool, name| FILES.iter().find(|file| found(file, name));
    match question {
        Question::None => Known::Nothing(
            Code::InvalidArgument,
            "the request asks nothing that is known here".to_owned(),
        ),
        Question::FileByName(name) => match file(|file, name| file.name == name, name) {
            Some(file) => Known::File(file),
            None => {
                let names: Vec<&str> = FILES.iter().map(|file| file.name).collect();
                unknown(format!(
                    "no file {:?}; the files are {}",
                    Echoed::new(name),
                    names.join(", ")
                ))
            }
        },
        Question::FileOfSymbol(name) => match file(|file, name| file.symbols.contains(&name), name)
        {
            Some(file) => Known::File(file),
            None => unknown(format!(
                "no symbol {:?}; give a full name, such as {}",
                Echoed::new(name),
                FILES[0].services[0]
            )),
        },
        // Proto3 has no extensions but those of options, and there are none here.
        Question::FileOfExtension { of, number } => unknown(format!(
            "no extension {number} of {:?}; no message has any",
            Echoed::new(of)
        )),
        Question::ExtensionsOf(name) => match file(|file, name| file.types.contains(&name), name) {
            Some(_) => Known::NoExtensionsOf(name),
            None => unknown(format!("no message {:?}", Echoed::new(name))),
        },
        Question::Services => Known::Services,
    }
}

/// Appends a length-delimited field; its number is below 16.
fn put(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    out.push(field << 3 | LENGTH_DELIMITED as u8);
    let mut rest = bytes.len();
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
    out.extend_from_slice(bytes);
}
