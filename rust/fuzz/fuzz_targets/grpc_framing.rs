#![no_main]

use venice_server::fuzzing::grpc_framing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grpc_framing(bytes));
