//! Why the body of a request does not come to its end, whoever reads it from the connection.

use std::convert::Infallible;
use std::error::Error as _;
use std::io;

use crate::grpc::framing::FrameError;

/// Bodies of our own HTTP/2 just end; those that are here cannot break.
impl From<Infallible> for FrameError {
    fn from(never: Infallible) -> FrameError {
        match never {}
    }
}

/// hyper says what is wrong with a body of HTTP/1.1 by the kind of an I/O error behind its own. Everything else is the
/// connection's, or HTTP/2's.
impl From<hyper::Error> for FrameError {
    fn from(error: hyper::Error) -> FrameError {
        let source = error.source();
        let source = source.and_then(|source| source.downcast_ref::<io::Error>());
        match source.map(io::Error::kind) {
            Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                FrameError::Malformed(source.map_or_else(String::new, io::Error::to_string))
            }
            Some(io::ErrorKind::UnexpectedEof) => FrameError::CutOff,
            _ => FrameError::Transport(error.to_string()),
        }
    }
}
