//! What 64 clients over TLS make the server hold stays within `max.client.bytes` and 64 MiB, whatever they do, and
//! those beside them are answered. A file, and so a process, of its own: what is measured is the memory
//! of the process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::attack::{attack, kinds_that_wait, tls_stage, BESIDE, MIB};

const BOUND: [&str; 2] = ["max.client.bytes", "67108864"];
const MAX: u64 = (64 * MIB) + BESIDE;

/// Those too that do not even read what belongs to TLS.
#[test]
fn clients_over_tls() {
    let kinds = kinds_that_wait();
    let stage = tls_stage(&BOUND);
    let grown = attack(&stage, &kinds, 64, 10);
    println!("64 clients over TLS: {} MiB", grown / MIB);
    assert!(grown < MAX, "{grown} bytes");
}
