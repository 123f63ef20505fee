#![no_main]

use venice_server::fuzzing::reflection_request;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reflection_request(bytes));
