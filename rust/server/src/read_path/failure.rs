//! How every failure of a request looks to the client: decided here and nowhere else; over HTTP in
//! [`crate::read_path::http_status`].
//!
//! Failures of the application travel as `errorCode` in a gRPC OK, as the Java server sends them
//! (`SRV/listener/grpc/handlers/`, codes of `VeniceReadResponseStatus`). A gRPC status is left to
//! the transport, to methods that do not exist, and to requests that cannot be parsed: the Java
//! server lets those exceptions escape, which grpc-java turns into UNKNOWN; we say the same with
//! the reason.

use venice_engine::{ReadError, Status as RocksStatus};
use venice_wire::count_call::put_end;
use venice_wire::echoed::bounded;
use venice_wire::key_records::BatchError;
use venice_wire::key_string::KeyStringError;
use venice_wire::message::MessageError;
use venice_wire::status::{Code, Status};
use venice_wire::store_name::LongName;

use crate::config::names::{ACCESS_WAIT, MAX_BATCH_KEYS, MAX_RESPONSE_BYTES};
use crate::observe::reasons;
use crate::policy::access::decision::{AccessResult, Denial};
use crate::read_path::compute::error::{ComputeFailure, Fault};
use crate::response::builder::{EncodedResponse, TooLarge};

/// `VeniceReadResponseStatus.OK`. Proto3's default 0 is an error to the client: this must be
/// written.
pub(crate) const OK: i32 = 200;
/// `VeniceReadResponseStatus.KEY_NOT_FOUND`, of single gets only.
pub(crate) const KEY_NOT_FOUND: i32 = -420;
/// What the Java server says beside [`KEY_NOT_FOUND`].
pub(crate) const KEY_NOT_FOUND_MESSAGE: &str = "Key not found";

const BAD_REQUEST: i32 = 400;
const UNAUTHORIZED_CODE: i32 = 401;
const FORBIDDEN_CODE: i32 = 403;
const METHOD_NOT_ALLOWED: i32 = 405;
const REQUEST_TIMEOUT: i32 = 408;
const TOO_MANY_REQUESTS: i32 = 429;
const INTERNAL_ERROR: i32 = 500;
const SERVICE_UNAVAILABLE: i32 = 503;

/// Why a request has no answer of its own.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The message is no `VeniceClientRequest`.
    #[error("cannot parse VeniceClientRequest: {0}")]
    Request(#[from] MessageError),
    /// The key of a single get has no meaning.
    #[error("cannot parse keyString: {0}")]
    KeyString(#[from] KeyStringError),
    /// A name in the request is longer than any can be.
    #[error(transparent)]
    LongName(#[from] LongName),
    /// The keys of a batch get have no meaning.
    #[error("cannot parse keyBytes as MultiGetRouterRequestKeyV1 records: {0}")]
    Batch(BatchError),
    /// The batch has more keys than a request may have.
    #[error(
        "batch of more than {limit} keys (setting {MAX_BATCH_KEYS}); ask for fewer keys per \
         request, or raise the setting"
    )]
    TooManyKeys {
        /// Keys that a batch may have.
        limit: usize,
    },
    /// The engine could not read.
    #[error("Internal Error: {class}: {0}", class = .0.java_class())]
    Read(ReadError),
    /// The answer is larger than the server may send.
    #[error(
        "response of at least {size} bytes is larger than the limit of {limit} bytes (setting \
         {MAX_RESPONSE_BYTES}); ask for fewer keys per request, or raise the setting and the \
         client's maximum inbound message size",
        size = .0.size,
        limit = .0.limit
    )]
    TooLarge(TooLarge),
    /// The client may not read, or it is not known in time whether it may.
    #[error("{}", denial_text(.0))]
    Denied(Denial),
    /// The store version has used up its quota. Java says no word about it.
    #[error("")]
    QuotaExceeded,
    /// No store of this name has a quota or a database here.
    #[error("Invalid request resource: {0}")]
    UnknownStore(String),
    /// The node has used up its quota. The text is Venice's, by which its operators and tests know it.
    #[error("Server over capacity")]
    OverCapacity,
    /// More requests wait for the threads of a pool than the server will queue. Venice has no such queue over gRPC, so no client
    /// waits for a text of its own.
    #[error(transparent)]
    Overloaded(FullQueue),
    /// The client's deadline (`grpc-timeout`) passed first.
    #[error("the deadline of the call passed before it was answered")]
    DeadlineExceeded,
    /// The server stopped before the request had its turn.
    #[error("server is stopping")]
    Stopping,
    /// Nothing was computed or counted.
    #[error(transparent)]
    Compute(Box<ComputeFailure>),
    /// A bug of ours: the request ended in a panic, which stopped at the request.
    #[error("internal error while handling the request: {0}")]
    Panicked(String),
}

/// A queue in which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "too many requests wait {wait}: {per_thread} for each thread (setting {setting}), shared by connections; ask again later, \
     or another server, or {remedy}, or raise the setting"
)]
pub struct FullQueue {
    /// What for.
    pub(crate) wait: &'static str,
    /// How many there is room for.
    pub(crate) per_thread: usize,
    /// Whose value is the number of threads.
    pub(crate) setting: &'static str,
    /// What its client can do about it.
    pub(crate) remedy: &'static str,
    /// What a request is counted as that it has no room for.
    pub(crate) reason: &'static str,
}

impl From<BatchError> for Failure {
    fn from(error: BatchError) -> Failure {
        match error {
            BatchError::TooManyKeys { limit } => Failure::TooManyKeys { limit },
            error => Failure::Batch(error),
        }
    }
}

impl From<ComputeFailure> for Failure {
    fn from(failure: ComputeFailure) -> Failure {
        Failure::Compute(Box::new(failure))
    }
}

impl From<TooLarge> for Failure {
    fn from(error: TooLarge) -> Failure {
        Failure::TooLarge(error)
    }
}

impl Failure {
    /// What the client reads. Whatever a failure is made of, it has a bound.
    pub(crate) fn text(&self) -> String {
        bounded(self.to_string())
    }

    /// What tells the client where answers have no gRPC status of their own: in the footer of a
    /// streamed answer. The codes of access are those that Venice sends over HTTP.
    pub fn into_error_code(self) -> (i32, String) {
        (self.error_code(), self.text())
    }

    /// The code alone.
    pub fn error_code(&self) -> i32 {
        match self {
            Failure::Request(_)
            | Failure::KeyString(_)
            | Failure::Batch(_)
            | Failure::TooManyKeys { .. }
            | Failure::UnknownStore(_)
            | Failure::LongName(_)
            | Failure::Denied(Denial::InvalidRequest) => BAD_REQUEST,
            Failure::Denied(denial) => match denial_code(denial) {
                _ if *denial == Denial::Answered(AccessResult::Unauthorized) => UNAUTHORIZED_CODE,
                Code::Unauthenticated => UNAUTHORIZED_CODE,
                Code::Unavailable => SERVICE_UNAVAILABLE,
                Code::Internal => INTERNAL_ERROR,
                _ => FORBIDDEN_CODE,
            },
            Failure::QuotaExceeded => TOO_MANY_REQUESTS,
            // As Venice says it over HTTP.
            Failure::Compute(failure) => match failure.fault() {
                Fault::Request => BAD_REQUEST,
                Fault::NotEnabled => METHOD_NOT_ALLOWED,
                Fault::Late => REQUEST_TIMEOUT,
                Fault::Other => INTERNAL_ERROR,
            },
            Failure::OverCapacity | Failure::Overloaded(_) | Failure::Stopping => {
                SERVICE_UNAVAILABLE
            }
            Failure::Read(_)
            | Failure::TooLarge(_)
            | Failure::DeadlineExceeded
            | Failure::Panicked(_) => INTERNAL_ERROR,
        }
    }

    /// What it is counted as: the reason in one word, of which there are few.
    pub fn reason(&self) -> &'static str {
        match self {
            Failure::Request(_) | Failure::KeyString(_) | Failure::Batch(_) => "unparsable",
            Failure::LongName(_) => "long_name",
            Failure::TooManyKeys { .. } => reasons::MAX_KEYS,
            Failure::TooLarge(_) => reasons::MAX_RESPONSE_SIZE,
            Failure::Denied(Denial::NoAnswer { .. }) => reasons::ACCESS_WAIT,
            Failure::Denied(_) => "access",
            Failure::QuotaExceeded => "quota",
            Failure::UnknownStore(_) => "unknown_store",
            Failure::OverCapacity => "over_capacity",
            Failure::Overloaded(queue) => queue.reason,
            Failure::DeadlineExceeded => "deadline",
            Failure::Stopping => "stopping",
            Failure::Compute(failure) => failure.reason(),
            Failure::Read(ReadError::Rocks { status, .. })
                if status.code == RocksStatus::TIMED_OUT =>
            {
                reasons::READ_DEADLINE
            }
            Failure::Read(_) => "read_error",
            Failure::Panicked(_) => "panic",
        }
    }

    /// What tells the client when the whole call has to end.
    pub fn into_status(self) -> Status {
        let message = self.text();
        match self.into_reply() {
            Err(status) => status,
            Ok(_) => Status {
                code: Code::Internal,
                message,
            },
        }
    }

    /// The answer that tells the client.
    pub fn into_reply(self) -> Result<EncodedResponse, Status> {
        let (code, text) = self.into_code()?;
        Ok(EncodedResponse::error(code, &text))
    }

    /// The same, as a `CountByValueResponse`.
    pub(crate) fn into_count_reply(self) -> Result<EncodedResponse, Status> {
        let (code, text) = self.into_code()?;
        Ok(EncodedResponse::written(|out| put_end(out, code, &text)))
    }

    /// `errorCode` and `errorMessage` of an answer, or the status of the call.
    fn into_code(self) -> Result<(i32, String), Status> {
        let (text, code) = (self.text(), self.error_code());
        let status = match self {
            // One failing key fails the whole batch, as in Java.
            Failure::Read(_) => return Ok((code, text)),
            // Java sends the message and the client's library fails with RESOURCE_EXHAUSTED, which
            // the Fast Client reports as an unexpected gRPC error. As an errorCode the text reaches
            // the user; 500 is the code for every failure of a read that is not the client's rate.
            Failure::TooLarge(_) => return Ok((code, text)),
            // The code that the Fast Client reports as the request's own fault, with the text.
            Failure::TooManyKeys { .. } => return Ok((code, text)),
            Failure::QuotaExceeded
            | Failure::UnknownStore(_)
            | Failure::OverCapacity
            | Failure::Overloaded(_) => return Ok((code, text)),
            Failure::Denied(denial) => denial_code(&denial),
            // As access control says of a name that is none.
            Failure::LongName(_) => Code::InvalidArgument,
            Failure::Request(_) | Failure::KeyString(_) | Failure::Batch(_) => Code::Unknown,
            // As with any call.
            Failure::Compute(failure) if failure.fault() == Fault::Late => Code::DeadlineExceeded,
            // There is no Java server to do as.
            Failure::Compute(_) => return Ok((code, text)),
            Failure::DeadlineExceeded => Code::DeadlineExceeded,
            Failure::Stopping => Code::Unavailable,
            Failure::Panicked(_) => Code::Internal,
        };
        Err(Status {
            code: status,
            message: text,
        })
    }
}

/// `AccessResult.FORBIDDEN` of `COM/acl/handler`, as are the next two.
const FORBIDDEN: &str =
    "Access denied!\nIf you are the store owner, add this application (or your \
                         own username for Venice shell client) to the store ACL.\nOtherwise, ask \
                         the store owner for read permission.";
const UNAUTHORIZED: &str =
    "ACL not found!\nEither it has not been created, or can not be loaded.\n\
                            Please create the ACL, or report the error if you know for sure that \
                            ACL exists for the store";
const ERROR_FORBIDDEN: &str = "Internal error occurred while checking ACL.\nPlease report this \
                               error to the Venice team.";

fn denial_code(denial: &Denial) -> Code {
    match denial {
        Denial::SslRequired => Code::PermissionDenied,
        Denial::InvalidRequest => Code::InvalidArgument,
        Denial::NoCertificate => Code::Unauthenticated,
        Denial::NoAnswer { .. } | Denial::Busy | Denial::Stopping => Code::Unavailable,
        Denial::Answered(answer) => match answer {
            AccessResult::Granted
            | AccessResult::Forbidden
            | AccessResult::Unauthorized
            | AccessResult::ErrorForbidden => Code::PermissionDenied,
            AccessResult::InvalidCertificate => Code::Unauthenticated,
            AccessResult::Failed(_) => Code::Internal,
        },
    }
}

fn denial_text(denial: &Denial) -> String {
    match denial {
        Denial::SslRequired => "SSL Required".to_owned(),
        Denial::InvalidRequest => "Invalid request".to_owned(),
        Denial::NoCertificate => "Invalid certificate".to_owned(),
        Denial::NoAnswer { wait } => format!(
            "the access controller did not answer within {} ms (setting {ACCESS_WAIT})",
            wait.as_millis()
        ),
        Denial::Busy => "too many questions wait for the access controller; raise the setting \
                         access.threads, or make the controller faster"
            .to_owned(),
        Denial::Stopping => Failure::Stopping.to_string(),
        Denial::Answered(answer) => match answer {
            AccessResult::Granted => "granted".to_owned(),
            AccessResult::Forbidden => FORBIDDEN.to_owned(),
            AccessResult::Unauthorized => UNAUTHORIZED.to_owned(),
            AccessResult::ErrorForbidden => ERROR_FORBIDDEN.to_owned(),
            AccessResult::InvalidCertificate => "Invalid certificate".to_owned(),
            AccessResult::Failed(text) => text.to_string(),
        },
    }
}
