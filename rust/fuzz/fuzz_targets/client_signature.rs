#![no_main]

use venice_server::fuzzing::client_signature;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| client_signature(bytes));
