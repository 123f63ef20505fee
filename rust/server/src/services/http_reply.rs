//! Answers of the read path, as HTTP has them.

use bytes::Bytes;
use http::{Response, StatusCode};
use venice_wire::echoed::bounded;
use venice_wire::response::Response as Decoded;
use venice_wire::status::Status;

use crate::grpc::body::ResponseBody;
use crate::http_form::answer::{Answer, AVRO};
use crate::read_path::failure::{KEY_NOT_FOUND, OK};
use crate::response::builder::{EncodedResponse, ENVELOPE};

/// The answer to a read, as HTTP has it. What was read stays where it was encoded.
pub(crate) fn response(
    answer: Result<EncodedResponse, Status>,
    is_streaming: bool,
) -> Response<ResponseBody> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(status) => return unexpected(&status.message).into_response(),
    };
    let message = reply.with_prefix([0; ENVELOPE]).slice(ENVELOPE..);
    let decoded = match Decoded::decode(&message) {
        Ok(decoded) => decoded,
        Err(error) => return unexpected(&error.to_string()).into_response(),
    };
    let (status, body) = match decoded.error_code {
        OK => (StatusCode::OK, message.slice_ref(decoded.data)),
        KEY_NOT_FOUND => (StatusCode::NOT_FOUND, Bytes::new()),
        code => {
            let status = u16::try_from(code).ok();
            let status = status.and_then(|code| StatusCode::from_u16(code).ok());
            let text = message.slice_ref(decoded.error_message.as_bytes());
            return Answer::text(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), text)
                .into_response();
        }
    };
    let answer = Answer {
        status,
        content_type: AVRO,
        schema_id: match status {
            StatusCode::OK => decoded.schema_id,
            _ => -1,
        },
        compression_strategy: decoded.compression_strategy,
        rcu: decoded.response_rcu,
        is_streaming,
        body,
    };
    answer.into_response()
}

/// What cannot be.
#[cold]
fn unexpected(text: &str) -> Answer {
    Answer::text(StatusCode::INTERNAL_SERVER_ERROR, bounded(text.to_owned()))
}
