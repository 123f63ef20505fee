//! Whether hyper takes the head of a request: asked before it has it, since it answers what it does not take without a
//! word of why, and tells nobody here. The same parser reads it (`httparse`), and what hyper asks for beyond that is asked for
//! here as well (`hyper/src/proto/h1/role.rs`).

use http::{HeaderName, Method, Uri};
use httparse::{Error, Request, Status, EMPTY_HEADER};
use venice_wire::echoed::Echoed;

use crate::http_form::error::FormError;

/// Fields of a request. A Fast Client sends some ten.
pub(super) const FIELDS: usize = 100;
/// Bytes of a request's target that hyper takes.
const TARGET: usize = (u16::MAX - 1) as usize;

/// What is wrong with a head, or with the beginning of one.
pub(super) fn fault(head: &[u8]) -> Option<FormError> {
    let mut fields = [EMPTY_HEADER; FIELDS];
    let mut request = Request::new(&mut fields);
    match request.parse(head) {
        Ok(Status::Partial) => None,
        Ok(Status::Complete(length)) if length != head.len() => Some(FormError::Unclear),
        Ok(Status::Complete(_)) => fault_of_request(&request),
        Err(Error::Token) if request.method.is_none() => Some(FormError::NoMethod(line_of(head))),
        Err(Error::Token) => Some(FormError::NoTarget(line_of(head))),
        Err(Error::Version) => Some(FormError::NoVersion(line_of(head))),
        Err(Error::TooManyHeaders) => Some(FormError::ManyFields { limit: FIELDS }),
        Err(Error::HeaderValue) => Some(FormError::FieldValue),
        Err(Error::NewLine) => Some(FormError::LineEnd),
        Err(Error::HeaderName | Error::Status) => Some(FormError::FieldName),
    }
}

fn fault_of_request(request: &Request<'_, '_>) -> Option<FormError> {
    let (method, target) = (request.method.unwrap_or(""), request.path.unwrap_or(""));
    if Method::from_bytes(method.as_bytes()).is_err() {
        return Some(FormError::NoMethod(Echoed::new(method)));
    }
    if target.len() > TARGET {
        return Some(FormError::LongTarget { limit: TARGET });
    }
    if target.parse::<Uri>().is_err() {
        return Some(FormError::NoTarget(Echoed::new(target)));
    }
    let is_name = |name: &str| HeaderName::from_bytes(name.as_bytes()).is_ok();
    if !request.headers.iter().all(|field| is_name(field.name)) {
        return Some(FormError::FieldName);
    }
    let is_coding = |name: &str| name.eq_ignore_ascii_case("transfer-encoding");
    let is_coded = request.headers.iter().any(|field| is_coding(field.name));
    (request.version == Some(0) && is_coded).then_some(FormError::OldCoding)
}

/// The first line that has bytes.
fn line_of(head: &[u8]) -> Echoed {
    let mut lines = head.split(|byte| b"\r\n".contains(byte));
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
    Echoed::new(&String::from_utf8_lossy(&line[..line.len().min(1024)]))
}

/// What hyper has instead of a head that is refused: a request of which it takes nothing but the answer. An answer to HEAD
/// has no body.
pub(super) fn instead_of(head: &[u8]) -> &'static [u8] {
    let begins = head.iter().position(|byte| !b"\r\n".contains(byte));
    let request = begins.map_or(&[][..], |at| &head[at..]);
    match request.starts_with(b"HEAD ") {
        true => b"HEAD / HTTP/1.1\r\n\r\n",
        false => b"GET / HTTP/1.1\r\n\r\n",
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::Arc;

    use bytes::Bytes;
    use http::Response;
    use http_body_util::Empty;
    use hyper::server::conn::http1::Builder;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::transport::http1::framing::Fields;

    #[test]
    fn a_head_that_hyper_takes_has_no_fault_and_neither_has_its_beginning() {
        let head = b"\r\nPOST /storage/store_v1?f=b64 HTTP/1.1\r\nHost: h\r\nX-Y:\tz \r\n\r\n";
        for length in 0..=head.len() {
            assert_eq!(fault(&head[..length]), None, "{length}");
        }
        let fields = "a: b\r\n".repeat(FIELDS);
        assert_eq!(
            fault(format!("GET * HTTP/1.0\r\n{fields}\r\n").as_bytes()),
            None
        );
    }

    #[test]
    fn what_hyper_does_not_take_has_its_fault() {
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "k".repeat(TARGET));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(FIELDS + 1));
        for (head, fault_is) in [
            ("\0\0", FormError::NoMethod(Echoed::new("\0\0"))),
            (
                "G\u{e9}T / HTTP/1.1",
                FormError::NoMethod(Echoed::new("G\u{e9}T / HTTP/1.1")),
            ),
            (
                "GET  HTTP/1.1\r\n",
                FormError::NoTarget(Echoed::new("GET  HTTP/1.1")),
            ),
            (
                "GET / HTTP/9.9\r\n",
                FormError::NoVersion(Echoed::new("GET / HTTP/9.9")),
            ),
            (
                "GET http:// HTTP/1.1\r\n\r\n",
                FormError::NoTarget(Echoed::new("http://")),
            ),
            ("GET / HTTP/1.1\r\na b: c\r\n\r\n", FormError::FieldName),
            ("GET / HTTP/1.1\r\na : c\r\n\r\n", FormError::FieldName),
            ("GET / HTTP/1.1\r\na: \0\r\n\r\n", FormError::FieldValue),
            ("GET / HTTP/1.1\r\n\r\nx", FormError::Unclear),
            (
                "GET / HTTP/1.0\r\ntransfer-ENCODING: chunked\r\n\r\n",
                FormError::OldCoding,
            ),
            (&long, FormError::LongTarget { limit: TARGET }),
            (&many, FormError::ManyFields { limit: FIELDS }),
        ] {
            assert_eq!(fault(head.as_bytes()), Some(fault_is), "{head:?}");
        }
    }

    /// Whether hyper makes a request of a head, and does not answer it by itself.
    async fn is_taken(head: &[u8]) -> bool {
        let called = Arc::new(AtomicBool::new(false));
        let calls = Arc::clone(&called);
        let service = service_fn(move |_| {
            calls.store(true, Ordering::Relaxed);
            async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) }
        });
        let (mut client, server) = tokio::io::duplex(64 * 1024);
        client.write_all(head).await.unwrap();
        client.shutdown().await.unwrap();
        let mut http1 = Builder::new();
        http1.max_headers(FIELDS);
        // An error says nothing more.
        let _ = http1.serve_connection(TokioIo::new(server), service).await;
        called.load(Ordering::Relaxed)
    }

    /// Of heads whose bytes were changed hyper takes those that have no fault here, and that say clearly where the body ends.
    #[tokio::test]
    async fn hyper_takes_what_has_no_fault() {
        let good = [
            "GET /storage/store_v1/0/key?f=b64 HTTP/1.1\r\nHost: venice:7777\r\nAccept: */*\r\n\r\n",
            "POST /compute/store_v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nX-A:\tb\r\n\r\n",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n",
            "\r\nOPTIONS * HTTP/1.1\r\ntransfer-encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
            "CONNECT venice.example:1 HTTP/1.1\r\nUpgrade: h2c\r\n\r\n",
            "GET http://a:b@h:1/x?y HTTP/1.1\r\n\r\n",
        ];
        let bytes = b"\0\t\n\r \"%/:;?@[]{}~\x7f\x80\xff019AZaz";
        let (mut taken, mut refused) = (0, 0);
        let mut random = 1u64;
        let mut below = |most: usize| {
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (random >> 33) as usize % most
        };
        for at in 0..6000 {
            let mut head = good[at % good.len()].as_bytes().to_vec();
            // The end stays: what comes behind it is no head.
            for _ in 0..1 + below(3) {
                let place = below(head.len() - 4);
                match below(3) {
                    0 => head[place] = bytes[below(bytes.len())],
                    1 => head.insert(place, bytes[below(bytes.len())]),
                    _ => drop(head.remove(place)),
                }
            }
            let mut fields = Fields::default();
            head.iter().for_each(|byte| fields.take(*byte));
            let is_whole = head.windows(4).position(|four| four == b"\r\n\r\n");
            let is_clear = fields.framing().is_ok() && is_whole == Some(head.len() - 4);
            let takes = is_taken(&head).await;
            match fault(&head) {
                None if is_clear => {
                    assert!(takes, "{:?}", String::from_utf8_lossy(&head));
                    taken += 1;
                }
                // The head ends before all of it.
                None | Some(FormError::Unclear) => {}
                Some(_) => {
                    assert!(!takes, "{:?}", String::from_utf8_lossy(&head));
                    refused += 1;
                }
            }
        }
        assert!(taken > 1000 && refused > 1000, "{taken} {refused}");
    }

    #[test]
    fn hyper_has_another_request_instead() {
        assert_eq!(instead_of(b"\r\nHEAD /\0"), b"HEAD / HTTP/1.1\r\n\r\n");
        for head in ["", "\r\n", "HEADS / HTTP/1.1", "POST / HTTP/1.1"] {
            let instead = instead_of(head.as_bytes());
            assert_eq!(instead, b"GET / HTTP/1.1\r\n\r\n");
            assert_eq!(fault(instead), None);
        }
    }
}
