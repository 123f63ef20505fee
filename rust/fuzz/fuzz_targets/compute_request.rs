#![no_main]

use venice_compute::fuzzing::request;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| request(bytes));
