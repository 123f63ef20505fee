#![no_main]

use venice_server::fuzzing::grpc_timeout;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grpc_timeout(bytes));
