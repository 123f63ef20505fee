#![no_main]

use venice_server::fuzzing::http1_extent;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| http1_extent(bytes));
