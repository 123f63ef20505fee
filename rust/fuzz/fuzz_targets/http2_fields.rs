#![no_main]

use venice_http2::fuzzing::fields;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fields(bytes));
