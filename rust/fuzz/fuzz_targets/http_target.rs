#![no_main]

use venice_server::fuzzing::http_target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| http_target(bytes));
