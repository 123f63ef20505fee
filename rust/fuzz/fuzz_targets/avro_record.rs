#![no_main]

use venice_avro::fuzzing::record;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| record(bytes));
