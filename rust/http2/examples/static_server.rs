//! Answers every call with the same message, and `/echo` with what came: for conformance suites, load
//! generators and clients of others.
//!
//! ```text
//! static_server [PORT [BYTES [FRAME_BYTES]]]
//! ```
//!
//! Default: any port, answers of 1,030 bytes with gRPC's five in front, frames of 64 KiB from clients.
//! Prints `serving ADDRESS`, and ends when its input does.

#[path = "../tests/driver/mod.rs"]
mod driver;

use std::io::Read;

use venice_http2::Limits;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |name: &str, default: usize| {
        let Some(text) = arguments.next() else {
            return default;
        };
        text.parse().unwrap_or_else(|_| {
            eprintln!("{name} is {text:?}; write a number, or leave it out");
            std::process::exit(2)
        })
    };
    let port = number("PORT", 0) as u16;
    let bytes = number("BYTES", driver::ANSWER_BYTES).max(5);
    let limits = Limits {
        frame_bytes: number("FRAME_BYTES", 65_536) as u32,
        ..Limits::default()
    };
    println!("serving {}", driver::start(port, limits, bytes));
    // Whoever started this may be gone.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
