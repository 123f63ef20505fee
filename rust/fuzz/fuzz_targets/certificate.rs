#![no_main]

use venice_server::fuzzing::certificate;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| certificate(bytes));
