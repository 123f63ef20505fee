//! Answers to operators: JSON, and why a request is refused.

use bytes::Bytes;
use http::header::{HeaderName, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::{json, Value};
use tokio::task::spawn_blocking;

/// An answer, whole.
pub(crate) type Answer = Response<Full<Bytes>>;

pub(super) const JSON: &str = "application/json";

/// A request that is not answered, and why.
pub(super) struct Refused(pub(super) StatusCode, pub(super) String);

/// The text of a header.
pub(super) fn text_of(value: &HeaderValue) -> &str {
    // What is no text is no name.
    value.to_str().unwrap_or("?.")
}

/// Does `work` on a thread that may wait.
pub(super) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Refused> {
    spawn_blocking(work).await.map_err(|_| {
        let text = "the request failed; the log says why".to_owned();
        Refused(StatusCode::INTERNAL_SERVER_ERROR, text)
    })
}

impl Refused {
    pub(super) fn into_answer(self) -> Answer {
        let Refused(status, text) = self;
        as_json(status, &json!({ "error": text }))
    }
}

pub(super) fn as_json(status: StatusCode, value: &Value) -> Answer {
    answer(status, JSON, format!("{value}\n").into_bytes())
}

pub(super) fn answer(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let no_sniffing = HeaderName::from_static("x-content-type-options");
    headers.insert(no_sniffing, HeaderValue::from_static("nosniff"));
    response
}
