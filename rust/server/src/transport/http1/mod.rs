//! HTTP/1.1, by hyper: for requests without gRPC, by clients that have nothing else. One request at a time, the
//! same limits, counts and ends as on HTTP/2.

mod io;
mod serve;

pub(crate) use crate::transport::http1::serve::{serve, Begun};
