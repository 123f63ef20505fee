//! The parsers of what comes from the network, and of key stores, each behind a function that takes
//! any bytes: for `rust/fuzz` and for the tests below. What they check is that nothing panics, and
//! what holds for any input.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri};
use venice_wire::compute_call::ComputeCall;
use venice_wire::compute_request::{ComputeRequest, Limits};
use venice_wire::count_call::CountCall;
use venice_wire::key_records::Batch;
use venice_wire::request::{Request, StreamingRequest};
use venice_wire::{key_string, message};

use crate::grpc::deadline;
use crate::grpc::frames::Frames;
use crate::grpc::framing::{self, FrameError};
use crate::grpc::messages::Messages;
use crate::http_form::body::single;
use crate::http_form::target::{Action, Target};
use crate::memory::account::Account;
use crate::memory::client_memory::ClientMemory;
use crate::services::reflection;
use crate::transport::http1;
use crate::transport::tls;
use venice_engine::Key;

/// What a message may have here.
const MESSAGE_BYTES: usize = 4096;
const KEYS: usize = 100;

/// `VeniceClientRequest`, with the key or keys in it.
pub fn request(bytes: &[u8]) {
    if let Ok(request) = Request::decode(bytes) {
        let held = [
            request.key_string.len(),
            request.key_bytes.len(),
            request.resource_name.len(),
            request.method.len(),
        ];
        assert!(held.iter().sum::<usize>() <= bytes.len());
        decode_key_string(request.key_string.as_str());
        batch_keys(request.key_bytes);
    }
    // The same fields, with operations before the keys.
    if let Ok(call) = ComputeCall::decode(bytes) {
        computed_keys(&call, bytes.len());
    }
    if let Ok(call) = CountCall::decode(bytes) {
        assert_eq!(call.keys().count(), call.keys);
        assert_eq!(call.field_names().count(), call.fields);
        let held = call.keys().map(<[u8]>::len);
        let names = call.field_names().map(str::len);
        assert!(held.chain(names).sum::<usize>() <= bytes.len());
    }
}

/// `StreamingBatchGetRequest`, with the keys in it.
pub fn streaming_request(bytes: &[u8]) {
    if let Ok(request) = StreamingRequest::decode(bytes) {
        let held = request.key_bytes.len() + request.resource_name.len() + request.method.len();
        assert!(held <= bytes.len());
        batch_keys(request.key_bytes);
    }
    if let Ok(call) = ComputeCall::decode_streamed(bytes) {
        computed_keys(&call, bytes.len());
    }
}

/// The keys behind operations are where those end, whether anybody keeps these or not.
fn computed_keys(call: &ComputeCall<'_>, most: usize) {
    assert!(call.body.len() + call.resource_name.len() + call.method.len() <= most);
    let limits = Limits::operations(10);
    let found = ComputeRequest::keys_in(call.body, limits);
    let decoded = ComputeRequest::decode(call.body, limits);
    assert_eq!(found, decoded.map(|(_, keys)| keys));
    if let Ok(keys) = found {
        batch_keys(keys);
    }
}

/// `HealthCheckRequest`.
pub fn health_request(bytes: &[u8]) {
    if let Ok(service) = message::first_string(bytes) {
        assert!(service.len() <= bytes.len());
    }
}

/// `ServerReflectionRequest`: it is answered, or it is none.
pub fn reflection_request(bytes: &[u8]) {
    if let Ok(answer) = reflection::answer_to(bytes) {
        // The question is in the answer.
        assert!(answer.len() > bytes.len());
    }
}

/// The key of a single get.
pub fn key_string(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        decode_key_string(text);
    }
}

fn decode_key_string(text: &str) {
    if let Ok(key) = key_string::decode(text) {
        // A byte that is no UTF-8 becomes a replacement character of three.
        assert!(key.len() <= 3 * text.len());
    }
}

/// The keys of a batch get.
pub fn batch_keys(bytes: &[u8]) {
    if let Ok(batch) = Batch::decode(bytes, KEYS, Key::new) {
        assert_eq!(batch.keys.len(), batch.key_indexes.len());
        assert!(batch.keys.len() <= KEYS);
        let held: usize = batch.keys.iter().map(|key| key.key.len()).sum();
        // Two numbers and a length beside each key.
        assert!(held + 3 * batch.keys.len() <= bytes.len());
    }
}

/// gRPC's framing: the body of a call, of one message and of many. The first byte says where the body
/// is cut into frames of HTTP/2, which must make no difference.
pub fn grpc_framing(bytes: &[u8]) {
    let Some((cut, body)) = bytes.split_first() else {
        return;
    };
    let cut = usize::from(*cut).min(body.len());
    let whole = [body];
    let pieces = [&body[..cut], &body[cut..]];
    assert_eq!(one_message(&whole), one_message(&pieces));
    let messages = many_messages(&whole);
    assert_eq!(messages, many_messages(&pieces));
    let held: usize = messages.0.iter().map(|message| message.len() + 5).sum();
    assert!(held <= body.len());
}

/// Room for more than any input takes.
fn account() -> Account {
    let memory = ClientMemory::new(0, MESSAGE_BYTES, MESSAGE_BYTES);
    Account::new(&Arc::new(memory))
}

fn one_message(frames: &[&[u8]]) -> Result<Bytes, FrameError> {
    let account = account();
    let waits = AtomicBool::new(false);
    let received = at_once(framing::receive(
        Frames::copied(frames),
        MESSAGE_BYTES,
        &account,
        &waits,
    ));
    // How far a message that is refused had come depends on the frames.
    received.map_err(|error| match error {
        FrameError::Truncated { .. } | FrameError::NoMessage => FrameError::NoMessage,
        error => error,
    })
}

fn many_messages(frames: &[&[u8]]) -> (Vec<Bytes>, Option<FrameError>) {
    let messages = Messages::new(Frames::copied(frames), MESSAGE_BYTES);
    let charge = account().nothing();
    let mut messages = messages.charged(charge, 0, Duration::MAX);
    let mut taken = Vec::new();
    loop {
        match at_once(messages.next()) {
            Ok(Some(message)) => taken.push(message),
            Ok(None) => return (taken, None),
            Err(error) => return (taken, Some(error)),
        }
    }
}

/// `grpc-timeout`.
pub fn grpc_timeout(bytes: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", value);
        let digits = bytes.split_last().map_or(&[][..], |(_, digits)| digits);
        let is_number = (1..=8).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
        assert!(is_number || deadline::of_call(&headers).is_err());
    }
}

/// The path of a request over HTTP, and the message that is made of it.
pub fn http_target(bytes: &[u8]) {
    let Ok(uri) = Uri::try_from(bytes) else {
        return;
    };
    let target = Target::of(&uri);
    let texts = [target.single_get().err(), target.batch().err()];
    for text in texts.into_iter().flatten() {
        // What comes back of it has a bound.
        assert!(text.to_string().len() < 500);
    }
    if let (Some(Action::Storage), Ok(get)) = (Action::of(&uri), target.single_get()) {
        let asked = Request {
            partition: get.partition,
            key_string: get.key_string.into(),
            resource_name: get.resource.into(),
            method: "GET",
            ..Request::default()
        };
        let message = single(&asked);
        assert_eq!(
            framing::one_message(&message, message.len()).map(Request::decode),
            Some(Ok(asked))
        );
        decode_key_string(get.key_string);
    }
}

/// Where requests of HTTP/1.1 end among the bytes of their connection. Where those are cut must make no difference.
pub fn http1_extent(bytes: &[u8]) {
    http1::check_cuts(bytes);
}

/// A key store of PEM, as identity and as trust.
pub fn pem(bytes: &[u8]) {
    tls::parse_pem(bytes);
}

/// A certificate of a client, or of the server.
pub fn certificate(bytes: &[u8]) {
    tls::parse_certificate(bytes);
}

/// A private key of PKCS#8, as Java hands it over.
pub fn private_key(bytes: &[u8]) {
    tls::parse_key(bytes);
}

/// Public key and signature of a client, by the algorithms that are ours.
pub fn client_signature(bytes: &[u8]) {
    tls::verify_signature(bytes);
}

/// The output of a future that never has to wait.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("all of the body is here, and it waits"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use venice_mutation::fuzz;
    use venice_wire::compute_call::ComputeCall;
    use venice_wire::compute_request::{ComputeRequest, Limits};
    use venice_wire::count_call::CountCall;
    use venice_wire::key_records;

    fn seed(name: &str) -> Vec<u8> {
        let corpus = std::env::var_os("FUZZ_CORPUS").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus")),
            PathBuf::from,
        );
        fs::read(corpus.join(name)).unwrap()
    }

    /// Else their changes would reach little.
    #[test]
    fn seeds_of_compute_are_whole() {
        let keys_of = |call: &ComputeCall<'_>| {
            assert_eq!((call.resource_name, call.method), ("store_v1", "POST"));
            let keys = ComputeRequest::keys_in(call.body, Limits::operations(10));
            key_records::count(keys.unwrap(), 10).unwrap()
        };
        for name in ["compute", "compute_projection"] {
            let message = seed(&format!("request/{name}"));
            assert_eq!(keys_of(&ComputeCall::decode(&message).unwrap()), 3);
            let message = seed(&format!("streaming_request/{name}"));
            assert_eq!(keys_of(&ComputeCall::decode_streamed(&message).unwrap()), 3);
        }
        let message = seed("request/count_by_value");
        let call = CountCall::decode(&message).unwrap();
        assert_eq!((call.keys, call.fields, call.top), (2, 2, 5));
    }

    #[test]
    fn requests() {
        fuzz("request", 30_000, super::request);
    }

    #[test]
    fn streaming_requests() {
        fuzz("streaming_request", 30_000, super::streaming_request);
    }

    #[test]
    fn health_requests() {
        fuzz("health_request", 10_000, super::health_request);
    }

    #[test]
    fn reflection_requests() {
        fuzz("reflection_request", 10_000, super::reflection_request);
    }

    #[test]
    fn key_strings() {
        fuzz("key_string", 30_000, super::key_string);
    }

    #[test]
    fn batches() {
        fuzz("batch_keys", 30_000, super::batch_keys);
    }

    #[test]
    fn framing() {
        fuzz("grpc_framing", 10_000, super::grpc_framing);
    }

    #[test]
    fn timeouts() {
        fuzz("grpc_timeout", 10_000, super::grpc_timeout);
    }

    #[test]
    fn targets() {
        fuzz("http_target", 20_000, super::http_target);
    }

    #[test]
    fn extents() {
        fuzz("http1_extent", 10_000, super::http1_extent);
    }

    #[test]
    fn pem_files() {
        fuzz("pem", 3_000, super::pem);
    }

    #[test]
    fn certificates() {
        fuzz("certificate", 20_000, super::certificate);
    }

    #[test]
    fn private_keys() {
        fuzz("private_key", 1_000, super::private_key);
    }

    #[test]
    fn client_signatures() {
        fuzz("client_signature", 300, super::client_signature);
    }
}
