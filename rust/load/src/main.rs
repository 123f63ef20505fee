//! Load generator of the read service.
//!
//! ```text
//! load slice  --address A ...   one slice of load on a server, a line of JSON, and a histogram
//! load merge  FILE...           the percentiles of several slices' histograms together
//! load echo                     the other end of the canary: 64 bytes in, 128 bytes out
//! ```
//!
//! One thread, no runtime, HTTP/2 by hand (`http2.rs`): the generator has one core of its own and
//! must take less of it for a request than any server takes of the other.
//!
//! Open loop ([`arguments::Pace::Rate`]): requests have times at which they are due, whatever the
//! server does, and latency counts from there. A server that stalls for 100 ms so has all the late
//! requests of that time on its account (no coordinated omission). The thread spins: no wake-up of
//! its own is in the figures. Closed loop ([`arguments::Pace::Saturation`]): so many requests are
//! always in flight, for the rate that the server can take.
//!
//! Every answer is checked for its code and length, the first ones byte by byte.

#![forbid(unsafe_code)]

mod answer;
mod arguments;
mod echo;
mod error;
mod histogram;
mod http2;
mod requests;
mod slice;
mod socket;

use std::process::ExitCode;

use crate::arguments::{Command, USAGE};
use crate::error::LoadError;

fn run() -> Result<(), LoadError> {
    match Command::parse(std::env::args().skip(1))? {
        Command::Slice(slice) => slice::run(&slice),
        Command::Merge { files, hgrm } => histogram::merge(&files, hgrm.as_deref()),
        Command::Echo => echo::serve(),
        Command::Help => {
            print!("{USAGE}");
            Ok(())
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            if matches!(error, LoadError::Usage(_)) {
                eprintln!("\n{USAGE}");
            }
            ExitCode::FAILURE
        }
    }
}
