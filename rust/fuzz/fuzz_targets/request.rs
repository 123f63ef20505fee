#![no_main]

use venice_server::fuzzing::request;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| request(bytes));
