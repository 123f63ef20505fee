//! The body of a request over HTTP/1.1, as hyper has it, watched for its end.

use std::pin::Pin;
use std::task::{ready, Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::transport::http1::io::Line;

/// The body of a request. When it breaks, its connection is told: nobody knows where the next request would begin.
pub(super) struct RequestBody {
    body: Incoming,
    line: Line,
}

impl RequestBody {
    pub(super) fn new(body: Incoming, line: &Line) -> RequestBody {
        let line = line.clone();
        RequestBody { body, line }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if matches!(frame, Some(Err(_))) {
            self.line.broke();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
