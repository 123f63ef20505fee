//! Compiles `cpp/` against the headers of the RocksDB that Cargo links. With the feature `bundled`
//! off there is nothing to do: then the build system has both as C++ libraries of its own.

fn main() {
    println!("cargo:rerun-if-changed=cpp");
    println!("cargo:rerun-if-changed=../engine/cpp");
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "bundled")]
    compile();
}

#[cfg(feature = "bundled")]
fn compile() {
    let package = std::env::var("DEP_ROCKSDB_CARGO_MANIFEST_DIR")
        .expect("rust-librocksdb-sys tells where its package is");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .define("NDEBUG", None)
        .include("../engine/cpp")
        .include(format!("{package}/rocksdb/include"))
        .file("cpp/storage.cc")
        .compile("venice_storage_shim");
}
