"""The platforms and the names under which RocksJava looks for its native library."""

# Resource names of org.rocksdb.util.Environment#getJniLibraryFileName (RocksJava 9.11.2), by the config_setting of the
# platform. RocksJava finds the library at the root of the class path under this name.
ROCKSJAVA_RESOURCE_NAMES = {
    "//platforms:is_linux_aarch64": "librocksdbjni-linux-aarch64.so",
    "//platforms:is_linux_x86_64": "librocksdbjni-linux64.so",
    "//platforms:is_macos_aarch64": "librocksdbjni-osx-arm64.jnilib",
    "//platforms:is_macos_x86_64": "librocksdbjni-osx-x86_64.jnilib",
}
