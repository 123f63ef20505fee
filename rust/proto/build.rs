//! Generates the messages and the client of `VeniceReadService.proto`.
//!
//! The compiler is `protox`, which is Rust: neither Cargo nor Bazel needs a `protoc`. Under Bazel
//! the folder of the .proto is a generated path, so it is given by `PROTO_ROOT`; Cargo finds it
//! beside the workspace.

use std::error::Error;
use std::path::PathBuf;

const FILE: &str = "VeniceReadService.proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=PROTO_ROOT");
    let root = match std::env::var_os("PROTO_ROOT") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../proto"),
    };
    let file = root.join(FILE);
    println!("cargo:rerun-if-changed={}", file.display());

    let descriptors = protox::compile([&file], [&root])
        .map_err(|error| format!("cannot compile {}: {error:?}", file.display()))?;
    // Our server encodes and decodes by hand, in place; the generated half serves tests and
    // clients.
    tonic_prost_build::configure()
        .build_server(false)
        .compile_fds(descriptors)?;
    Ok(())
}
