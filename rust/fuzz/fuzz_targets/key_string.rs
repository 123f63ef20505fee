#![no_main]

use venice_server::fuzzing::key_string;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| key_string(bytes));
