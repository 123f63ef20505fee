#![no_main]

use venice_server::fuzzing::pem;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pem(bytes));
