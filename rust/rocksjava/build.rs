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
    // Tests compare with what stands there.
    println!("cargo:rustc-env=ROCKSDB_SOURCES={package}/rocksdb");
    let system = match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => "OS_MACOSX",
        _ => "OS_LINUX",
    };
    let mut sources: Vec<_> = std::fs::read_dir("cpp")
        .expect("cpp is a folder of this package")
        .map(|entry| entry.expect("cpp can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cc"))
        .collect();
    sources.sort();
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .define("NDEBUG", None)
        // RocksDB's internal headers, which need what RocksDB itself is compiled with.
        .define(system, None)
        .define("ROCKSDB_LIB_IO_POSIX", None)
        .define("ROCKSDB_PLATFORM_POSIX", None)
        .define("ROCKSDB_SUPPORT_THREAD_LOCAL", None)
        .flag("-Wno-unused-parameter")
        .include("../engine/cpp")
        .include(format!("{package}/rocksdb/include"))
        .include(format!("{package}/rocksdb"))
        .files(sources)
        .compile("venice_rocksjava_shim");
}
