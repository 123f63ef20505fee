#![no_main]

use venice_engine::fuzzing::block_search;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| block_search(bytes));
