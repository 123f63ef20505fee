#![no_main]

use venice_server::fuzzing::http2_frames;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| http2_frames(bytes));
