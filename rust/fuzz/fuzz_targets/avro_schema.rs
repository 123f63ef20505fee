#![no_main]

use venice_avro::fuzzing::schema;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| schema(bytes));
