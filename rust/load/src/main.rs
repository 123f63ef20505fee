//! Load generator of the read service.
//!
//! ```text
//! load slice  --address A ...   one slice of load on a server, a line of JSON, and a histogram
//! load merge  FILE...           the percentiles of several slices' histograms together
//! load request ...              one request of a slice, for other clients
//! load echo                     the other end of the canary: 64 bytes in, 128 bytes out; --spin: it never sleeps
//! ```
//!
//! `venice_load::run` has the loop that sends, receives and measures.
//!
//! Every answer is checked for its code and length, the first ones byte by byte.

#![forbid(unsafe_code)]

mod answer;
mod arguments;
mod requests;
mod slice;

use std::process::ExitCode;

use crate::arguments::{Command, USAGE};
use venice_load::error::LoadError;
use venice_load::{echo, histogram};

fn run() -> Result<(), LoadError> {
    match Command::parse(std::env::args().skip(1))? {
        Command::Slice(slice) => slice::run(&slice),
        Command::Request(slice) => slice::print_request(&slice),
        Command::Merge { files, hgrm } => histogram::merge(&files, hgrm.as_deref()),
        Command::Echo { spins } => echo::serve(spins),
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
