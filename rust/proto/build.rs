//! Generates the messages, the clients and the servers of `VeniceReadService.proto` and of our own
//! `StreamingReadService.proto`, `StoreMetadataService.proto` and `ReadComputeService.proto`.
//!
//! The compiler is `protox`, which is Rust: neither Cargo nor Bazel needs a `protoc`. Under Bazel
//! the folder of the .proto is a generated path, so it is given by `PROTO_ROOT`; Cargo finds it
//! beside the workspace.

use std::error::Error;
use std::path::PathBuf;

const FILES: [&str; 4] = [
    "VeniceReadService.proto",
    "StreamingReadService.proto",
    "StoreMetadataService.proto",
    "ReadComputeService.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=PROTO_ROOT");
    let root = match std::env::var_os("PROTO_ROOT") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../proto"),
    };
    let files = FILES.map(|file| root.join(file));
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
    }

    let descriptors = protox::compile(&files, [&root])
        .map_err(|error| format!("cannot compile {FILES:?} of {}: {error:?}", root.display()))?;
    // Our server encodes and decodes by hand, in place; what is generated serves tests, clients, and
    // the servers that ours is measured against.
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
