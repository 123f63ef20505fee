#![no_main]

use venice_server::fuzzing::streaming_request;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| streaming_request(bytes));
