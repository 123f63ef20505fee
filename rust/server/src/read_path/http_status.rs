//! How every failure of a request over HTTP looks to the client: decided here and nowhere else. Over gRPC it is
//! [`crate::read_path::failure`]. The statuses are those of Venice's server (`SRV/listener/`), where it has one; so
//! are the texts.

use http::StatusCode;
use venice_engine::ReadError;
use venice_wire::echoed::bounded;

use crate::config::names::MAX_REQUEST_BYTES;
use crate::grpc::deadline::TimeoutError;
use crate::grpc::framing::FrameError;
use crate::http_form::error::FormError;
use crate::read_path::failure::Failure;
use crate::response::builder::EncodedResponse;

/// What Venice's load controller says (`SRV/listener/ServerLoadControllerHandler.java`): its clients send less. They know it by
/// the status; the text begins as Venice's, for people who look for it.
const OVERLOADED: u16 = 529;
const OVERLOADED_TEXT: &str = "Service overloaded, please try again later";

/// Tells of a store version whether its store says that it is the current one.
pub(crate) trait CurrentVersions {
    fn is_current(&self, store_version: &str) -> bool;
}

impl Failure {
    /// The status alone.
    pub(crate) fn http_status(&self, versions: &impl CurrentVersions) -> u16 {
        match self {
            // A router tries another node only if the store version is one that should be here.
            Failure::Read(ReadError::NoStore(name)) if versions.is_current(name) => 503,
            Failure::Read(ReadError::NoStore(_)) => 400,
            Failure::DeadlineExceeded => 408,
            Failure::Overloaded(_) => OVERLOADED,
            // The others' codes are those that Venice sends over HTTP, also where gRPC has another word.
            failure => failure.error_code() as u16,
        }
    }

    /// The answer that tells the client: status and text, in the form of any other answer.
    pub(crate) fn into_http_reply(self, versions: &impl CurrentVersions) -> EncodedResponse {
        let status = self.http_status(versions);
        let text = match self {
            Failure::Read(ReadError::NoStore(name)) => format!("No storage exists for: {name}"),
            // Without the class that gRPC's text begins with.
            Failure::Read(error) => error.to_string(),
            Failure::Overloaded(queue) => format!("{OVERLOADED_TEXT}: {queue}"),
            failure => failure.to_string(),
        };
        EncodedResponse::error(status.into(), &bounded(text))
    }
}

/// A request that was not received: status and text.
pub(crate) fn of_frame(error: &FrameError) -> (u16, String) {
    match error {
        FrameError::TooLarge { .. } => (
            413,
            format!(
                "{error} (setting {MAX_REQUEST_BYTES}); ask for fewer keys per request, or raise the setting"
            ),
        ),
        FrameError::ReceiveTimeout { .. } => (408, error.to_string()),
        FrameError::NoRoom | FrameError::Transport(_) => (503, error.to_string()),
        FrameError::Truncated { .. } => (
            400,
            "the body ended before it had as many bytes as content-length says".to_owned(),
        ),
        FrameError::Malformed(_) | FrameError::CutOff => (400, bounded(error.to_string())),
        FrameError::Compressed
        | FrameError::BadFlag { .. }
        | FrameError::NoMessage
        | FrameError::TooManyMessages => (400, error.to_string()),
    }
}

/// A request without a meaning.
pub(crate) fn of_form(error: &FormError) -> (StatusCode, String) {
    let status = match error {
        // As of a store that does not allow it.
        FormError::ComputeOff => StatusCode::METHOD_NOT_ALLOWED,
        FormError::UnknownCoding(_) => StatusCode::NOT_IMPLEMENTED,
        FormError::LongTarget { .. } => StatusCode::URI_TOO_LONG,
        FormError::LateHead { .. } | FormError::SaidAll { .. } => StatusCode::REQUEST_TIMEOUT,
        FormError::LargeHead { .. } | FormError::ManyFields { .. } => {
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
        }
        _ => StatusCode::BAD_REQUEST,
    };
    (status, bounded(error.to_string()))
}

/// A request whose client says in no known words how long it waits.
pub(crate) fn of_timeout(error: &TimeoutError) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, bounded(error.to_string()))
}
