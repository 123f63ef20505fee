//! What fields of requests mean to the server, and how those of responses are written.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue, CONTENT_TYPE};
use http::{Method, Request, StatusCode, Uri};
use parking_lot::Mutex;
use tokio::time::Instant;
use venice_http2::{Field, Head, Limits, Protocol, Taught, Vocabulary, Wanted};

use crate::config::Config;
use crate::grpc::body::{GRPC, TIMINGS, TRACE_PARENT};
use crate::grpc::deadline::{Timeout, GRPC_TIMEOUT};
use crate::grpc::framing::is_grpc;
use crate::observe::trace_parent::TraceParent;
use crate::transport::windows::{CONNECTION_WINDOW, FRAME_BYTES, STREAM_WINDOW};

/// Numbers of the names that are watched for.
const TYPE: u8 = 0;
const TIMEOUT: u8 = 1;
const ASKS: u8 = 2;
const TRACE: u8 = 3;

/// Numbers of the fields that are taught.
const TAUGHT_TYPE: u8 = 0;
const TAUGHT_OK: u8 = 1;

/// The fields in front of a message.
pub(super) const FRONT: [Field<'static>; 2] = [Field::Status(200), Field::Taught(TAUGHT_TYPE)];
/// Those behind it.
pub(super) const BEHIND: [Field<'static>; 1] = [Field::Taught(TAUGHT_OK)];

/// Values that are not understood are kept by number; above these, all are of them.
const ODD: u64 = 1 << 63;
/// How many of them are kept, and how much of each: answers repeat 200 bytes.
const MAX_ODD: usize = 1024;
const MAX_ODD_BYTES: usize = 512;

/// The meaning of the fields of requests.
#[derive(Debug)]
pub(crate) struct Fields {
    paths: &'static [&'static str],
    /// The first of them, whose calls are answered whole.
    unary: usize,
    /// Whether traces are looked for.
    traces: bool,
    odd: Mutex<Odd>,
}

/// Texts of clients that are repeated to them. The last ones only, of all connections.
#[derive(Debug, Default)]
struct Odd {
    numbers: HashMap<Arc<str>, u64>,
    texts: VecDeque<Arc<str>>,
    first: u64,
}

impl Odd {
    fn number(&mut self, text: &[u8]) -> u64 {
        let text = String::from_utf8_lossy(&text[..text.len().min(MAX_ODD_BYTES)]);
        if let Some(number) = self.numbers.get(&*text) {
            return ODD | number;
        }
        if self.texts.len() == MAX_ODD {
            if let Some(oldest) = self.texts.pop_front() {
                self.numbers.remove(&oldest);
                self.first += 1;
            }
        }
        let text: Arc<str> = Arc::from(&*text);
        let number = self.first + self.texts.len() as u64;
        self.texts.push_back(Arc::clone(&text));
        self.numbers.insert(text, number);
        ODD | number
    }

    /// `None` once it was forgotten.
    fn text(&self, number: u64) -> Option<Arc<str>> {
        let at = (number & !ODD).checked_sub(self.first)?;
        self.texts.get(at as usize).cloned()
    }
}

/// What all connections share. `paths` are those that are served, the first `unary` of them with one
/// message there and one back.
pub(crate) fn protocol(
    config: &Config,
    paths: &'static [&'static str],
    unary: usize,
) -> Arc<Protocol<Fields>> {
    let limits = Limits {
        streams: config.max_concurrent_streams,
        stream_window: STREAM_WINDOW,
        connection_window: CONNECTION_WINDOW,
        frame_bytes: FRAME_BYTES,
        header_bytes: config.max_header_bytes,
        // What a client has under way on a connection, which nobody took.
        held_bytes: CONNECTION_WINDOW as usize,
        ..Limits::default()
    };
    let taught = Taught::new(&[
        (CONTENT_TYPE.as_str(), "application/grpc"),
        ("grpc-status", "0"),
    ]);
    let fields = Fields {
        paths,
        unary,
        traces: config.traces.endpoint.is_some(),
        odd: Mutex::default(),
    };
    Arc::new(Protocol::new(limits, taught, fields))
}

impl Vocabulary for Fields {
    fn watched(&self, name: &[u8]) -> Option<u8> {
        match name {
            b"content-type" => Some(TYPE),
            b"grpc-timeout" => Some(TIMEOUT),
            b"venice-timings" => Some(ASKS),
            b"traceparent" if self.traces => Some(TRACE),
            _ => None,
        }
    }

    fn value(&self, number: u8, value: &[u8]) -> u64 {
        match number {
            TYPE => is_grpc(value).into(),
            ASKS => (value == b"1").into(),
            TRACE => match TraceParent::sampled(value) {
                Some(_) => self.odd.lock().number(value),
                None => 0,
            },
            _ => match Timeout::parse(value) {
                Some(timeout) => kept(timeout),
                None => self.odd.lock().number(value),
            },
        }
    }

    fn path(&self, path: &[u8]) -> u64 {
        let known = |served: &&str| served.as_bytes() == path;
        match self.paths.iter().position(known) {
            Some(number) => number as u64,
            None => self.odd.lock().number(path),
        }
    }

    fn wanted(&self, head: &Head) -> Wanted {
        if head.path() < self.unary as u64 {
            Wanted::Soon
        } else {
            Wanted::AsItComes
        }
    }
}

/// A timeout as it is kept: its unit above its number.
fn kept(timeout: Timeout) -> u64 {
    u64::from(timeout.unit) << 32 | u64::from(timeout.number)
}

fn timeout(kept: u64) -> Timeout {
    Timeout {
        number: kept as u32,
        unit: (kept >> 32) as u8,
    }
}

impl Fields {
    /// The number of the path, if the call is answered whole: it is gRPC, what it says of its time is
    /// understood, and nobody wants to know of it.
    pub(super) fn unary(&self, head: &Head) -> Option<usize> {
        let path = head.path();
        let is_grpc = head.is_post() && head.watched(TYPE) == Some(1);
        let timed = head.watched(TIMEOUT).is_none_or(|kept| kept & ODD == 0);
        let traced = head.watched(TRACE).is_some_and(|kept| kept != 0);
        let asks = traced || head.watched(ASKS) == Some(1);
        (is_grpc && timed && !asks && path < self.unary as u64).then_some(path as usize)
    }

    /// When a call that [`Fields::unary`] is for has to be over, if its client says so.
    pub(super) fn deadline(head: &Head) -> Option<Instant> {
        timeout(head.watched(TIMEOUT)?).deadline()
    }

    /// The request that a head is of, as far as anybody looks at it.
    pub(super) fn request<B>(&self, head: &Head, body: B) -> Request<B> {
        let mut request = Request::new(body);
        *request.method_mut() = if head.is_post() {
            Method::POST
        } else {
            Method::GET
        };
        *request.uri_mut() = self.uri(head.path());
        let headers = request.headers_mut();
        if head.watched(TYPE) == Some(1) {
            headers.insert(CONTENT_TYPE, GRPC);
        }
        if head.watched(ASKS) == Some(1) {
            headers.insert(TIMINGS, HeaderValue::from_static("1"));
        }
        if let Some(kept) = head.watched(TRACE).filter(|kept| *kept != 0) {
            let text = self.odd.lock().text(kept);
            if let Some(Ok(value)) = text.as_deref().map(HeaderValue::from_str) {
                headers.insert(TRACE_PARENT, value);
            }
        }
        if let Some(kept) = head.watched(TIMEOUT) {
            let text = if kept & ODD == 0 {
                let Timeout { number, unit } = timeout(kept);
                format!("{number}{}", char::from(unit))
            } else {
                let text = self.odd.lock().text(kept);
                text.as_deref().unwrap_or("").to_owned()
            };
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(GRPC_TIMEOUT, value);
            }
        }
        request
    }

    fn uri(&self, path: u64) -> Uri {
        if let Some(served) = self.paths.get(path as usize) {
            return Uri::from_static(served);
        }
        let text = self.odd.lock().text(path);
        let text = text.as_deref().unwrap_or("/");
        Uri::try_from(text).unwrap_or_default()
    }
}

/// The fields of a response, or the trailers behind one.
pub(super) fn of_response<'a>(
    status: Option<StatusCode>,
    headers: &'a HeaderMap,
    out: &mut Vec<Field<'a>>,
) {
    out.extend(status.map(|status| Field::Status(status.as_u16())));
    for (name, value) in headers {
        out.push(match (name.as_str(), value.as_bytes()) {
            ("content-type", b"application/grpc") => Field::Taught(TAUGHT_TYPE),
            ("grpc-status", b"0") => Field::Taught(TAUGHT_OK),
            (name, value) => Field::Literal(name.as_bytes(), value),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        Fields {
            paths: &["/a/get", "/a/watch"],
            unary: 1,
            traces: false,
            odd: Mutex::default(),
        }
    }

    #[test]
    fn paths_have_numbers_and_odd_ones_are_repeated() {
        let fields = fields();
        assert_eq!(fields.path(b"/a/get"), 0);
        assert_eq!(fields.path(b"/a/watch"), 1);
        let odd = fields.path(b"/b");
        assert_eq!(fields.path(b"/b"), odd);
        assert_eq!(fields.uri(odd).path(), "/b");
        for number in 0..2 * MAX_ODD {
            let path = format!("/{number}");
            let kept = fields.path(path.as_bytes());
            assert_eq!(fields.uri(kept).path(), path);
        }
        assert_eq!(fields.uri(odd).path(), "/", "it was forgotten");
        assert_eq!(fields.odd.lock().texts.len(), MAX_ODD);
        assert_eq!(fields.odd.lock().numbers.len(), MAX_ODD);
    }

    #[test]
    fn timeouts_are_kept_as_they_came() {
        let fields = fields();
        for text in ["1H", "99999999H", "12m", "0n"] {
            let value = fields.value(TIMEOUT, text.as_bytes());
            assert_eq!(value & ODD, 0, "{text}");
            assert_eq!(Some(timeout(value)), Timeout::parse(text.as_bytes()));
        }
        let odd = fields.value(TIMEOUT, b"soon");
        assert!(odd & ODD != 0);
        assert_eq!(fields.odd.lock().text(odd).as_deref(), Some("soon"));
    }
}
