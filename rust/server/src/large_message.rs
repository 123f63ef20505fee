//! What one client can make the server hold.
//!
//! A call is small, and there may be a thousand at a time. What is large is a few: a request that is
//! not whole yet, and an answer that the client does not read. Each of them needs a place, of which
//! a connection has some; without one a request waits in its sender (flow control), and an answer is
//! given up, and read again when there is a place. So a client that stops reading, or sends drop by
//! drop, costs the server a bounded amount, and its neighbours on other connections nothing.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Messages of more bytes are large. Below it, a thousand calls hold 64 MiB at most, which is what
/// HTTP/2's own windows and frames allow anyway.
pub const LARGE_BYTES: usize = 64 * 1024;

/// Large messages of a connection in each direction at a time: 64 MiB at the default limit of
/// 4 MiB for each, and more than a client that reads ever has in flight.
const AT_ONCE: usize = 16;

/// The places of one connection.
#[derive(Debug)]
pub struct LargeMessages {
    requests: Arc<Semaphore>,
    answers: Arc<Semaphore>,
}

/// One place; free again when it is dropped.
#[derive(Debug)]
pub struct Place(#[allow(dead_code, reason = "its drop matters")] OwnedSemaphorePermit);

impl Default for LargeMessages {
    fn default() -> LargeMessages {
        LargeMessages {
            requests: Arc::new(Semaphore::new(AT_ONCE)),
            answers: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl LargeMessages {
    /// Waits for a place for a request.
    pub(crate) async fn request(&self) -> Place {
        acquired(&self.requests).await
    }

    /// A place for an answer, if there is one.
    pub(crate) fn try_answer(&self) -> Option<Place> {
        Arc::clone(&self.answers)
            .try_acquire_owned()
            .ok()
            .map(Place)
    }

    /// Waits for a place for an answer.
    pub(crate) async fn answer(&self) -> Place {
        acquired(&self.answers).await
    }
}

async fn acquired(places: &Arc<Semaphore>) -> Place {
    let place = Arc::clone(places).acquire_owned().await;
    Place(place.expect("the semaphore is never closed"))
}

/// `bytes`, which keep `place` until the last of them is dropped.
pub(crate) fn keeping(bytes: Bytes, place: Option<Place>) -> Bytes {
    match place {
        None => bytes,
        Some(place) => Bytes::from_owner(Kept {
            bytes,
            _place: place,
        }),
    }
}

struct Kept {
    bytes: Bytes,
    _place: Place,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
