//! What 64 clients make the server hold stays within `max.client.bytes` and 64 MiB, whatever they do, and
//! those beside them are answered. Each kind has a process of its own: what is measured is the memory of the process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::attack::{all_kinds, attack, stage, BESIDE, MIB};
use harness::own_process;

const BOUND: [&str; 2] = ["max.client.bytes", "67108864"];
const MAX: u64 = (64 * MIB) + BESIDE;

#[test]
fn many_clients_of_each_kind() {
    let kinds = all_kinds();
    let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
    own_process::each("many_clients_of_each_kind", &names, |wanted| {
        let mut kinds = kinds.iter();
        let (name, kind) = kinds.find(|(name, _)| *name == wanted).unwrap();
        println!("{name}");
        let grown = attack(&stage(&BOUND), std::slice::from_ref(kind), 64, 3);
        println!("  64 clients: {} MiB", grown / MIB);
        assert!(grown < MAX, "{name}: {grown} bytes");
    });
}
