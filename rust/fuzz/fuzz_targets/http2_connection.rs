#![no_main]

use venice_http2::fuzzing::connection;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| connection(bytes));
