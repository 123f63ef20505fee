#![no_main]

use venice_engine::fuzzing::store_version_state;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| store_version_state(bytes));
