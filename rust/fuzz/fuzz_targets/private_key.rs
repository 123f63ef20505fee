#![no_main]

use venice_server::fuzzing::private_key;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| private_key(bytes));
