#![no_main]

use venice_server::fuzzing::key_store;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| key_store(bytes));
