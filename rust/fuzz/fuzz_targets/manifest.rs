#![no_main]

use venice_engine::fuzzing::manifest;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| manifest(bytes));
