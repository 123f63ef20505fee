//! Compiles `cpp/` against the headers of the RocksDB that Cargo links. With the feature `bundled`
//! off there is nothing to do: then the build system has both as C++ libraries of its own.

fn main() {
    println!("cargo:rerun-if-changed=cpp");
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "bundled")]
    compile();
}

#[cfg(feature = "bundled")]
fn compile() {
    let package = std::env::var("DEP_ROCKSDB_CARGO_MANIFEST_DIR")
        .expect("rust-librocksdb-sys tells where its package is");
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++17")
        .define("NDEBUG", None)
        .include("cpp")
        .include(format!("{package}/rocksdb/include"))
        // What is in no public header; its macros are those that RocksDB itself is compiled with.
        .include(format!("{package}/rocksdb"))
        .define("ROCKSDB_PLATFORM_POSIX", None)
        .define("ROCKSDB_LIB_IO_POSIX", None)
        .define(
            if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("macos") {
                "OS_MACOSX"
            } else {
                "OS_LINUX"
            },
            None,
        );
    let testing = std::env::var_os("CARGO_FEATURE_TESTING").is_some();
    for entry in std::fs::read_dir("cpp").expect("cpp is beside build.rs") {
        let path = entry.expect("cpp can be listed").path();
        let is_source = path.extension().is_some_and(|extension| extension == "cc");
        let name = path.file_name().unwrap_or_default();
        let for_tests = name.to_string_lossy().starts_with("testing_");
        if is_source && (testing || !for_tests) {
            build.file(path);
        }
    }
    build.compile("venice_engine_shim");
}
