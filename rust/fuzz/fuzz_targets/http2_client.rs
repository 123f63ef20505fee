#![no_main]

use venice_http2::fuzzing::client;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| client(bytes));
