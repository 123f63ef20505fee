#![no_main]

use venice_engine::fuzzing::record_header;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| record_header(bytes));
