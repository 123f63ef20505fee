//! Generates the messages, the clients and the servers of `VeniceReadService.proto` and of our own
//! `StreamingReadService.proto`, `StoreMetadataService.proto` and `ReadComputeService.proto`; and what the server is
//! compiled with, which is committed there (its `tests/generated_files.rs`), so that who builds the server alone needs
//! no compiler of .proto files.
//!
//! The compiler is `protox`, which is Rust: neither Cargo nor Bazel needs a `protoc`. Under Bazel
//! the folder of the .proto is a generated path, so it is given by `PROTO_ROOT`; Cargo finds it
//! beside the workspace.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use protox::prost::Message;
use protox::prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto,
};

const FILES: [&str; 4] = [
    "VeniceReadService.proto",
    "StreamingReadService.proto",
    "StoreMetadataService.proto",
    "ReadComputeService.proto",
];

/// What the server speaks besides.
const GRPC_FILES: [&str; 3] = [
    "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto",
    "grpc/reflection/v1alpha/reflection.proto",
];

/// Which is not among what reflection tells.
const CHANNELZ: &str = "grpc/channelz/v1/channelz.proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=PROTO_ROOT");
    let root = match std::env::var_os("PROTO_ROOT") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../proto"),
    };
    for file in FILES.iter().chain(&GRPC_FILES).chain([&CHANNELZ]) {
        println!("cargo:rerun-if-changed={}", root.join(file).display());
    }

    let files = FILES.map(|file| root.join(file));
    let descriptors = protox::compile(&files, [&root])
        .map_err(|error| format!("cannot compile {FILES:?} of {}: {error:?}", root.display()))?;
    // Our server encodes and decodes by hand, in place; what is generated serves tests, clients, and
    // the servers that ours is measured against.
    tonic_prost_build::configure().compile_fds(descriptors)?;

    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    fs::write(out.join("reflection_files.inc"), reflection(&root)?)?;
    let descriptors = protox::compile([root.join(CHANNELZ)], [&root])
        .map_err(|error| format!("cannot compile {CHANNELZ} of {}: {error:?}", root.display()))?;
    tonic_prost_build::configure()
        .build_client(false)
        .build_server(false)
        .compile_fds(descriptors)?;
    Ok(())
}

/// The table of the server's `services/reflection.rs`: the served files as descriptors, with their symbols.
fn reflection(root: &Path) -> Result<String, Box<dyn Error>> {
    let files: Vec<PathBuf> = FILES
        .iter()
        .chain(&GRPC_FILES)
        .map(|file| root.join(file))
        .collect();
    // Without comments: nobody who reflects sees them, and every answer would carry them.
    let descriptors = protox::Compiler::new([root])?
        .include_source_info(false)
        .include_imports(true)
        .open_files(&files)
        .map_err(|error| format!("cannot compile {files:?}: {error:?}"))?
        .file_descriptor_set();
    let mut table = String::from("&[\n");
    for file in &descriptors.file {
        if !file.dependency.is_empty() {
            return Err(format!(
                "{} has imports; the server's services/reflection.rs answers with single files: teach it to send \
                 the imported ones too",
                file.name()
            )
            .into());
        }
        writeln!(
            table,
            "    File {{\n        name: {:?},\n        services: &{:?},\n        types: &{:?},\n        symbols: \
             &{:?},\n        descriptor: b\"{}\",\n    }},",
            file.name(),
            services(file),
            types(file),
            symbols(file),
            file.encode_to_vec().escape_ascii(),
        )?;
    }
    table.push_str("]\n");
    Ok(table)
}

fn services(file: &FileDescriptorProto) -> Vec<String> {
    let services = file.service.iter();
    services
        .map(|service| format!("{}.{}", file.package(), service.name()))
        .collect()
}

/// Messages, also those within others.
fn types(file: &FileDescriptorProto) -> Vec<String> {
    fn add(types: &mut Vec<String>, scope: &str, message: &DescriptorProto) {
        let name = format!("{scope}.{}", message.name());
        for inner in &message.nested_type {
            add(types, &name, inner);
        }
        types.push(name);
    }
    let mut types = Vec::new();
    for message in &file.message_type {
        add(&mut types, file.package(), message);
    }
    types
}

/// Everything in a file that has a name, by its full name.
fn symbols(file: &FileDescriptorProto) -> Vec<String> {
    fn enumeration(symbols: &mut Vec<String>, scope: &str, of: &EnumDescriptorProto) {
        symbols.push(format!("{scope}.{}", of.name()));
        // Values belong to what surrounds their enumeration.
        symbols.extend(
            of.value
                .iter()
                .map(|value| format!("{scope}.{}", value.name())),
        );
    }
    fn message(symbols: &mut Vec<String>, scope: &str, of: &DescriptorProto) {
        let name = format!("{scope}.{}", of.name());
        symbols.extend(
            of.field
                .iter()
                .map(|field| format!("{name}.{}", field.name())),
        );
        symbols.extend(
            of.oneof_decl
                .iter()
                .map(|one| format!("{name}.{}", one.name())),
        );
        for inner in &of.nested_type {
            message(symbols, &name, inner);
        }
        for inner in &of.enum_type {
            enumeration(symbols, &name, inner);
        }
        symbols.push(name);
    }
    let mut symbols = Vec::new();
    for of in &file.message_type {
        message(&mut symbols, file.package(), of);
    }
    for of in &file.enum_type {
        enumeration(&mut symbols, file.package(), of);
    }
    for service in &file.service {
        let name = format!("{}.{}", file.package(), service.name());
        symbols.extend(
            service
                .method
                .iter()
                .map(|method| format!("{name}.{}", method.name())),
        );
        symbols.push(name);
    }
    symbols
}
