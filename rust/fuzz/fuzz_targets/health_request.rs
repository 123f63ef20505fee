#![no_main]

use venice_server::fuzzing::health_request;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| health_request(bytes));
