"""The platforms and the names under which RocksJava looks for its native library."""

# The four platforms of //platforms, by their names there.
#   os, cpu        as @platforms names their constraint values
#   zig_target     of the C++ compiler, with the oldest system that the library loads on: glibc 2.17 (2012), which Rust's
#                  own standard library asks for too, and macOS 11
#   rust_triple    of the Rust compiler
#   resource_name  of org.rocksdb.util.Environment#getJniLibraryFileName (RocksJava 9.11.2): RocksJava finds the library
#                  at the root of the class path under this name
PLATFORMS = {
    "linux_aarch64": struct(
        os = "linux",
        cpu = "aarch64",
        zig_target = "aarch64-linux-gnu.2.17",
        rust_triple = "aarch64-unknown-linux-gnu",
        resource_name = "librocksdbjni-linux-aarch64.so",
    ),
    "linux_x86_64": struct(
        os = "linux",
        cpu = "x86_64",
        zig_target = "x86_64-linux-gnu.2.17",
        rust_triple = "x86_64-unknown-linux-gnu",
        resource_name = "librocksdbjni-linux64.so",
    ),
    "macos_aarch64": struct(
        os = "macos",
        cpu = "aarch64",
        zig_target = "aarch64-macos.11.0",
        rust_triple = "aarch64-apple-darwin",
        resource_name = "librocksdbjni-osx-arm64.jnilib",
    ),
    "macos_x86_64": struct(
        os = "macos",
        cpu = "x86_64",
        zig_target = "x86_64-macos.11.0",
        rust_triple = "x86_64-apple-darwin",
        resource_name = "librocksdbjni-osx-x86_64.jnilib",
    ),
}

# Resource names by the config_setting of the platform, for select().
ROCKSJAVA_RESOURCE_NAMES = {
    "//platforms:is_" + platform: facts.resource_name
    for platform, facts in PLATFORMS.items()
}
