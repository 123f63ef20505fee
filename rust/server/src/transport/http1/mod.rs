//! HTTP/1.1, by hyper: for requests without gRPC, by clients that have nothing else. One request at a time, the
//! same limits, counts and ends as on HTTP/2.

mod extent;
mod framing;
mod head;
mod io;
mod leaving;
mod request_body;
mod serve;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use crate::transport::http1::extent::check_cuts;
pub(crate) use crate::transport::http1::serve::{serve, Begun};
