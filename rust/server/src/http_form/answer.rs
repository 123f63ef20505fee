//! Answers as Venice's server writes them (`SRV/listener/OutboundHttpWrapperHandler.java`): the same fields on every
//! one, whatever it is.

use bytes::Bytes;
use http::header::{HeaderValue, CONTENT_LENGTH, CONTENT_TYPE};
use http::{Response, StatusCode};

use crate::grpc::body::ResponseBody;
use crate::http_form::head::{COMPRESSION_STRATEGY, RCU, SCHEMA_ID, STREAMING_RESPONSE};

/// What the bytes of an answer are: Avro, or a value as it is stored.
pub(crate) const AVRO: &str = "avro/binary";
/// The same: a text.
pub(crate) const TEXT: &str = "text/plain";

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// `content-type`.
    pub(crate) content_type: &'static str,
    /// -1 if there is none.
    pub(crate) schema_id: i32,
    pub(crate) compression_strategy: u32,
    /// Read capacity units; 1 if nothing else is known.
    pub(crate) rcu: u32,
    /// Whether the request asked for streaming.
    pub(crate) is_streaming: bool,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A text, with what Venice says where there is nothing to say.
    pub(crate) fn text(status: StatusCode, text: impl Into<Bytes>) -> Answer {
        Answer {
            status,
            content_type: TEXT,
            schema_id: -1,
            compression_strategy: 0,
            rcu: 1,
            is_streaming: false,
            body: text.into(),
        }
    }

    pub(crate) fn into_response(self) -> Response<ResponseBody> {
        let length = self.body.len();
        let mut response = Response::new(ResponseBody::whole(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.reserve(6);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        let strategy = match self.compression_strategy {
            0 => HeaderValue::from_static("0"),
            other => HeaderValue::from(other),
        };
        headers.insert(COMPRESSION_STRATEGY, strategy);
        headers.insert(SCHEMA_ID, HeaderValue::from(self.schema_id));
        let rcu = match self.rcu {
            1 => HeaderValue::from_static("1"),
            other => HeaderValue::from(other),
        };
        headers.insert(RCU, rcu);
        if self.is_streaming {
            headers.insert(STREAMING_RESPONSE, HeaderValue::from_static("1"));
        }
        response
    }
}
