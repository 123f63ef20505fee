#![no_main]

use venice_catalog::fuzzing::description;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| description(bytes));
