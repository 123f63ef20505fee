//! A request body that is here, for tests.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};

/// A body that comes in these pieces, and does not say how long it is.
pub(crate) struct Frames(VecDeque<Bytes>);

impl Frames {
    pub(crate) fn new(frames: impl IntoIterator<Item = Bytes>) -> Frames {
        Frames(frames.into_iter().collect())
    }

    pub(crate) fn copied(frames: &[&[u8]]) -> Frames {
        Frames::new(frames.iter().map(|frame| Bytes::copy_from_slice(frame)))
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
    }
}
