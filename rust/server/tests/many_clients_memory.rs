//! What 64 clients make the server hold stays within `max.client.bytes` and 64 MiB, whatever they do, and
//! those beside them are answered. A file, and so a process, of its own: what is measured is the memory
//! of the process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::attack::{all_kinds, attack, stage, BESIDE, MIB};

const BOUND: [&str; 2] = ["max.client.bytes", "67108864"];
const MAX: u64 = (64 * MIB) + BESIDE;

#[test]
fn many_clients_of_each_kind() {
    for (name, kind) in all_kinds() {
        let stage = stage(&BOUND);
        println!("{name}");
        let grown = attack(&stage, &[kind], 64, 3);
        println!("  64 clients: {} MiB", grown / MIB);
        assert!(grown < MAX, "{name}: {grown} bytes");
    }
}
