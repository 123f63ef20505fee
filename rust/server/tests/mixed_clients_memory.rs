//! What 64 clients of all kinds at once make the server hold stays within `max.client.bytes` and 64 MiB, whatever they do, and
//! those beside them are answered. A file, and so a process, of its own: what is measured is the memory
//! of the process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::attack::{attack, kinds_that_wait, stage, BESIDE, MIB};

const BOUND: [&str; 2] = ["max.client.bytes", "67108864"];
const MAX: u64 = (64 * MIB) + BESIDE;

#[test]
fn many_clients_of_all_kinds_at_once() {
    let kinds = kinds_that_wait();
    let stage = stage(&BOUND);
    let grown = attack(&stage, &kinds, 64, 5);
    println!("64 clients: {} MiB", grown / MIB);
    assert!(grown < MAX, "{grown} bytes");
}
