//! What fields of requests mean to the server, and how those of responses are written.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue, CONTENT_LENGTH, CONTENT_TYPE};
use http::{Method, Request, StatusCode, Uri, Version};
use parking_lot::Mutex;
use tokio::time::Instant;
use venice_http2::{Exceeded, Field, Head, Limits, Protocol, Taught, Vocabulary, Wanted};

use crate::config::limits::Limits as Now;
use crate::config::Config;
use crate::grpc::body::{GRPC, TIMINGS, TRACE_PARENT};
use crate::grpc::deadline::{Timeout, GRPC_TIMEOUT};
use crate::grpc::framing::is_grpc;
use crate::http_form::head;
use crate::observe::trace_parent::TraceParent;
use crate::transport::instruments::{self, Refused};
use crate::transport::windows::{CONNECTION_WINDOW, FRAME_BYTES, STREAM_WINDOW};

/// Numbers of the names that are watched for.
const TYPE: u8 = 0;
const TIMEOUT: u8 = 1;
const ASKS: u8 = 2;
const TRACE: u8 = 3;
/// Those of Venice's requests over HTTP.
const API_VERSION: u8 = 4;
const STREAMING: u8 = 5;
const RETRY: u8 = 6;
const VALUE_SCHEMA: u8 = 7;

/// Numbers of the fields that are taught.
const TAUGHT_TYPE: u8 = 0;
const TAUGHT_OK: u8 = 1;

/// The fields in front of a message.
pub(super) const FRONT: [Field<'static>; 2] = [Field::Status(200), Field::Taught(TAUGHT_TYPE)];
/// Those behind it.
pub(super) const BEHIND: [Field<'static>; 1] = [Field::Taught(TAUGHT_OK)];

/// Values that are not understood are kept by number; above these, all are of them.
const ODD: u64 = 1 << 63;
/// A path that is none of those that are served by gRPC: its text is asked for.
const UNKNOWN_PATH: u64 = u64::MAX;
/// How many of them are kept, and how much of each: answers repeat 200 bytes.
const MAX_ODD: usize = 1024;
const MAX_ODD_BYTES: usize = 512;

/// What a call weighs, by its path's number and its body.
pub(crate) type Weigh = fn(Option<usize>, &[u8]) -> usize;

/// The meaning of the fields of requests.
#[derive(Debug)]
pub(crate) struct Fields {
    paths: &'static [&'static str],
    /// The first of them, whose calls are answered whole.
    unary: usize,
    /// What a call of another path than the first weighs ([`Handler::weight`](crate::transport::handler::Handler::weight)).
    weigh: Weigh,
    /// Whether traces are looked for now.
    limits: Arc<Now>,
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
/// message there and one back; `weigh` says what a call weighs.
pub(crate) fn protocol(
    config: &Config,
    now: &Arc<Now>,
    paths: &'static [&'static str],
    unary: usize,
    weigh: Weigh,
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
        weigh,
        limits: Arc::clone(now),
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
            b"traceparent" => Some(TRACE),
            b"x-venice-api-version" => Some(API_VERSION),
            b"x-venice-streaming" => Some(STREAMING),
            b"x-venice-retry" => Some(RETRY),
            b"x-venice-compute-value-schema-id" => Some(VALUE_SCHEMA),
            _ => None,
        }
    }

    fn value(&self, number: u8, value: &[u8]) -> u64 {
        match number {
            TYPE => is_grpc(value).into(),
            ASKS => (value == b"1").into(),
            // What came before somebody traced, and is repeated since by its number in HPACK's table, is none: each call of
            // a trace has another.
            TRACE if !self.limits.traces() => 0,
            TRACE => match TraceParent::sampled(value) {
                Some(_) => self.odd.lock().number(value),
                None => 0,
            },
            // It is there, and nobody looks at what it says.
            STREAMING | RETRY => 1,
            API_VERSION | VALUE_SCHEMA => match short_number(value) {
                Some(number) => number,
                None => self.odd.lock().number(value),
            },
            _ => match Timeout::parse(value) {
                Some(timeout) => kept(timeout),
                None => self.odd.lock().number(value),
            },
        }
    }

    fn path(&self, path: &[u8]) -> u64 {
        let known = |served: &&str| served.as_bytes() == path;
        let number = self.paths.iter().position(known);
        number.map_or(UNKNOWN_PATH, |number| number as u64)
    }

    fn wants_text(&self, kept: u64) -> bool {
        kept == UNKNOWN_PATH
    }

    #[inline]
    fn weight(&self, head: &Head, body: &[u8]) -> usize {
        match head.path() {
            0 => 1,
            UNKNOWN_PATH => (self.weigh)(None, body),
            path => (self.weigh)(Some(path as usize), body),
        }
    }

    fn wanted(&self, head: &Head) -> Wanted {
        let path = head.path();
        if path < self.unary as u64 {
            Wanted::Soon
        } else if path == UNKNOWN_PATH {
            // Most are Venice's requests over HTTP: a batch's keys are often here with the fields.
            Wanted::Now
        } else {
            Wanted::AsItComes
        }
    }

    fn refused(&self, limit: Exceeded) {
        instruments::refused_call(match limit {
            Exceeded::HeaderBytes => Refused::HeaderBytes,
            Exceeded::Streams => Refused::Streams,
        });
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

    /// Whether a call is a GET that is no gRPC and has nothing that anybody looks at but its path, and a deadline that is understood.
    #[inline]
    pub(super) fn plain_get(&self, head: &Head) -> bool {
        head.is_get() && head.path() == UNKNOWN_PATH && self.is_plain(head)
    }

    #[cold]
    fn is_plain(&self, head: &Head) -> bool {
        let timed = head.watched(TIMEOUT).is_none_or(|kept| kept & ODD == 0);
        let traced = head.watched(TRACE).is_some_and(|kept| kept != 0);
        let asks = traced || head.watched(ASKS) == Some(1);
        let says_more = [STREAMING, RETRY].map(|number| head.watched(number));
        timed && !asks && says_more == [None; 2] && head.content_length().unwrap_or(0) == 0
    }

    /// When a call that [`Fields::unary`] or [`Fields::plain_get`] is for has to be over, if its client says so.
    pub(super) fn deadline(head: &Head) -> Option<Instant> {
        timeout(head.watched(TIMEOUT)?).deadline()
    }

    /// The request that a head is of, as far as anybody looks at it. `path` is its path, unless that is one of
    /// those that are served.
    pub(super) fn request<B>(&self, head: &Head, path: Option<&[u8]>, body: B) -> Request<B> {
        let mut request = Request::new(body);
        *request.method_mut() = if head.is_post() {
            Method::POST
        } else if head.is_get() {
            Method::GET
        } else if head.is_head() {
            Method::HEAD
        } else {
            // Some other: nobody wants to know which.
            Method::OPTIONS
        };
        *request.uri_mut() = self.uri(head.path(), path);
        *request.version_mut() = Version::HTTP_2;
        let headers = request.headers_mut();
        if path.is_some() {
            self.put_fields_of_http(head, headers);
        }
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

    /// Those that Venice's requests over HTTP have.
    fn put_fields_of_http(&self, head: &Head, headers: &mut HeaderMap) {
        if let Some(length) = head.content_length() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        for (number, name) in [(STREAMING, head::STREAMING), (RETRY, head::RETRY)] {
            if head.watched(number).is_some() {
                headers.insert(name, HeaderValue::from_static("1"));
            }
        }
        for (number, name) in [
            (API_VERSION, head::API_VERSION),
            (VALUE_SCHEMA, head::VALUE_SCHEMA_ID),
        ] {
            let Some(kept) = head.watched(number) else {
                continue;
            };
            let value = if kept & ODD == 0 {
                Ok(HeaderValue::from(kept))
            } else {
                let text = self.odd.lock().text(kept);
                HeaderValue::from_str(text.as_deref().unwrap_or(""))
            };
            headers.insert(name, value.unwrap_or(HeaderValue::from_static("?")));
        }
    }

    /// Where a request goes; `/`, which is nowhere, if the path is no URI.
    fn uri(&self, number: u64, path: Option<&[u8]>) -> Uri {
        if let Some(served) = self.paths.get(number as usize) {
            return Uri::from_static(served);
        }
        Uri::try_from(path.unwrap_or(b"/")).unwrap_or_default()
    }
}

/// A decimal number as it is mostly written: up to nine digits, of which the first is not 0.
fn short_number(value: &[u8]) -> Option<u64> {
    let is_short = (1..=9).contains(&value.len()) && value.first() != Some(&b'0');
    if !is_short || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = value.iter().map(|digit| u64::from(digit - b'0'));
    Some(digits.fold(0, |number, digit| number * 10 + digit))
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
            weigh: |_, _| 1,
            limits: Now::of(&Config::default()),
            odd: Mutex::default(),
        }
    }

    #[test]
    fn paths_have_numbers_and_others_their_texts() {
        let fields = fields();
        assert_eq!(fields.path(b"/a/get"), 0);
        assert_eq!(fields.path(b"/a/watch"), 1);
        assert!(!fields.wants_text(0) && !fields.wants_text(1));
        let other = fields.path(b"/b/c?d=e");
        assert!(fields.wants_text(other));
        assert_eq!(fields.uri(other, Some(b"/b/c?d=e")), "/b/c?d=e");
        assert_eq!(fields.uri(1, None).path(), "/a/watch");
        for no_uri in [&b"/a b"[..], b"/\xff\xfe", b"/<>"] {
            assert_eq!(fields.uri(other, Some(no_uri)), "/", "{no_uri:?}");
        }
    }

    #[test]
    fn odd_values_are_repeated_and_the_oldest_forgotten() {
        let fields = fields();
        let text = |kept| fields.odd.lock().text(kept);
        let odd = fields.value(TIMEOUT, b"soon");
        assert_eq!(fields.value(TIMEOUT, b"soon"), odd);
        assert_eq!(text(odd).as_deref(), Some("soon"));
        for number in 0..2 * MAX_ODD {
            let value = format!("soon {number}");
            let kept = fields.value(TIMEOUT, value.as_bytes());
            assert_eq!(text(kept).as_deref(), Some(&*value));
        }
        assert_eq!(text(odd), None, "it was forgotten");
        assert_eq!(fields.odd.lock().texts.len(), MAX_ODD);
        assert_eq!(fields.odd.lock().numbers.len(), MAX_ODD);
    }

    #[test]
    fn numbers_are_kept_if_they_are_written_as_most_are() {
        for (value, kept) in [
            ("1", Some(1)),
            ("3", Some(3)),
            ("999999999", Some(999_999_999)),
        ] {
            assert_eq!(short_number(value.as_bytes()), kept);
        }
        for value in ["", "0", "01", "-1", "+1", "1 ", "1234567890", "x"] {
            assert_eq!(short_number(value.as_bytes()), None, "{value}");
        }
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
