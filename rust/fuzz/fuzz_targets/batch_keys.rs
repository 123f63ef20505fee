#![no_main]

use venice_server::fuzzing::batch_keys;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| batch_keys(bytes));
